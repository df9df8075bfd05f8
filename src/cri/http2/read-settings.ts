import { readU16, readU32 } from "./frame-reader.ts";
import {
  DEFAULT_FRAME_BYTES,
  ERROR,
  MAX_FRAME_BYTES,
  MAX_WINDOW_BYTES,
  SETTING,
} from "./protocol.ts";
import { Violation } from "./violation.ts";

const ENTRY_BYTES = 6;

/** The settings that a frame changes, in its order, each within its bounds; unknown ones are passed over. */
export function readSettings(payload: Uint8Array): readonly (readonly [number, number])[] {
  if (payload.length % ENTRY_BYTES !== 0) {
    throw new Violation(ERROR.frameSize, "a SETTINGS frame of a wrong size");
  }
  const settings: (readonly [number, number])[] = [];
  for (let at = 0; at < payload.length; at += ENTRY_BYTES) {
    const id = readU16(payload, at);
    const value = readU32(payload, at + 2);
    checkSetting(id, value);
    settings.push([id, value]);
  }
  return settings;
}

function checkSetting(id: number, value: number): void {
  if (id === SETTING.enablePush && value !== 0) {
    throw new Violation(ERROR.protocol, "an offer to push");
  }
  if (id === SETTING.initialWindowSize && value > MAX_WINDOW_BYTES) {
    throw new Violation(ERROR.flowControl, `an initial window of ${value} bytes`);
  }
  if (id === SETTING.maxFrameSize && (value < DEFAULT_FRAME_BYTES || value > MAX_FRAME_BYTES)) {
    throw new Violation(ERROR.protocol, `a largest frame of ${value} bytes`);
  }
}
