/** YAML with sorted keys, as crictl sorts them. */
export async function renderYaml(value: unknown): Promise<string> {
  const { stringify } = await import("yaml");
  return stringify(value, { sortMapEntries: true, lineWidth: 0 });
}
