import type { Attributes } from '@signalbox/signals/model/attributes';
import { KeyValueList } from '@signalbox/signals/model/attributes';
import { writeAnyValue, writeAttributes } from '@signalbox/signals/otlp/protobuf/attributes';
import { Writer } from '@signalbox/signals/otlp/protobuf/writer';
import { putVarint, varintSize } from '../../parsing/log-request.js';
import type { DecisionReason } from './decision-reason.js';
import { DECISION_KEYS, NOT_SAMPLED, SAMPLED, SAMPLING_EVENT, type Decided } from './decision-record.js';

const FIRST_BYTES = 64 << 10;
const INFO = 9;
/** Tags of a LogRecord and of what is in it. */
const LOG_RECORD = 18;
const TIME = 9;
const OBSERVED_TIME = 89;
const ATTRIBUTE = 50;
const TRACE_ID = 74;
const VALUE = 18;
const INT_VALUE = 24;
/** Both times, and the trace id. */
const FIXED_BYTES = 2 * 9 + 2 + 16;
/** Of a varint of 53 bits. */
const MAX_NUMBER_BYTES = 8;

/** An attribute with a number, up to its value. */
class NumberKey {
  readonly bytes: Buffer;
  readonly maxBytes: number;

  constructor(key: string) {
    const text = Buffer.from(key);
    this.bytes = Buffer.concat([Buffer.from([10, text.length]), text, Buffer.from([VALUE])]);
    this.maxBytes = 2 + this.bytes.length + 2 + MAX_NUMBER_BYTES;
  }

  /** Answers the place behind. */
  write(to: Buffer, at: number, value: number): number {
    const size = numberSize(value);
    to[at++] = ATTRIBUTE;
    to[at++] = this.bytes.length + 2 + size;
    to.set(this.bytes, at);
    at += this.bytes.length;
    to[at++] = 1 + size;
    to[at++] = INT_VALUE;
    for (let rest = value; ; rest = Math.floor(rest / 128)) {
      if (rest < 128) {
        to[at++] = rest;
        return at;
      }
      to[at++] = (rest % 128) | 128;
    }
  }
}

const DURATION = new NumberKey(DECISION_KEYS.duration);
const SPANS = new NumberKey(DECISION_KEYS.spans);
const FIRST = new NumberKey(DECISION_KEYS.from);
const LAST = new NumberKey(DECISION_KEYS.to);
const NUMBERS_BYTES = [DURATION, SPANS, FIRST, LAST].reduce((sum, { maxBytes }) => sum + maxBytes, 0);
const EVENT = fields((writer) => writer.string(98, SAMPLING_EVENT));

/** A trace that was just decided. */
export interface DecidedTrace {
  /** The 16 bytes as characters (latin1). */
  readonly id: string;
  readonly from: number;
  readonly to: number;
  readonly spans: number;
  readonly durationMs: number;
}

/**
 * Decisions as log records on the wire, one behind the other, for people to read and readers to follow. What many have in common is
 * encoded once.
 */
export class DecisionRecords {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #pos = 0;
  #count = 0;
  /** Of the content of the record at hand. */
  #start = 0;
  /** Where each slice of `sliceRecords` ends. */
  readonly #cuts: number[] = [];

  constructor(private readonly words: DecisionWords, private readonly sliceRecords: number) {}

  get count(): number {
    return this.#count;
  }

  decided({ id, from, to, spans, durationMs }: DecidedTrace, reason: DecisionReason, timeNs: bigint): void {
    const numbers = this.#begin(id, this.words.ofReason(reason), timeNs);
    let at = DURATION.write(this.#bytes, numbers, durationMs);
    at = SPANS.write(this.#bytes, at, spans);
    this.#end(this.#positions(at, from, to));
  }

  /** Spans that came after their trace was decided, and follow it. */
  late({ id, sampled, from, to }: Decided, policy: string, timeNs: bigint): void {
    this.#end(this.#positions(this.#begin(id, this.words.ofLate(sampled, policy), timeNs), from, to));
  }

  /** So many records a slice as it was made for; none where there are no records. They hold as long as nothing is added. */
  slices(): readonly { readonly items: number; readonly bytes: Uint8Array }[] {
    const cuts = this.#cuts.at(-1) === this.#pos || this.#count === 0 ? this.#cuts : [...this.#cuts, this.#pos];
    return cuts.map((end, i) => ({ items: i < this.#cuts.length ? this.sliceRecords : this.#count % this.sliceRecords, bytes: this.#bytes.subarray(cuts[i - 1] ?? 0, end) }));
  }

  /** Everything but the numbers; answers where those begin. Room for the record's length is left in front, as much as it takes at the most. */
  #begin(id: string, words: Uint8Array, timeNs: bigint): number {
    const mostBytes = FIXED_BYTES + words.length + EVENT.length + NUMBERS_BYTES;
    this.#reserve(1 + varintSize(mostBytes) + mostBytes);
    const bytes = this.#bytes;
    this.#start = this.#pos + 1 + varintSize(mostBytes);
    let at = this.#start;
    bytes[at] = TIME;
    bytes.writeBigUInt64LE(timeNs, at + 1);
    bytes[at + 9] = OBSERVED_TIME;
    bytes.writeBigUInt64LE(timeNs, at + 10);
    bytes[at + 18] = TRACE_ID;
    bytes[at + 19] = 16;
    for (let i = 0; i < 16; i++) bytes[at + 20 + i] = id.charCodeAt(i);
    at += FIXED_BYTES;
    bytes.set(EVENT, at);
    bytes.set(words, at + EVENT.length);
    return at + EVENT.length + words.length;
  }

  #positions(at: number, from: number, to: number): number {
    return LAST.write(this.#bytes, FIRST.write(this.#bytes, at, from), to);
  }

  #end(end: number): void {
    const length = end - this.#start;
    this.#bytes[this.#pos] = LOG_RECORD;
    const content = putVarint(this.#bytes, this.#pos + 1, length);
    if (content !== this.#start) this.#bytes.copyWithin(content, this.#start, end);
    this.#pos = content + length;
    this.#count++;
    if (this.#count % this.sliceRecords === 0) this.#cuts.push(this.#pos);
  }

  #reserve(size: number): void {
    if (this.#pos + size <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#pos + size));
    this.#bytes.copy(grown, 0, 0, this.#pos);
    this.#bytes = grown;
  }
}

/** Reasons are few, so that what a record says of them is encoded once. */
export class DecisionWords {
  readonly #ofReason = new Map<DecisionReason, Uint8Array>();
  readonly #ofLate = new Map<string, Uint8Array>();

  ofReason(reason: DecisionReason): Uint8Array {
    let words = this.#ofReason.get(reason);
    if (!words) this.#ofReason.set(reason, (words = wordsOfReason(reason)));
    return words;
  }

  ofLate(sampled: boolean, policy: string): Uint8Array {
    const key = `${sampled}\0${policy}`;
    let words = this.#ofLate.get(key);
    if (!words) this.#ofLate.set(key, (words = wordsOf(sampled, [{ key: DECISION_KEYS.policy, value: policy }, { key: DECISION_KEYS.late, value: true }])));
    return words;
  }
}

function wordsOfReason({ sampled, policy, verdicts, early }: DecisionReason): Uint8Array {
  return wordsOf(sampled, [
    { key: DECISION_KEYS.policy, value: policy },
    { key: DECISION_KEYS.verdicts, value: new KeyValueList(verdicts.map((each) => ({ key: each.policy, value: each.verdict }))) },
    ...(early ? [{ key: DECISION_KEYS.early, value: true }] : []),
  ]);
}

function wordsOf(sampled: boolean, attributes: Attributes): Uint8Array {
  return fields((writer) => {
    writeAttributes(writer, ATTRIBUTE, attributes);
    writeAnyValue(writer, 42, sampled ? SAMPLED : NOT_SAMPLED);
    writer.int32(16, INFO);
  });
}

function fields(write: (writer: Writer) => void): Uint8Array {
  const writer = new Writer(256);
  write(writer);
  return writer.finish().slice();
}

function numberSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
  return size;
}
