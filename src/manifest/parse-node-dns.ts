import type { NodeDns } from "./node-facts.ts";

/** resolv.conf(5): the last search line counts, name servers add up. */
export function parseNodeDns(text: string): NodeDns {
  const servers: string[] = [];
  const options: string[] = [];
  let searches: string[] = [];
  for (const line of text.split("\n")) {
    const [keyword, ...values] = line
      .replace(/[#;].*/, "")
      .trim()
      .split(/\s+/);
    if (keyword === "nameserver" && values[0] !== undefined) servers.push(values[0]);
    if (keyword === "options") options.push(...values);
    if (keyword === "search" || keyword === "domain") searches = values;
  }
  return { servers, searches, options };
}
