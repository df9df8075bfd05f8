/** Where a runtime's streaming URLs lead that name no server: behind kubelet, as in crictl. */
const DEFAULT_HOST = "127.0.0.1:10250";

/** The URL of Exec, Attach or PortForward with the scheme and host that the runtime left out. */
export function completeStreamUrl(url: string): string {
  const [, scheme = "http:", rest = url] =
    /^([A-Za-z][A-Za-z0-9+.-]*:)(?=\/\/)(.*)$/.exec(url) ?? [];
  if (rest.startsWith("///")) return `${scheme}//${DEFAULT_HOST}${rest.slice(2)}`;
  if (rest.startsWith("//")) return `${scheme}${rest}`;
  if (rest.startsWith("/")) return `${scheme}//${DEFAULT_HOST}${rest}`;
  return `${scheme}//${rest}`;
}
