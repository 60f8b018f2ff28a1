import type { Labels } from '@signalbox/signals/prometheus/types';
import type { LabelIndex } from '../head/label-index.js';

/** The columns of an index in the order in which they are stored; what they hold is said in docs/formats/store.md. */
export interface IndexColumns {
  /** Per chunk. */
  readonly chunkMin: Float64Array;
  readonly chunkMax: Float64Array;
  /** One more than chunks: where each begins behind the tenant's first. */
  readonly chunkAt: Uint32Array;
  readonly chunkCrc: Uint32Array;
  readonly chunkCount: Uint32Array;
  /** Two per series: low and high half of its id. */
  readonly ids: Uint32Array;
  /** One more than series: first chunk. */
  readonly seriesChunks: Uint32Array;
  /** One more than series: first label. */
  readonly seriesLabels: Uint32Array;
  /** Pairs, series by series. */
  readonly labels: Uint32Array;
  /** One more than pairs: first posting. */
  readonly pairPostings: Uint32Array;
  /** Series, pair by pair. */
  readonly postings: Uint32Array;
  /** One more than names: first pair. */
  readonly namePairs: Uint32Array;
  /** One more than names and pairs together: where each text begins, names first. */
  readonly texts: Uint32Array;
}

const FLOAT_COLUMNS = ['chunkMin', 'chunkMax'] as const;
const COLUMNS = ['chunkAt', 'chunkCrc', 'chunkCount', 'ids', 'seriesChunks', 'seriesLabels', 'labels', 'pairPostings', 'postings', 'namePairs', 'texts'] as const;
/** Lengths of all columns, of the texts and of the rest, in 32 bits each; even in number. */
const LENGTHS = FLOAT_COLUMNS.length + COLUMNS.length + 3;

/** Beside the samples: JSON of exemplars and metadata. */
export function encodeIndex(columns: IndexColumns, texts: Buffer, rest: Buffer): Buffer[] {
  const all = [...FLOAT_COLUMNS, ...COLUMNS].map((name) => columns[name]);
  const lengths = Uint32Array.from([...all.map((column) => column.length), texts.length, rest.length, 0]);
  return [lengths, ...all].map((column) => Buffer.from(column.buffer, column.byteOffset, column.byteLength)).concat(texts, rest);
}

/** A tenant's index of a block, as it lies in memory. */
export class BlockIndex implements LabelIndex {
  private readonly nameTexts: string[] = [];
  private readonly nameIds: ReadonlyMap<string, number>;
  private readonly valueTexts: (string | undefined)[];
  /** The same object for all series that have the pair. */
  private readonly pairLabels: (Labels[number] | undefined)[];

  private constructor(readonly columns: IndexColumns, private readonly textBytes: Buffer, private readonly restBytes: Buffer, readonly bytes: number) {
    const names = columns.namePairs.length - 1;
    for (let i = 0; i < names; i++) this.nameTexts.push(this.text(i));
    this.nameIds = new Map(this.nameTexts.map((name, i) => [name, i]));
    this.valueTexts = new Array<string | undefined>(columns.pairPostings.length - 1);
    this.pairLabels = new Array<Labels[number] | undefined>(columns.pairPostings.length - 1);
  }

  /** @param bytes begin at a multiple of eight in their buffer; the checksum was looked at. Null where they cannot be an index. */
  static decode(bytes: Buffer): BlockIndex | null {
    if (bytes.length < LENGTHS * 4) return null;
    const lengths = new Uint32Array(bytes.buffer, bytes.byteOffset, LENGTHS);
    let at = bytes.byteOffset + LENGTHS * 4;
    const columns: Partial<Record<keyof IndexColumns, Float64Array | Uint32Array>> = {};
    const end = bytes.byteOffset + bytes.length;
    for (const [i, name] of [...FLOAT_COLUMNS, ...COLUMNS].entries()) {
      const width = i < FLOAT_COLUMNS.length ? 8 : 4;
      if (at + lengths[i] * width > end) return null;
      columns[name] = width === 8 ? new Float64Array(bytes.buffer, at, lengths[i]) : new Uint32Array(bytes.buffer, at, lengths[i]);
      at += lengths[i] * width;
    }
    const texts = at - bytes.byteOffset;
    const rest = texts + lengths[LENGTHS - 3];
    if (rest + lengths[LENGTHS - 2] !== bytes.length) return null;
    return new BlockIndex(columns as unknown as IndexColumns, bytes.subarray(texts, rest), bytes.subarray(rest), bytes.length);
  }

  get seriesCount(): number {
    return this.columns.seriesChunks.length - 1;
  }

  get pairCount(): number {
    return this.columns.pairPostings.length - 1;
  }

  get names(): readonly string[] {
    return this.nameTexts;
  }

  /** The JSON that was written beside. */
  rest(): unknown {
    return this.restBytes.length === 0 ? {} : JSON.parse(this.restBytes.toString());
  }

  nameId(name: string): number {
    return this.nameIds.get(name) ?? -1;
  }

  *pairsOf(nameId: number): Iterable<number> {
    for (let pair = this.columns.namePairs[nameId]; pair < this.columns.namePairs[nameId + 1]; pair++) yield pair;
  }

  *pairsLike(nameId: number, prefix: string): Iterable<number> {
    const end = this.columns.namePairs[nameId + 1];
    for (let pair = this.firstPair(nameId, prefix); pair < end && this.value(pair).startsWith(prefix); pair++) yield pair;
  }

  pairId(nameId: number, value: string): number {
    const pair = this.firstPair(nameId, value);
    return pair < this.columns.namePairs[nameId + 1] && this.value(pair) === value ? pair : -1;
  }

  /** The first pair of a name that has this value or a greater one: pairs of a name are sorted by value. */
  private firstPair(nameId: number, value: string): number {
    let low = this.columns.namePairs[nameId];
    let high = this.columns.namePairs[nameId + 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.value(middle) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  value(pair: number): string {
    return (this.valueTexts[pair] ??= this.text(this.nameTexts.length + pair));
  }

  postings(pair: number): Uint32Array {
    return this.columns.postings.subarray(this.columns.pairPostings[pair], this.columns.pairPostings[pair + 1]);
  }

  postingCount(pair: number): number {
    return this.columns.pairPostings[pair + 1] - this.columns.pairPostings[pair];
  }

  pairOf(series: number, nameId: number): number {
    const { labels, seriesLabels, namePairs } = this.columns;
    const from = namePairs[nameId];
    const to = namePairs[nameId + 1];
    for (let i = seriesLabels[series]; i < seriesLabels[series + 1]; i++) if (labels[i] >= from) return labels[i] < to ? labels[i] : -1;
    return -1;
  }

  labels(series: number): Labels {
    const { labels, seriesLabels, namePairs } = this.columns;
    const out: Labels[number][] = [];
    let name = 0;
    for (let i = seriesLabels[series]; i < seriesLabels[series + 1]; i++) {
      const pair = labels[i];
      while (namePairs[name + 1] <= pair) name++;
      out.push((this.pairLabels[pair] ??= [this.nameTexts[name], this.value(pair)]));
    }
    return out;
  }

  idLow(series: number): number {
    return this.columns.ids[series * 2];
  }

  idHigh(series: number): number {
    return this.columns.ids[series * 2 + 1];
  }

  /** Whether one of the series' chunks may have samples between the times, both inclusive. */
  hasWithin(series: number, startMs: number, endMs: number): boolean {
    const { seriesChunks, chunkMin, chunkMax } = this.columns;
    for (let chunk = seriesChunks[series]; chunk < seriesChunks[series + 1]; chunk++) if (chunkMin[chunk] <= endMs && chunkMax[chunk] >= startMs) return true;
    return false;
  }

  /** The first of some postings whose series may have samples between the times; `to` where there is none. */
  postingWithin(from: number, to: number, startMs: number, endMs: number): number {
    const { postings } = this.columns;
    for (let at = from; at < to; at++) if (this.hasWithin(postings[at], startMs, endMs)) return at;
    return to;
  }

  private text(at: number): string {
    const { texts } = this.columns;
    return this.textBytes.toString('utf8', texts[at], texts[at + 1]);
  }
}
