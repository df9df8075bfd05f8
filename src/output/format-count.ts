/** `1 pod`, `2 pods`: for words whose plural ends in s. */
export function formatCount(count: number, name: string): string {
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}
