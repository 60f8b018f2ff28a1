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
    const key = keyOf(labels, apart);
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
    return { labels: labelsOf(this.#keys.bytes(number)), metadata: this.#metadata[this.#metadataOf[number]!]! };
  }

  /** One after the other, in the order of their series. */
  *frames(samples: SampleList): Generator<{ readonly payload: Uint8Array; readonly items: number }> {
    for (const [i, block] of this.#blocks.entries()) {
      const frame = block.frame(samples, i * BLOCK_SERIES);
      if (frame !== null) yield frame;
    }
  }

  /** Series of a family follow one another. */
  #metadataNumber(metadata: SeriesMetadata): number {
    if (metadata === null) return 0;
    const last = this.#metadata.at(-1) ?? null;
    if (last === null || last.type !== metadata.type || last.help !== metadata.help || last.unit !== metadata.unit) this.#metadata.push(metadata);
    return this.#metadata.length - 1;
  }
}

/** Lengths in front of names and values, so that no two lists of labels have the same bytes. */
function keyOf(labels: Labels, apart: boolean): Buffer {
  let key = apart ? '\u0000' : '';
  for (const [name, value] of labels) key += `${Buffer.byteLength(name)} ${Buffer.byteLength(value)} ${name}${value}`;
  return Buffer.from(key);
}

function labelsOf(key: Buffer): Labels {
  const labels: (readonly [string, string])[] = [];
  let at = key[0] === 0 ? 1 : 0;
  const length = (): number => {
    const blank = key.indexOf(0x20, at);
    const value = Number(key.toString('latin1', at, blank));
    at = blank + 1;
    return value;
  };
  const text = (bytes: number): string => key.toString('utf8', at, (at += bytes));
  while (at < key.length) {
    const nameBytes = length();
    const valueBytes = length();
    labels.push([text(nameBytes), text(valueBytes)]);
  }
  return labels;
}
