import { detachedPlace } from '../../config/place.js';
import type { Entry } from '../../parsing/entry.js';
import { compileOperators } from '../../parsing/operators/compile.js';
import type { Program } from '../../parsing/operators/program.js';
import { MessageSource, type MessageSourceOptions } from './message-source.js';

/** What tells senders apart: a connection, or the address that datagrams come from. */
export type Sender = object | string;

type Operators = readonly Readonly<Record<string, unknown>>[];

/** Programs that hold nothing are used for other senders; so many are kept. */
const MAX_IDLE = 100;

/** The ways of messages through the operators: one for all, or, where operators put messages together, one for each sender that has some held. */
export class MessageSources {
  readonly #operators: Operators;
  readonly #options: MessageSourceOptions;
  /** Null: there are no operators. */
  readonly #shared: Program | null;
  readonly #holding = new Map<Sender, MessageSource>();
  readonly #idle: MessageSource[] = [];

  constructor(operators: Operators, options: MessageSourceOptions) {
    this.#operators = operators;
    this.#options = options;
    this.#shared = operators.length === 0 ? null : this.#newProgram();
    if (this.#shared?.holds === false) this.#idle.push(new MessageSource(this.#shared, options));
  }

  /** @param failed it could not be read as syslog */
  take(sender: Sender, entry: Entry, bytes: number, failed: boolean): void {
    if (this.#shared === null) {
      const { batcher, unparsed } = this.#options;
      if (failed) unparsed();
      batcher.hold(bytes);
      batcher.add(entry, bytes);
      return;
    }
    const source = this.#holding.get(sender) ?? this.#idle.pop() ?? new MessageSource(this.#newProgram(), this.#options);
    this.#holding.set(sender, source);
    source.take(entry, bytes, failed, () => this.#rest(sender, source));
    if (!source.isHolding) this.#rest(sender, source);
  }

  /** Nothing more comes of the sender. */
  end(sender: Sender): void {
    const source = this.#holding.get(sender);
    source?.flush();
    if (source !== undefined) this.#rest(sender, source);
  }

  /** What is held goes on at once, of all senders. */
  flush(): void {
    for (const sender of [...this.#holding.keys()]) this.end(sender);
  }

  #rest(sender: Sender, source: MessageSource): void {
    this.#holding.delete(sender);
    if (this.#idle.length < MAX_IDLE) this.#idle.push(source);
  }

  /** The configuration was checked, so that there is one. */
  #newProgram(): Program {
    const { program } = compileOperators(this.#operators, detachedPlace('syslog'));
    if (program === null) throw new Error('operators that were not checked');
    return program;
  }
}
