/**
 * The frozen result of flags, environment and configuration file, in that order of precedence.
 * Specification: crictl's crictl.yaml and its keys.
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
  /** Where the settings came from, for `crish info` and error messages. */
  readonly configFile: string | undefined;
}
