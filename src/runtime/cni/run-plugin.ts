import { runProcess } from "../../host/run-process.ts";
import { CniError } from "./cni-error.ts";
import { getPlugin } from "./find-plugin.ts";
import type { Attachment, CniResult, PluginConfig } from "./network-list.ts";

export interface PluginCall {
  readonly command: "ADD" | "DEL" | "CHECK";
  readonly attachment: Attachment;
  readonly plugin: PluginConfig;
  /** Of the plugin before it at ADD, the cached one at DEL and CHECK. */
  readonly previousResult: CniResult | undefined;
  /** Empty where the namespace is gone already. */
  readonly namespaceFile: string;
  readonly pluginDirs: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** No plugin of the standard set takes seconds; one that hangs must not hold a pod for ever. */
const TIMEOUT_MS = 90_000;

/**
 * Runs one plugin; resolves to its result, undefined where it printed none. Rejects with
 * FailedPrecondition when the plugin is not installed and with CniError when it refuses, or prints at
 * ADD what is no result.
 */
export async function runPlugin(call: PluginCall): Promise<CniResult | undefined> {
  const { command, attachment, plugin } = call;
  const path = getPlugin(plugin.type, call.pluginDirs);
  const { exitCode, signal, stdout, stderr } = await runProcess(path, [], {
    input: JSON.stringify(pluginInput(call)),
    env: {
      PATH: process.env.PATH ?? "/usr/sbin:/usr/bin:/sbin:/bin",
      CNI_COMMAND: command,
      CNI_CONTAINERID: attachment.containerId,
      CNI_NETNS: call.namespaceFile,
      CNI_IFNAME: attachment.interfaceName,
      CNI_ARGS: formatArgs(attachment.args),
      CNI_PATH: call.pluginDirs.join(":"),
    },
    timeoutMs: TIMEOUT_MS,
    ...(call.signal === undefined ? {} : { signal: call.signal }),
  });
  const printed = stdout.toString().trim();
  const output = parseObject(printed);
  if (exitCode === 0) {
    // What it has done cannot be known then, nor handed on; the outputs of the others do not matter.
    if (command === "ADD" && printed !== "" && output === undefined) {
      throw pluginError(call, undefined, `it gave no result but ${beginning(printed)}`);
    }
    return output as CniResult | undefined;
  }
  throw pluginError(call, output, stderr.toString().trim() || (signal ?? `status ${exitCode}`));
}

/** The list's name and version, the plugin's own fields, and of the capabilities those it declares. */
function pluginInput({ attachment, plugin, previousResult }: PluginCall): object {
  const { capabilities, ...fields } = plugin;
  const granted = Object.entries(attachment.capabilities).filter(([name]) => capabilities?.[name]);
  return {
    ...fields,
    name: attachment.list.name,
    cniVersion: attachment.list.cniVersion,
    ...(granted.length === 0 ? {} : { runtimeConfig: Object.fromEntries(granted) }),
    ...(previousResult === undefined ? {} : { prevResult: previousResult }),
  };
}

/** Pairs that the format cannot carry are left out. */
function formatArgs(args: Readonly<Record<string, string>>): string {
  return Object.entries(args)
    .filter(([, value]) => !/[;=\0]/.test(value))
    .map(([name, value]) => `${name}=${value}`)
    .join(";");
}

function pluginError(call: PluginCall, output: unknown, fallback: string): CniError {
  const { code, msg, details } = (output ?? {}) as {
    code?: number;
    msg?: string;
    details?: string;
  };
  const reason = msg === undefined ? fallback : [msg, details].filter(Boolean).join("; ");
  const missing = /exec: "(iptables|ip6tables|nft)": executable file not found/.exec(reason)?.[1];
  const verb = call.command === "DEL" ? "take the pod out of" : "add the pod to";
  return new CniError(
    `the CNI plugin "${call.plugin.type}" could not ${call.command === "CHECK" ? "find the pod as it left it in" : verb} the network "${call.attachment.list.name}"`,
    {
      plugin: call.plugin.type,
      pluginCode: code ?? 0,
      reason,
      ...(missing === undefined
        ? {}
        : {
            hint: `install ${missing}: apt-get install ${missing === "nft" ? "nftables" : "iptables"}`,
          }),
    },
  );
}

/** Undefined for what is no JSON object. */
function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? value : undefined;
  } catch {
    return undefined;
  }
}

const LONGEST_BEGINNING = 100;

function beginning(text: string): string {
  const isLong = text.length > LONGEST_BEGINNING;
  return JSON.stringify(isLong ? `${text.slice(0, LONGEST_BEGINNING)}…` : text);
}
