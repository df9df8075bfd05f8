import { StatusError } from "../../errors/status-error.ts";
import type { MessageExchange } from "../transport.ts";
import { type CallFacts, cancelled } from "../wire-error.ts";
import type { CallSink, LeanCall } from "./lean-call.ts";
import { MessageQueue } from "./message-queue.ts";

/** A call with many messages both ways. What the server does not read is waited for in `send`. */
export class LeanExchange implements MessageExchange {
  readonly #facts: CallFacts;
  readonly #start: (message: Uint8Array, sink: CallSink) => LeanCall;
  readonly #answers = new MessageQueue();
  #call: LeanCall | undefined;
  #sent: PromiseWithResolvers<void> | undefined;
  #end: StatusError | undefined;

  constructor(facts: CallFacts, start: (message: Uint8Array, sink: CallSink) => LeanCall) {
    this.#facts = facts;
    this.#start = start;
  }

  async send(message: Uint8Array): Promise<void> {
    if (this.#end !== undefined) throw this.#end;
    const sent = Promise.withResolvers<void>();
    this.#sent = sent;
    if (this.#call === undefined) this.#call = this.#start(message, this.#sink());
    else this.#call.send(message);
    await sent.promise;
  }

  receive(): Promise<Uint8Array | undefined> {
    return this.#answers.next(() => this.#call?.takeMore());
  }

  cancel(): void {
    this.#call?.fail(cancelled(this.#facts));
  }

  #sink(): CallSink {
    const { endpoint, method } = this.#facts;
    return {
      onMessage: (message) => this.#answers.onMessage(message),
      onSent: () => this.#sent?.resolve(),
      onEnd: (error, isLocal) => {
        this.#end = error ?? new StatusError("Internal", `"${endpoint}" ended "${method}" early`);
        this.#sent?.reject(this.#end);
        this.#answers.onEnd(error, isLocal);
      },
    };
  }
}
