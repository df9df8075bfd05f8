/** Kept for the commands: the shared one serves every room. */
export { nearestName } from "../errors/nearest-name.ts";
