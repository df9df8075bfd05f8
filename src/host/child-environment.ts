/**
 * What a child process gets of an environment: all of it but the variables that change the runtime
 * under crish (options, preloaded code, an inspector, the channel to a parent). They are meant for
 * this process by whoever started it; a helper that is this program again would obey them a second
 * time, with whatever files and descriptors it was started with.
 */
export function childEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !CHANGES_THE_RUNTIME.test(name)),
  );
}

const CHANGES_THE_RUNTIME = new RegExp(
  [
    "^(BUN|JSC|BMALLOC)_",
    "^NODE_(OPTIONS|PATH|DEBUG.*|V8_COVERAGE|(DISABLE_)?COMPILE_CACHE.*|REPL_.*|ICU_DATA)$",
    "^NODE_(CHANNEL_.*|UNIQUE_ID|CLUSTER_.*|PENDING_.*|NO_WARNINGS|REDIRECT_WARNINGS)$",
    "^NODE_(PRESERVE_SYMLINKS.*|TLS_REJECT_UNAUTHORIZED|SKIP_PLATFORM_CHECK)$",
    "^UV_THREADPOOL_SIZE$",
  ].join("|"),
);
