/** What can be begun with a pod and not ended: the kinds of its intents. */
export const SANDBOX_INTENTS = {
  run: "sandbox-run",
  stop: "sandbox-stop",
  remove: "sandbox-remove",
} as const;
