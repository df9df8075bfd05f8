import { STATUS_CODES, type StatusCode } from "./status-error.ts";

/** The number that stands for the code on the wire (1 to 16). */
export function toGrpcCode(code: StatusCode): number {
  return STATUS_CODES.indexOf(code) + 1;
}

/** The code for a wire number; Unknown for a number outside the closed set. */
export function fromGrpcCode(number: number): StatusCode {
  return STATUS_CODES[number - 1] ?? "Unknown";
}
