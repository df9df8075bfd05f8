import { DEFAULT_CONFIG_FILE, loadSettings } from "../config/load-settings.ts";
import type { Settings } from "../config/settings.ts";
import type { Context, Session } from "./context.ts";

/** What a shell's own commands need of a backend: the context of a command without flags. */
export async function openContext(session: Session): Promise<Context> {
  const { globalFlags: flags, env } = session;
  return createContext(
    session,
    await loadSettings({ flags, env, defaultFile: DEFAULT_CONFIG_FILE }),
  );
}

export function createContext(session: Session, settings: Settings): Context {
  const { env, cwd, signal, stdin } = session;
  const debug = (line: string) => {
    if (settings.debug) void session.stderr.write(`debug: ${line}\n`);
  };
  const warn = (line: string) => void session.stderr.write(`warning: ${line}\n`);
  const open = () => session.backends.open({ settings, env, signal, debug, warn });
  const openTold = async () => {
    const { debugBackend } = await import("./debug-backend.ts");
    return debugBackend(await open(), debug);
  };
  return {
    settings,
    env,
    cwd,
    signal,
    stdin,
    stdout: withColor(session.stdout, settings),
    stderr: withColor(session.stderr, settings),
    backend: settings.debug ? once(openTold) : open,
    confirm: (question) => session.confirm(question, signal),
    askText: (question) => session.askText(question, signal),
    askSecret: (question) => session.askSecret(question, signal),
    pick: (request) => session.pick(request, signal),
    session,
  };
}

/** The first call's result for all: what is asked twice for a backend is given the same. */
function once<T>(call: () => T): () => T {
  let result: { readonly value: T } | undefined;
  return () => {
    result ??= { value: call() };
    return result.value;
  };
}

/** --color over what the stream found out about itself. The stream may have state: it is not copied. */
function withColor(stream: Context["stdout"], settings: Settings): Context["stdout"] {
  if (settings.color === "auto") return stream;
  return Object.create(stream, { color: { value: settings.color === "always" } });
}
