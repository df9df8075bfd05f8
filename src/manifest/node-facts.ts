/** What a pod's configuration depends on beside its manifest. */
export interface NodeFacts {
  readonly nodeName: string;
  readonly hostIp: string;
  readonly memoryBytes: bigint;
  readonly cpus: number;
  /** Of /etc/resolv.conf. */
  readonly dns: NodeDns;
}

export interface NodeDns {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}
