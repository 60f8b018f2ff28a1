import { crc32 } from 'node:zlib';
import { LimitExceeded, type ReadContext, type Series, type SeriesSelect } from '@signalbox/query/readers';
import type { Labels } from '@signalbox/signals/prometheus/types';
import { Turn } from '../../duckdb/turn.js';
import { BlockDamaged } from '../block/block.js';
import type { TenantBlockPart } from '../block/block-cache.js';
import { ChunkReader } from '../chunk/chunk.js';
import { SampleBuffer } from '../chunk/sample-buffer.js';
import { GatheredSamples } from './gathered-samples.js';
import { IdTable } from '../head/id-table.js';
import { matchSeries } from './match-series.js';
import { compareLabels } from '../head/series-id.js';
import { sortedInTurns } from '../slow-sort.js';
import type { SamplePages } from './sample-pages.js';
import type { SeriesSource } from './sources.js';
import type { ValueTest } from './value-test.js';

/** Bytes between two chunks that are read along rather than left out. */
const GAP_BYTES = 32 * 1024;
const READ_BYTES = 4 << 20;
/** What a chunk costs, in samples. */
const CHUNK_WORK = 256;
/** Samples between two looks at the clock. */
const WORK_PER_LOOK = 1024;

/** Gathers the samples of one select from source after source. */
export class Selection {
  private readonly ids = new IdTable();
  private readonly found: Labels[] = [];
  private readonly gathered: GatheredSamples;
  private readonly own = new SampleBuffer();
  private readonly chunks = new ChunkReader();
  private readonly turn = new Turn();
  private samples = 0;
  /** Since the last look at the clock, which costs more than to read a few samples. */
  private work = 0;

  /** `reachesMs`: the last sample that any source has. */
  constructor(private readonly context: ReadContext, private readonly select: SeriesSelect, private readonly tests: readonly ValueTest[], reachesMs: number, pages: SamplePages) {
    this.gathered = new GatheredSamples(Math.min(select.endMs, reachesMs), pages);
  }

  async add(source: SeriesSource): Promise<void> {
    const { startMs, endMs } = this.select;
    const matching = await matchSeries(source.index, this.tests, this.turn);
    const series: number[] = [];
    for (const candidate of matching) {
      if (source.hasWithin(candidate, startMs, endMs)) series.push(candidate);
      if (this.due()) await this.give();
    }
    const ordered = await source.inOrder(series);
    // A block that could not be read to its end may have left some.
    this.own.clear();
    if (source.part !== null) await this.readBlock(source.part, ordered);
    else await this.readHead(source, series, ordered);
  }

  async finish(): Promise<readonly Series[]> {
    const out: Series[] = [];
    for (let number = 0; number < this.found.length; number++) {
      const series = this.gathered.take(number, this.found[number]);
      if (series !== null) out.push(series);
      if (this.due()) await this.give();
    }
    const sorted = await sortedInTurns(out, (a, b) => compareLabels(a.labels, b.labels), this.turn);
    this.context.atEnd?.(() => { this.gathered.release(); });
    return sorted;
  }

  /** `samples`: about how many were looked at since the last call. */
  private due(samples = 8): boolean {
    this.work += samples;
    if (this.work < WORK_PER_LOOK) return false;
    this.work = 0;
    return this.turn.due;
  }

  private async give(): Promise<void> {
    await this.turn.give();
    this.context.signal.throwIfAborted();
  }

  /** Takes what `own` has as samples of the series. */
  private take(index: SeriesSource['index'], series: number): void {
    this.gather(this.number(index, series));
  }

  private gather(number: number): void {
    this.own.settle();
    this.gathered.add(number, this.own);
    this.own.clear();
  }

  /** The series' number in the answer: those found first come first. */
  private number(index: SeriesSource['index'], series: number): number {
    const { found } = this;
    const number = this.ids.number(index.idLow(series), index.idHigh(series));
    if (number === found.length) {
      const { maxSeries } = this.select;
      if (found.length >= maxSeries) throw new LimitExceeded('series', maxSeries, 'query.max_series');
      found.push(index.labels(series));
    }
    return number;
  }

  private count(added: number): void {
    this.samples += added;
    const { maxSamples } = this.select;
    if (this.samples > maxSamples) throw new LimitExceeded('samples', maxSamples, 'query.max_samples');
  }

  /**
   * Series have their numbers in the order of their labels, but are read as they became known: mostly their samples came in that order,
   * and those of neighbours stand side by side in memory. `series`: ascending; `ordered`: the same by their labels.
   */
  private async readHead({ index, samples }: SeriesSource, series: readonly number[], ordered: readonly number[]): Promise<void> {
    const { startMs, endMs } = this.select;
    const { own } = this;
    const numbers = new Uint32Array((series.at(-1) ?? -1) + 1);
    for (const ref of ordered) {
      numbers[ref] = this.number(index, ref);
      if (this.due()) await this.give();
    }
    for (const ref of series) {
      samples?.read(ref, startMs, endMs, own);
      const { length } = own;
      this.count(length);
      this.gather(numbers[ref]);
      if (this.due(8 + length)) await this.give();
    }
  }

  /** Chunks of series that follow each other lie side by side: they are read together. */
  private async readBlock({ block, part, index }: TenantBlockPart, series: readonly number[]): Promise<void> {
    const { own } = this;
    const { startMs, endMs } = this.select;
    const { chunkMin, chunkMax, chunkAt, chunkCrc, seriesChunks } = index.columns;
    const wanted: number[] = [];
    const owners: number[] = [];
    for (const one of series) {
      for (let chunk = seriesChunks[one]; chunk < seriesChunks[one + 1]; chunk++) {
        if (chunkMin[chunk] > endMs || chunkMax[chunk] < startMs) continue;
        wanted.push(chunk);
        owners.push(one);
      }
    }
    for (let i = 0; i < wanted.length; ) {
      let end = i + 1;
      const from = chunkAt[wanted[i]];
      while (end < wanted.length && chunkAt[wanted[end]] - chunkAt[wanted[end - 1] + 1] <= GAP_BYTES && chunkAt[wanted[end] + 1] - from <= READ_BYTES) end++;
      const bytes = await block.chunks(part, from, chunkAt[wanted[end - 1] + 1]);
      this.context.signal.throwIfAborted();
      for (; i < end; i++) {
        const chunk = wanted[i];
        const before = own.length;
        const at = chunkAt[chunk] - from;
        const to = chunkAt[chunk + 1] - from;
        if (crc32(bytes.subarray(at, to)) !== chunkCrc[chunk] || !this.chunks.read(bytes, at, to, startMs, endMs, own)) throw new BlockDamaged(block.path, `wrong checksum of chunk ${chunk} of tenant ${part.tenant}`);
        this.count(own.length - before);
        if (i + 1 === end || owners[i + 1] !== owners[i]) this.take(index, owners[i]);
        if (this.due(CHUNK_WORK)) await this.give();
      }
    }
  }
}
