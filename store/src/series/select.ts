import { crc32 } from 'node:zlib';
import { LimitExceeded, type ReadContext, type Series, type SeriesSelect } from '@signalbox/query/readers';
import type { Labels } from '@signalbox/signals/prometheus/types';
import { Turn } from '../duckdb/turn.js';
import { BlockDamaged } from './block.js';
import type { TenantBlockPart } from './block-cache.js';
import { ChunkReader } from './chunk/chunk.js';
import { SampleBuffer } from './chunk/sample-buffer.js';
import { SampleSlab } from './chunk/sample-slab.js';
import { IdTable } from './id-table.js';
import { matchSeries } from './match-series.js';
import { compareLabels } from './series-id.js';
import { sortedInTurns } from './slow-sort.js';
import type { SeriesSource } from './sources.js';
import type { ValueTest } from './value-test.js';

interface Found {
  readonly labels: Labels;
  readonly samples: SampleBuffer;
}

/** Bytes between two chunks that are read along rather than left out. */
const GAP_BYTES = 32 * 1024;
const READ_BYTES = 4 << 20;

/** Gathers the samples of one select from source after source. */
export class Selection {
  private readonly ids = new IdTable();
  private readonly found: Found[] = [];
  private readonly slab = new SampleSlab();
  private readonly chunks = new ChunkReader();
  private readonly turn = new Turn();
  private samples = 0;

  constructor(private readonly context: ReadContext, private readonly select: SeriesSelect, private readonly tests: readonly ValueTest[]) {}

  async add(source: SeriesSource): Promise<void> {
    const { startMs, endMs } = this.select;
    const matching = await matchSeries(source.index, this.tests, this.turn);
    const series: number[] = [];
    for (const candidate of matching) {
      if (source.hasWithin(candidate, startMs, endMs)) series.push(candidate);
      if (this.turn.due) await this.give();
    }
    const ordered = await source.inOrder(series);
    if (source.part !== null) await this.readBlock(source.part, ordered);
    else await this.readHead(source, ordered);
  }

  async finish(): Promise<readonly Series[]> {
    const out: Series[] = [];
    for (const { labels, samples } of this.found) {
      samples.settle();
      const { length } = samples;
      if (length === 0) continue;
      const cut = (column: Float64Array): Float64Array => (column.length === length ? column : column.subarray(0, length));
      out.push({ labels, timesMs: cut(samples.times), values: cut(samples.values), histograms: histogramsOf(samples) });
      if (this.turn.due) await this.give();
    }
    return sortedInTurns(out, (a, b) => compareLabels(a.labels, b.labels), this.turn);
  }

  private async give(): Promise<void> {
    await this.turn.give();
    this.context.signal.throwIfAborted();
  }

  private target(source: SeriesSource['index'], series: number, more: number): Found {
    const number = this.ids.number(source.idLow(series), source.idHigh(series));
    if (number < this.found.length) {
      const known = this.found[number];
      known.samples.reserve(more);
      return known;
    }
    const { maxSeries } = this.select;
    if (this.found.length >= maxSeries) throw new LimitExceeded('series', maxSeries, 'query.max_series');
    const made: Found = { labels: source.labels(series), samples: new SampleBuffer(more, this.slab) };
    this.found.push(made);
    return made;
  }

  private count(added: number): void {
    this.samples += added;
    const { maxSamples } = this.select;
    if (this.samples > maxSamples) throw new LimitExceeded('samples', maxSamples, 'query.max_samples');
  }

  private async readHead({ index, samples }: SeriesSource, series: readonly number[]): Promise<void> {
    const { startMs, endMs } = this.select;
    const own = new SampleBuffer();
    for (const ref of series) {
      own.clear();
      samples?.read(ref, startMs, endMs, own);
      own.settle();
      const target = this.target(index, ref, own.length);
      append(target.samples, own);
      this.count(own.length);
      if (this.turn.due) await this.give();
    }
  }

  /** Chunks of series that follow each other lie side by side: they are read together. */
  private async readBlock({ block, part, index }: TenantBlockPart, series: readonly number[]): Promise<void> {
    const { startMs, endMs } = this.select;
    const { chunkMin, chunkMax, chunkAt, chunkCrc, chunkCount, seriesChunks } = index.columns;
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
        let room = 0;
        for (let next = i; next < wanted.length && owners[next] === owners[i]; next++) room += chunkCount[wanted[next]];
        const { samples } = this.target(index, owners[i], room);
        const before = samples.length;
        const at = chunkAt[chunk] - from;
        const to = chunkAt[chunk + 1] - from;
        if (crc32(bytes.subarray(at, to)) !== chunkCrc[chunk] || !this.chunks.read(bytes, at, to, startMs, endMs, samples)) throw new BlockDamaged(block.path, `wrong checksum of chunk ${chunk} of tenant ${part.tenant}`);
        this.count(samples.length - before);
        if (this.turn.due) await this.give();
      }
    }
  }
}

function append(to: SampleBuffer, from: SampleBuffer): void {
  to.reserve(from.length);
  const at = to.length;
  to.times.set(from.times.subarray(0, from.length), at);
  to.words.set(from.words.subarray(0, from.length * 2), at * 2);
  if (from.histograms !== null || to.histograms !== null) {
    const histograms = to.histogramsUpTo(at);
    for (let i = 0; i < from.length; i++) histograms.push(from.histograms?.[i] ?? null);
  }
  to.added(from.length);
}

function histogramsOf(samples: SampleBuffer): Series['histograms'] {
  if (samples.histograms === null || samples.histograms.every((histogram) => histogram === null)) return null;
  return samples.histogramsUpTo(samples.length);
}
