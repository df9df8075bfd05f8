/** The other side broke the protocol or went beyond a limit: the connection ends with this code. */
export class Violation extends Error {
  /** For GOAWAY, one of `ERROR`. */
  readonly errorCode: number;

  constructor(errorCode: number, message: string) {
    super(message);
    this.name = "Violation";
    this.errorCode = errorCode;
  }
}
