/** How one registry is spoken to. */
export interface RegistryConfig {
  /** Tried in order before the registry itself: `http://127.0.0.1:5000`. */
  readonly mirrors: readonly string[];
  /** Plain http for this registry; loopback registries are tried over http anyway. */
  readonly insecure: boolean;
  readonly caFile: string | undefined;
}
