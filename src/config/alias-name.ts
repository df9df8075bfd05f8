const ALIAS_NAME = /^[^\s'"\\$&|;<>`=/#!~-][^\s'"\\$&|;<>`=/]*$/;

/** Whether a word can be the name of an alias: it must be typed without quotes. */
export function isAliasName(name: string): boolean {
  return ALIAS_NAME.test(name);
}
