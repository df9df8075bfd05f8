/**
 * The frozen result of flags, environment, context and configuration file, in that order of
 * precedence. Specification: crictl's crictl.yaml and its keys.
 */
export interface Settings {
  /** Undefined where the endpoint is to be detected. */
  readonly runtimeEndpoint: string | undefined;
  /** Undefined where it is the runtime's. */
  readonly imageEndpoint: string | undefined;
  /** Overrides the deadline of every kind of call; undefined leaves each kind its own. */
  readonly timeoutMs: number | undefined;
  readonly connectTimeoutMs: number;
  readonly maxRetries: number;
  /** Undefined where the kind of endpoint decides: lean on unix sockets, grpc-js on tcp. */
  readonly transport: "lean" | "grpc-js" | undefined;
  readonly debug: boolean;
  readonly pullImageOnCreate: boolean;
  readonly disablePullOnRun: boolean;
  readonly color: "auto" | "always" | "never";
  /** Undefined where nothing is traced. */
  readonly tracing: TracingSettings | undefined;
  /** The context of crish's own configuration that names the runtime; undefined for none. */
  readonly context: string | undefined;
  /** Where the settings came from, for `crish info` and error messages. */
  readonly configFile: string | undefined;
}

export interface TracingSettings {
  /** HOST:PORT of a collector that speaks OTLP over gRPC. */
  readonly endpoint: string;
  /** Traces in a million that are kept; -1 for all. */
  readonly samplesPerMillion: number;
}

/** Who said so: a flag, a variable, a context or a file by its name, or nobody. */
export interface SettingSource {
  readonly kind: "flag" | "environment" | "context" | "file" | "default";
  readonly name?: string;
}

/** Each setting with where it came from. */
export type ExplainedSettings = {
  readonly [Name in keyof Settings]: {
    readonly value: Settings[Name];
    readonly source: SettingSource;
  };
};
