import { Buffer } from 'node:buffer';
import type { Batch } from '../../component.js';
import { joined, joinedIn, wireOf } from '../otlp/request-bytes.js';
import { Scratch } from '../scratch.js';
import type { LineContext, LineContexts } from './line-contexts.js';
import type { NameTable } from './name-table.js';
import { RecordWalk, type RecordColumns } from './record-walk.js';

/**
 * The log records of a batch where they lie in its bytes, numbered as its outcome numbers them: columns instead of objects.
 * Which stream a record belongs to and its time are known; the rest is read when it is written into a request.
 */
export class PushEntries implements RecordColumns {
  /** The parts' bytes, one behind the other. */
  readonly bytes: Buffer;
  readonly names: NameTable;
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly timeHigh: Uint32Array;
  readonly timeLow: Uint32Array;
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
    const walk = new RecordWalk(this, known);
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
