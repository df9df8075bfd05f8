import { StatusError } from "../errors/status-error.ts";
import { useNormalJitAfterStart } from "../host/normal-jit.ts";

/**
 * The processes that crish starts of itself: `crish internal NAME …`. Resolves to the status with
 * which the process ends. Not for users; InvalidArgument for an unknown name.
 */
export async function runInternal(argv: readonly string[]): Promise<number> {
  useNormalJitAfterStart();
  const [name, ...rest] = argv[0] === "internal" ? argv.slice(1) : argv;
  switch (name) {
    case "attach": {
      const { runAttachHelper } = await import("./shim/run-attach-helper.ts");
      return await runAttachHelper(rest);
    }
    case "dial": {
      const { runDialHelper } = await import("./shim/run-dial-helper.ts");
      return await runDialHelper();
    }
    default:
      throw new StatusError("InvalidArgument", `there is no internal process "${name ?? ""}"`);
  }
}
