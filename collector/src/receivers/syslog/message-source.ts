import type { Entry } from '../../parsing/entry.js';
import type { EntrySink, Program } from '../../parsing/operators/program.js';
import type { MessageBatcher } from './batcher.js';

export interface MessageSourceOptions {
  readonly batcher: Pick<MessageBatcher, 'hold' | 'add' | 'release'>;
  /** A message was no syslog, or an operator could not do its work on it. */
  readonly unparsed: () => void;
  /** Operators dropped a message. */
  readonly dropped: () => void;
}

/** Takes messages of one sender through operators, which may put some of them together. */
export class MessageSource {
  readonly #program: Program;
  readonly #options: MessageSourceOptions;
  readonly #sink: EntrySink;
  /** Of messages that came since a record last came out. */
  #heldBytes = 0;
  #timer: NodeJS.Timeout | null = null;
  #cameOut = false;

  constructor(program: Program, options: MessageSourceOptions) {
    this.#program = program;
    this.#options = options;
    const { batcher } = options;
    this.#sink = {
      emit: (entry, failed) => {
        if (failed) options.unparsed();
        batcher.add(entry, this.#settle());
      },
      dropped: (failed) => {
        if (failed) options.unparsed();
        options.dropped();
        batcher.release(this.#settle());
      },
    };
  }

  get isHolding(): boolean {
    return this.#program.heldFrom !== Infinity;
  }

  /** @param failed it could not be read as syslog @param flushed to be called when what is held went on because of its age */
  take(entry: Entry, bytes: number, failed: boolean, flushed: () => void): void {
    this.#options.batcher.hold(bytes);
    this.#heldBytes += bytes;
    this.#cameOut = false;
    this.#program.run(entry, '', 0, this.#sink, failed);
    // The time begins with the first message of what is held.
    if (this.#cameOut) this.#disarm();
    if (this.isHolding && this.#timer === null && this.#program.flushAfterMs > 0) {
      this.#timer = setTimeout(() => {
        this.flush();
        flushed();
      }, this.#program.flushAfterMs);
    }
  }

  /** What is held becomes records as it is. */
  flush(): void {
    this.#disarm();
    this.#program.flush('', this.#sink);
  }

  #disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** The bytes that go with a record: of all messages before it, and of the one that made it come out. */
  #settle(): number {
    this.#cameOut = true;
    const bytes = this.#heldBytes;
    this.#heldBytes = 0;
    return bytes;
  }
}
