import { Buffer } from 'node:buffer';
import { severityLabel, SEVERITIES, type Severity } from '@signalbox/signals/loki/severity';
import { WireReader } from '@signalbox/signals/otlp/protobuf/wire';
import type { Batch, BatchPart } from '../../component.js';
import { joined, joinedIn, wireOf } from '../otlp/request-bytes.js';
import { Scratch } from '../scratch.js';
import type { LineContext, LineContexts } from './line-contexts.js';
import type { NameTable } from './name-table.js';

const STREAMS_OF_CONTEXT = SEVERITIES.length + 1;

/**
 * The log records of a batch where they lie in its bytes, numbered as its outcome numbers them: columns instead of objects.
 * Which stream a record belongs to and its time are known; the rest is read when it is written into a request.
 */
export class PushEntries {
  /** The parts' bytes, one behind the other. */
  readonly bytes: Buffer;
  readonly names: NameTable;
  /** Where a record's fields begin and end. */
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** The two halves of its time in Unix nanoseconds. */
  readonly timeHigh: Uint32Array;
  readonly timeLow: Uint32Array;
  /** Number of what it shares with others in `contexts`, and of its stream in `streams`. */
  readonly context: Int32Array;
  readonly stream: Int32Array;
  /** Bytes that it took in a request, from when it was written into one. */
  readonly size: Uint32Array;
  readonly contexts: readonly LineContext[];
  /** Labels as Loki writes them. */
  readonly streams: readonly string[];
  #piece: Buffer | null = null;

  /** @throws OtlpError where the bytes are malformed */
  constructor(batch: Batch, known: LineContexts, private readonly scratch = new Scratch()) {
    const { items } = batch;
    this.names = known.namesForBatch();
    const wires = batch.parts.map(wireOf);
    this.bytes = this.#join(wires);
    this.from = new Int32Array(items);
    this.to = new Int32Array(items);
    this.timeHigh = new Uint32Array(items);
    this.timeLow = new Uint32Array(items);
    this.context = new Int32Array(items);
    this.stream = new Int32Array(items);
    this.size = new Uint32Array(items);
    const walk = new Walk(this, known);
    let at = 0;
    batch.parts.forEach((part, i) => {
      const end = at + wires[i]!.length;
      walk.part(part, at, end);
      at = end;
    });
    this.contexts = walk.contexts;
    this.streams = walk.streams;
  }

  /** Nobody reads the bytes any more. */
  release(): void {
    if (this.#piece !== null) this.scratch.give(this.#piece);
    this.#piece = null;
  }

  /** In Unix nanoseconds. */
  timeNs(item: number): bigint {
    return (BigInt(this.timeHigh[item]!) << 32n) | BigInt(this.timeLow[item]!);
  }

  labels(item: number): string {
    return this.streams[this.stream[item]!]!;
  }

  /** The items of each stream by time, as Loki likes them best; streams by their labels. */
  byStream(): Uint32Array[] {
    const counts = new Uint32Array(this.streams.length);
    for (const stream of this.stream) counts[stream]!++;
    const rows = Array.from(counts, (count) => new Uint32Array(count));
    counts.fill(0);
    this.stream.forEach((stream, item) => (rows[stream]![counts[stream]!++] = item));
    for (const row of rows) this.#sort(row);
    return rows.sort((a, b) => (this.labels(a[0]!) < this.labels(b[0]!) ? -1 : 1));
  }

  /** They mostly are in order. */
  #sort(row: Uint32Array): void {
    for (let i = 1; i < row.length; i++) {
      if (this.#before(row[i]!, row[i - 1]!)) {
        row.sort((a, b) => (this.#before(a, b) ? -1 : this.#before(b, a) ? 1 : a - b));
        return;
      }
    }
  }

  #join(wires: readonly Uint8Array[]): Buffer {
    if (wires.length === 1) {
      const bytes = joined(wires);
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    const { piece, bytes } = joinedIn(this.scratch, wires);
    this.#piece = piece;
    return bytes;
  }

  #before(a: number, b: number): boolean {
    const [highA, highB] = [this.timeHigh[a]!, this.timeHigh[b]!];
    return highA < highB || (highA === highB && this.timeLow[a]! < this.timeLow[b]!);
  }
}

/** Fills the columns, part by part. */
class Walk {
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

  constructor(private readonly entries: PushEntries, private readonly known: LineContexts) {
    this.#reader = new WireReader(entries.bytes);
  }

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
