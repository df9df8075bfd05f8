/** The text without the `user:password@` of any address in it. */
export function redactCredentials(text: string): string {
  return text.replaceAll(/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/"@]*:[^\s/"@]*@/gi, "$1***@");
}
