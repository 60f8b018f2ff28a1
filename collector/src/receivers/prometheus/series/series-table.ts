import type { Labels } from '@signalbox/signals/prometheus/types';
import type { BufferPool } from '../fetching/buffer-pool.js';
import { grown } from './grow.js';
import type { SampleList } from './sample-list.js';
import { BLOCK_SERIES, SeriesBlock, type EncodedMetadata, type Frame, type SeriesMetadata } from './series-block.js';
import type { ResolvedSeries } from './series-labels.js';
import { TextTable } from './text-table.js';

const MAX_RECENT = 2000;

/** The series of a target, numbered from 0; each block of them is a frame. All in bytes and typed arrays: there may be millions. */
export class SeriesTable {
  /** The scrape that a series was seen in last. */
  seenIn = new Int32Array(16);
  /** 1: it stands in the journal with a sample that is not a stale marker. */
  live = new Uint8Array(16);
  /** 1: with times of ours, so that it gets a stale marker when it is missed; 2: so does it, and its last sample was a histogram. */
  tracked = new Uint8Array(16);
  /** Names and values of labels. */
  readonly #symbols = new TextTable();
  /** The labels of each series as numbers of symbols. */
  readonly #keys = new TextTable();
  readonly #blocks: SeriesBlock[] = [];
  readonly #metadata: { readonly said: SeriesMetadata; readonly encoded: EncodedMetadata | null }[] = [{ said: null, encoded: null }];
  /** Numbers of the symbols that the series of this scrape needed. */
  readonly #recent = new Map<string, number>();
  #metadataOf = new Int32Array(16);

  get size(): number {
    return this.#keys.size;
  }

  /**
   * The number of a series, which is given one where it is new.
   * @param apart the series is another than one of these labels that the target exposes
   */
  add({ labels, metadata }: ResolvedSeries, apart = false): number {
    const symbols = labels.flatMap(([name, value]) => [this.#symbol(name), this.#symbol(value)]);
    const { size } = this.#keys;
    const number = this.#keys.add(keyOf(symbols, apart));
    if (number < size) return number;
    this.seenIn = grown(this.seenIn, number + 1);
    this.live = grown(this.live, number + 1);
    this.tracked = grown(this.tracked, number + 1);
    this.#metadataOf = grown(this.#metadataOf, number + 1);
    this.#metadataOf[number] = this.#metadataNumber(metadata);
    const block = Math.floor(number / BLOCK_SERIES);
    (this.#blocks[block] ??= new SeriesBlock(this.#symbols)).add(symbols, this.#metadata[this.#metadataOf[number]!]!.encoded);
    return number;
  }

  /** The number of the series with these labels, or -1. */
  find(labels: Labels): number {
    const symbols: number[] = [];
    for (const label of labels) {
      for (const text of label) {
        const bytes = Buffer.from(text);
        const symbol = this.#symbols.find(bytes, 0, bytes.length);
        if (symbol < 0) return -1;
        symbols.push(symbol);
      }
    }
    const key = keyOf(symbols, false);
    return this.#keys.find(key, 0, key.length);
  }

  /** What `add` was given. */
  series(number: number): ResolvedSeries {
    return { labels: this.#labelsOf(this.#keys.bytes(number)), metadata: this.#metadata[this.#metadataOf[number]!]!.said };
  }

  /** One after the other, in the order of their series. */
  *frames(samples: SampleList, buffers: BufferPool): Generator<Frame> {
    this.#recent.clear();
    for (const [i, block] of this.#blocks.entries()) {
      const frame = block.frame(samples, i * BLOCK_SERIES, buffers);
      if (frame !== null) yield frame;
    }
  }

  /** A Map of strings is quicker than the table, but would hold them all for ever. */
  #symbol(text: string): number {
    let symbol = this.#recent.get(text);
    if (symbol === undefined) {
      symbol = this.#symbols.add(Buffer.from(text));
      if (this.#recent.size >= MAX_RECENT) this.#recent.clear();
      this.#recent.set(text, symbol);
    }
    return symbol;
  }

  #labelsOf(key: Buffer): Labels {
    const text = (at: number): string => this.#symbols.bytes(key.readUInt32LE(at)).toString();
    const labels: (readonly [string, string])[] = [];
    for (let at = key.length % 8; at < key.length; at += 8) labels.push([text(at), text(at + 4)]);
    return labels;
  }

  /** Series of a family follow one another. */
  #metadataNumber(metadata: SeriesMetadata): number {
    if (metadata === null) return 0;
    const last = this.#metadata.at(-1)?.said ?? null;
    if (last === null || last.type !== metadata.type || last.help !== metadata.help || last.unit !== metadata.unit) {
      this.#metadata.push({ said: metadata, encoded: { type: metadata.type, help: this.#symbol(metadata.help), unit: this.#symbol(metadata.unit) } });
    }
    return this.#metadata.length - 1;
  }
}

/** Four bytes a symbol; in front of the labels of a series apart one more. */
function keyOf(symbols: readonly number[], apart: boolean): Buffer {
  const key = Buffer.allocUnsafe(symbols.length * 4 + (apart ? 1 : 0));
  let at = apart ? key.writeUInt8(1) : 0;
  for (const symbol of symbols) at = key.writeUInt32LE(symbol, at);
  return key;
}
