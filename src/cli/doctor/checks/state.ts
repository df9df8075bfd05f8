import { formatCount } from "../../../output/format-count.ts";
import type { NodeInspector } from "../../../runtime/index.ts";
import { type Check, type Finding, fail, ok, warn } from "../finding.ts";

const SHOWN = 3;

/** The database of the root, and what killed processes have left. Nothing is made or repaired here. */
export const state: Check = {
  id: "state",
  title: "database and leftovers",
  embedded: true,
  async run({ node, isRoot }) {
    const findings: Finding[] = [];
    if (node.isForeignMountNamespace()) {
      findings.push(
        fail(
          "state.namespace",
          `the pods below "${node.paths.state}" are mounted in another mount namespace`,
          "run crish on the host itself, or name another state directory with CRISH_STATE",
        ),
      );
    }
    const facts = await node.database();
    return [...findings, ...judge(facts), ...(isRoot ? leftovers(facts) : [])];
  },
};

type Facts = Awaited<ReturnType<NodeInspector["database"]>>;

function judge(facts: Facts): Finding[] {
  const { file, schema, knownSchema, soundness, counts, users } = facts;
  const id = "state.database";
  if (schema === undefined || schema === 0) return [ok(id, `no database yet: "${file}"`)];
  const who = users.map(({ command, pid }) => `${command} (pid ${pid})`).join(", ");
  if (!facts.isUsable) {
    const text = `"${file}" was written by a newer crish (schema ${schema}, known up to ${knownSchema})`;
    return [fail(id, text, "install the newer crish, or name another root with CRISH_ROOT")];
  }
  if (soundness !== undefined && soundness !== "ok") {
    return [
      fail(
        id,
        `"${file}" is damaged: ${soundness}`,
        "stop what uses it, put the file away with crish.db-wal and crish.db-shm, and pull the images again; containers that run go on unmanaged",
      ),
    ];
  }
  const held = [
    formatCount(counts.sandboxes, "pod"),
    formatCount(counts.containers, "container"),
    formatCount(counts.images, "image"),
  ].join(", ");
  const findings = [
    ok(id, `"${file}": schema ${schema}, ${held}${who === "" ? "" : `, open in ${who}`}`),
  ];
  if (schema < knownSchema && users.length > 0) {
    findings.push(
      warn(
        "state.upgrade",
        `the database waits for schema ${knownSchema} while ${who} uses it`,
        "stop what uses it, and the next crish brings it up to date",
      ),
    );
  }
  return findings;
}

function leftovers({ intents, strays }: Facts): Finding[] {
  const dead = intents.filter(({ ownerLives }) => !ownerLives);
  const alive = intents.length - dead.length;
  const findings: Finding[] = [];
  if (alive > 0) findings.push(ok("state.work", `under way: ${formatCount(alive, "operation")}`));
  if (dead.length > 0) {
    const named = shorten(dead.map(({ kind, subject }) => `${kind} ${subject.slice(0, 13)}`));
    findings.push(
      warn(
        "state.leftovers",
        `killed processes left ${dead.length} unfinished: ${named}`,
        "the next command on the embedded runtime undoes or completes them: crish -r embedded: ps",
      ),
    );
  }
  if (strays.length > 0) {
    findings.push(
      warn(
        "state.strays",
        `directories of no pod or container: ${shorten(strays)}`,
        "see what is mounted or runs there (crish bundle lists it), unmount it, and remove them",
      ),
    );
  }
  return findings;
}

function shorten(names: readonly string[]): string {
  const more = names.length - SHOWN;
  return names.slice(0, SHOWN).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
