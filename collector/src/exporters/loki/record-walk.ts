import type { Buffer } from 'node:buffer';
import { severityLabel, SEVERITIES, type Severity } from '@signalbox/signals/loki/severity';
import { WireReader } from '@signalbox/signals/otlp/protobuf/wire';
import type { BatchPart } from '../../component.js';
import type { LineContext, LineContexts } from './line-contexts.js';

const STREAMS_OF_CONTEXT = SEVERITIES.length + 1;

/** What the walk finds out of each record, by its number. */
export interface RecordColumns {
  /** The parts' bytes, one behind the other. */
  readonly bytes: Buffer;
  /** Where a record's fields begin and end. */
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** The two halves of its time in Unix nanoseconds. */
  readonly timeHigh: Uint32Array;
  readonly timeLow: Uint32Array;
  /** Number of what it shares with others in `contexts`, and of its stream in `streams`. */
  readonly context: Int32Array;
  readonly stream: Int32Array;
}

/** Walks the log records of a batch, part by part, and fills their columns. */
export class RecordWalk {
  readonly contexts: LineContext[] = [];
  readonly streams: string[] = [];
  readonly #numbers = new Map<LineContext, number>();
  readonly #streamNumbers = new Map<string, number>();
  /** By context and severity, from 0: number of the stream, and 1. */
  #streamsOf = new Int32Array(16 * STREAMS_OF_CONTEXT);
  readonly #reader: WireReader;
  #item = 0;
  /** Of the part. */
  #ordinal = 0;
  #wanted: Uint32Array | null = null;
  #next = 0;
  #receivedHigh = 0;
  #receivedLow = 0;

  constructor(private readonly entries: RecordColumns, private readonly known: LineContexts) {
    this.#reader = new WireReader(entries.bytes);
  }

  /** Of a part whose bytes stand there. @throws OtlpError where they are malformed */
  part({ wireItems, receivedNs, items }: BatchPart, from: number, end: number): void {
    const reader = this.#reader;
    this.#ordinal = 0;
    this.#wanted = wireItems ?? null;
    this.#next = 0;
    this.#receivedHigh = Number(receivedNs >> 32n);
    this.#receivedLow = Number(receivedNs & 0xffff_ffffn);
    const first = this.#item;
    for (reader.pos = from; reader.pos < end; ) {
      const tag = reader.tag(end);
      if (tag === 10) this.#resourceLogs(reader.limit(end));
      else reader.skip(tag, end);
    }
    if (this.#item - first !== items) reader.fail(`the part holds ${this.#item - first} log records instead of ${items}`, from);
  }

  /** The resource may stand behind what it is the resource of, and the scope too. */
  #resourceLogs(end: number): void {
    const reader = this.#reader;
    const resource: number[] = [];
    const groups: number[] = [];
    while (reader.pos < end) {
      const tag = reader.tag(end);
      if (tag === 10) this.#range(resource, end);
      else if (tag === 18) this.#range(groups, end);
      else reader.skip(tag, end);
    }
    for (let i = 0; i < groups.length; i += 2) {
      reader.pos = groups[i]!;
      this.#scopeLogs(groups[i + 1]!, resource);
    }
    reader.pos = end;
  }

  #scopeLogs(end: number, resource: readonly number[]): void {
    const reader = this.#reader;
    const { from, to } = this.entries;
    const scope: number[] = [];
    const first = this.#item;
    while (reader.pos < end) {
      const tag = reader.tag(end);
      if (tag === 10) this.#range(scope, end);
      else if (tag === 18) {
        const recordEnd = reader.limit(end);
        if (this.#take()) {
          if (this.#item >= from.length) reader.fail('more log records than the batch has');
          from[this.#item] = reader.pos;
          to[this.#item++] = recordEnd;
        }
        reader.pos = recordEnd;
      } else reader.skip(tag, end);
    }
    if (this.#item === first) return;
    const context = this.#contextNumber(this.known.of(this.entries.bytes, resource, scope));
    for (let item = first; item < this.#item; item++) this.#record(item, context);
    reader.pos = end;
  }

  #take(): boolean {
    const ordinal = this.#ordinal++;
    const wanted = this.#wanted;
    if (wanted === null) return true;
    if (wanted[this.#next] !== ordinal) return false;
    this.#next++;
    return true;
  }

  #record(item: number, context: number): void {
    const { entries } = this;
    const reader = this.#reader;
    const { view } = reader;
    const end = entries.to[item]!;
    let high = 0;
    let low = 0;
    let observedHigh = 0;
    let observedLow = 0;
    let severityNumber = 0;
    let textFrom = 0;
    let textTo = 0;
    reader.pos = entries.from[item]!;
    while (reader.pos < end) {
      const tag = reader.tag(end);
      switch (tag) {
        case 9: // 1 time_unix_nano
          reader.skipFixed(8, end);
          low = view.getUint32(reader.pos - 8, true);
          high = view.getUint32(reader.pos - 4, true);
          break;
        case 16: // 2 severity_number
          reader.varint(end);
          severityNumber = reader.low | 0;
          break;
        case 26: // 3 severity_text
          textTo = reader.limit(end);
          textFrom = reader.pos;
          reader.pos = textTo;
          break;
        case 89: // 11 observed_time_unix_nano
          reader.skipFixed(8, end);
          observedLow = view.getUint32(reader.pos - 8, true);
          observedHigh = view.getUint32(reader.pos - 4, true);
          break;
        default:
          reader.skip(tag, end);
      }
    }
    const timed = (high | low) !== 0;
    const observed = (observedHigh | observedLow) !== 0;
    entries.timeHigh[item] = timed ? high : observed ? observedHigh : this.#receivedHigh;
    entries.timeLow[item] = timed ? low : observed ? observedLow : this.#receivedLow;
    entries.context[item] = context;
    let severity = 0;
    if (this.contexts[context]!.severityLabel) {
      if (severityNumber >= 1 && severityNumber <= 24) severity = ((severityNumber - 1) >> 2) + 1;
      else if (textTo > textFrom) severity = numberOf(severityLabel(entries.bytes.toString('utf8', textFrom, textTo), severityNumber));
    }
    entries.stream[item] = (this.#streamsOf[context * STREAMS_OF_CONTEXT + severity] || this.#streamNumber(context, severity)) - 1;
  }

  #contextNumber(context: LineContext): number {
    let number = this.#numbers.get(context);
    if (number === undefined) {
      number = this.contexts.length;
      this.contexts.push(context);
      this.#numbers.set(context, number);
      if (this.contexts.length * STREAMS_OF_CONTEXT > this.#streamsOf.length) {
        const grown = new Int32Array(this.#streamsOf.length * 2);
        grown.set(this.#streamsOf);
        this.#streamsOf = grown;
      }
    }
    return number;
  }

  /** Contexts that differ in what is no label share their streams. */
  #streamNumber(context: number, severity: number): number {
    const labels = this.contexts[context]!.streams[severity]!;
    let number = this.#streamNumbers.get(labels);
    if (number === undefined) {
      number = this.streams.push(labels);
      this.#streamNumbers.set(labels, number);
    }
    this.#streamsOf[context * STREAMS_OF_CONTEXT + severity] = number;
    return number;
  }

  #range(ranges: number[], end: number): void {
    const reader = this.#reader;
    const to = reader.limit(end);
    ranges.push(reader.pos, to);
    reader.pos = to;
  }
}

function numberOf(severity: Severity | null): number {
  return severity === null ? 0 : SEVERITIES.indexOf(severity) + 1;
}
