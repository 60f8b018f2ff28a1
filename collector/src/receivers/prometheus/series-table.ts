import type { Labels } from '@signalbox/signals/prometheus/types';
import { grown } from './grow.js';
import type { SampleList } from './sample-list.js';
import { BLOCK_SERIES, SeriesBlock, type SeriesMetadata } from './series-block.js';
import type { ResolvedSeries } from './series-labels.js';
import { TextTable } from './text-table.js';

/** The series of a target, numbered from 0; each block of them is a frame. All in bytes and typed arrays: there may be millions. */
export class SeriesTable {
  /** The scrape that a series was seen in last. */
  seenIn = new Int32Array(16);
  /** 1: it stands in the journal with a sample that is not a stale marker. */
  live = new Uint8Array(16);
  /** 1: with times of ours, so that it gets a stale marker when it is missed. */
  tracked = new Uint8Array(16);
  /** Names and values of labels. */
  readonly #symbols = new TextTable();
  /** The labels of each series as numbers of symbols. */
  readonly #keys = new TextTable();
  readonly #blocks: SeriesBlock[] = [];
  readonly #metadata: SeriesMetadata[] = [null];
  #metadataOf = new Int32Array(16);

  get size(): number {
    return this.#keys.size;
  }

  /**
   * The number of a series, which is given one where it is new.
   * @param apart the series is another than one of these labels that the target exposes
   */
  add({ labels, metadata }: ResolvedSeries, apart = false): number {
    const key = this.#keyOf(labels, apart);
    const { size } = this.#keys;
    const number = this.#keys.add(key);
    if (number < size) return number;
    this.seenIn = grown(this.seenIn, number + 1);
    this.live = grown(this.live, number + 1);
    this.tracked = grown(this.tracked, number + 1);
    this.#metadataOf = grown(this.#metadataOf, number + 1);
    this.#metadataOf[number] = this.#metadataNumber(metadata);
    const block = Math.floor(number / BLOCK_SERIES);
    (this.#blocks[block] ??= new SeriesBlock()).add(labels, metadata);
    return number;
  }

  /** What `add` was given. */
  series(number: number): ResolvedSeries {
    return { labels: this.#labelsOf(this.#keys.bytes(number)), metadata: this.#metadata[this.#metadataOf[number]!]! };
  }

  /** One after the other, in the order of their series. */
  *frames(samples: SampleList): Generator<{ readonly payload: Uint8Array; readonly items: number }> {
    for (const [i, block] of this.#blocks.entries()) {
      const frame = block.frame(samples, i * BLOCK_SERIES);
      if (frame !== null) yield frame;
    }
  }

  /** Four bytes a symbol; in front of the labels of a series apart one more. */
  #keyOf(labels: Labels, apart: boolean): Buffer {
    const key = Buffer.allocUnsafe(labels.length * 8 + (apart ? 1 : 0));
    let at = apart ? key.writeUInt8(1) : 0;
    for (const label of labels) for (const text of label) at = key.writeUInt32LE(this.#symbols.add(Buffer.from(text)), at);
    return key;
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
    const last = this.#metadata.at(-1) ?? null;
    if (last === null || last.type !== metadata.type || last.help !== metadata.help || last.unit !== metadata.unit) this.#metadata.push(metadata);
    return this.#metadata.length - 1;
  }
}
