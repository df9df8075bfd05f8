/**
 * Whether a line seems to bear a secret, so that no history must remember it. It rather forgets a
 * harmless line than that it remembers a password. Repetitions have limits, so that a pasted
 * document takes no longer than its length.
 */
export function bearsSecret(line: string): boolean {
  return SECRETS.some((pattern) => pattern.test(line));
}

const WORD = "pass(?:word|wd|phrase)?|secret|token|credentials?|(?:api|access|private)[-_]?key";
const SHORT_WORD = "auth|creds?|pwd|pw";
/** Names that have such a word in them: PGPASSWORD, api_token_2, but not author. */
const NAME = `[\\w-]*(?:${WORD})(?:[_-]?\\w{0,64})|(?:[\\w-]*[_-])?(?:auth|creds?)|[\\w-]*[_-](?:pwd|pw)`;

const SECRETS: readonly RegExp[] = [
  // --creds u:p, --registry-token=…, -password …
  new RegExp(`(?:^|\\s)--?(?:[\\w-]*(?:${WORD})|(?:[\\w-]+-)?(?:${SHORT_WORD}))(?:[\\s=]|$)`, "i"),
  // PGPASSWORD=…, -e API_TOKEN=…, !TOKEN=… program, https://host/?access_token=…
  new RegExp(`(?:^|[^\\w-])(?:${NAME})=\\S`, "i"),
  // set password = …, set password …
  new RegExp(`(?:^|[\\s;&])set\\s+(?:${NAME}|${SHORT_WORD})(?:\\s|=|$)`, "i"),
  // "password": "…", as a pasted document has it
  new RegExp(`(?:^|[\\s{,"'])(?:${NAME})(?:["']\\s*:\\s*\\S|\\s*:\\s+\\S)`, "i"),
  // login, docker login, and what is asked for there
  /(?:^|[;&|!]\s*)(?:\S{1,200}\s+)?login(?:\s|$)/,
  // curl -u user:password, but not a user and a group by their numbers
  /(?:^|\s)(?:-u|--user)(?:\s+|=|(?=[^\s:]+:))(?!\d+:\d+(?:\s|$))['"]?[^\s:]+:\S/,
  // https://user:password@host
  /\w:\/\/[^\s/@]+@/,
  // -H "Authorization: token …"
  /\bauthorization["']?\s*[:=]/i,
  /\b(?:bearer|basic)\s+[\w+/=.~-]{8,}/i,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|AKIA[0-9A-Z]{16}|eyJ[\w-]{10,}\.[\w-]{10,})/,
  /\b(?:glpat-[\w-]{20,}|xox[abeoprs]-[\w-]{10,}|hf_\w{20,}|npm_\w{36})/,
  /(?:^|[\s!|;&])(?:sshpass|htpasswd|chpasswd|create\s+secret)(?:[\s'"]|$)/,
  // mysql -psecret, redis-cli -a secret
  /\b(?:mysql|mariadb)[\w-]*\s(?:.{0,200}\s)?-p\S/,
  /\bredis-cli\s(?:.{0,200}\s)?-a\s/,
];
