/**
 * The client half of exec, attach and port-forward: given a URL of a CRI server's streaming server,
 * it opens the channels and moves the bytes between them and the caller's streams.
 *
 * It owns the choice of protocol, the upgrade of the connection, and the terminal's raw mode and
 * detach keys. It knows no RPC, no command line, and never closes the caller's streams.
 * Specification: the streaming part of the CRI (Exec, Attach, PortForward return a URL), Kubernetes
 * remote command protocols over SPDY/3.1 and WebSocket.
 */
export interface DialOptions {
  /**
   * `auto` is SPDY, which every server of the field speaks and which alone can close stdin with all
   * of them: containerd 1.6 and 2.1 know no later WebSocket protocol than v4. With `websocket`, a
   * request whose stdin must be closed is refused with FailedPrecondition where the server has not v5.
   */
  readonly transport?: "auto" | "spdy" | "websocket" | undefined;
  /** For https URLs. Certificates are not verified unless a `ca` is given, as in crictl. */
  readonly tls?: DialTlsOptions | undefined;
  /** Until the connection is upgraded and its streams are accepted. */
  readonly connectTimeoutMs?: number | undefined;
}

export interface DialTlsOptions {
  /** Name for SNI and for the certificate, where it is not the URL's host. */
  readonly serverName?: string;
  /** PEM. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export const CONNECT_TIMEOUT_MS = 30_000;
export const PING_INTERVAL_MS = 5_000;
