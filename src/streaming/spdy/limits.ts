/** What we let a peer have in flight on each stream. */
export const WINDOW_BYTES = 1_048_576;
/** More unread bytes than a peer with windows can cause. */
export const STALL_BYTES = 2 * WINDOW_BYTES;
/** Control frames are small in this field; a longer one is an attack. */
export const MAX_CONTROL_BYTES = 65_536;
/** Of answers that the peer does not read. */
export const MAX_CONTROL_BACKLOG_BYTES = 262_144;
