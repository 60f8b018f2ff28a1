import { Turn } from '../../duckdb/turn.js';
import { Block, BlockDamaged } from './block.js';
import type { BlockIndex } from './block-index.js';
import { decodeRest, encodeRest } from './block-rest.js';
import { BlockWriter } from './block-writer.js';
import { ByteSink } from '../chunk/byte-sink.js';
import { ChunkReader, nearlyFull } from '../chunk/chunk.js';
import { CHUNK_SAMPLES } from '../chunk/float-chunk.js';
import { SampleBuffer } from '../chunk/sample-buffer.js';
import { ChunkWindow } from './chunk-window.js';
import type { SeriesExemplar } from '../head/exemplar-ring.js';
import { mergePairs } from './merge-pairs.js';
import { writeChunks } from './write-chunks.js';

/** One of the blocks being merged, at a series. */
interface Cursor {
  readonly index: BlockIndex;
  readonly window: ChunkWindow;
  readonly numbers: Uint32Array;
  /** Series of this block → series of the merged one. */
  readonly places: Uint32Array;
  next: number;
  /** Labels of the series at hand, in numbers of the merged block. */
  labels: Uint32Array;
}

/**
 * Writes one block with everything of several. Of samples of one time the one in the earlier block stands. The samples' number may
 * become less by that.
 * @param paths in the order of arrival
 * @throws BlockDamaged
 */
export async function mergeBlocks(paths: readonly string[], target: string, maxExemplars: number, signal: AbortSignal): Promise<{ rows: number; bytes: number }> {
  const blocks: Block[] = [];
  try {
    for (const path of paths) blocks.push(await Block.open(path));
    const writer = await BlockWriter.create(target);
    try {
      for (const tenant of new Set(blocks.flatMap((block) => [...block.parts.keys()]))) await new TenantMerge(writer, tenant, maxExemplars, signal).run(blocks);
      const { rows, bytes } = await writer.finish();
      return { rows, bytes };
    } finally {
      await writer.close();
    }
  } finally {
    for (const block of blocks) await block.close();
  }
}

class TenantMerge {
  private readonly turn = new Turn();
  private readonly sink = new ByteSink();
  private readonly reader = new ChunkReader();
  private readonly buffer = new SampleBuffer(CHUNK_SAMPLES * 2);
  private readonly rest = new SampleBuffer(CHUNK_SAMPLES * 2);

  constructor(private readonly writer: BlockWriter, private readonly tenant: string, private readonly maxExemplars: number, private readonly signal: AbortSignal) {}

  async run(blocks: readonly Block[]): Promise<void> {
    const { writer, turn } = this;
    const opened: { index: BlockIndex; window: ChunkWindow }[] = [];
    for (const block of blocks) {
      const part = block.parts.get(this.tenant);
      if (part === undefined) continue;
      const index = await block.index(part);
      opened.push({ index, window: new ChunkWindow(block, part, index) });
    }
    const { pairs, numbers } = await mergePairs(opened.map(({ index }) => index), turn);
    writer.beginTenant(this.tenant, pairs);
    const cursors = opened.map((source, i): Cursor => ({ ...source, numbers: numbers[i], places: new Uint32Array(source.index.seriesCount), next: 0, labels: new Uint32Array(0) }));
    for (const cursor of cursors) load(cursor);
    for (let place = 0; ; place++) {
      const same = leastOf(cursors);
      if (same.length === 0) break;
      const [{ index, next, labels }] = same;
      writer.beginSeries(index.idLow(next), index.idHigh(next), labels);
      await this.series(same);
      for (const cursor of same) {
        cursor.places[cursor.next++] = place;
        load(cursor);
      }
      if (turn.due) {
        this.signal.throwIfAborted();
        await writer.drain();
        await turn.give();
      }
    }
    await writer.endTenant(this.mergedRest(cursors));
  }

  /** The series that the cursors stand at: one after the other where their times allow it. */
  private async series(cursors: readonly Cursor[]): Promise<void> {
    const { buffer } = this;
    buffer.clear();
    const inOrder = ascending(cursors);
    for (const { index, window, next } of cursors) {
      const { seriesChunks, chunkCount, chunkMin, chunkMax } = index.columns;
      for (let chunk = seriesChunks[next]; chunk < seriesChunks[next + 1]; chunk++) {
        const bytes = await window.chunk(chunk);
        if (inOrder && nearlyFull(bytes, chunkCount[chunk])) {
          this.writeAll();
          this.writer.chunk(bytes, chunkCount[chunk], chunkMin[chunk], chunkMax[chunk]);
          continue;
        }
        if (!this.reader.read(bytes, 0, bytes.length, -Infinity, Infinity, buffer)) throw new BlockDamaged('', `chunk ${chunk} of tenant ${this.tenant} cannot be read`);
        if (inOrder && buffer.length >= CHUNK_SAMPLES * 2) this.writeFull();
      }
    }
    buffer.settle();
    this.writeAll();
  }

  private writeAll(): void {
    writeChunks(this.writer, this.sink, this.buffer);
    this.buffer.clear();
  }

  /** Writes one full chunk's samples and keeps the others. */
  private writeFull(): void {
    const { buffer, rest } = this;
    rest.clear();
    for (let i = CHUNK_SAMPLES; i < buffer.length; i++) rest.add(buffer.times[i], buffer.words[2 * i], buffer.words[2 * i + 1], buffer.histograms?.[i] ?? null);
    buffer.length = CHUNK_SAMPLES;
    if (buffer.histograms !== null) buffer.histograms.length = CHUNK_SAMPLES;
    this.writeAll();
    for (let i = 0; i < rest.length; i++) buffer.add(rest.times[i], rest.words[2 * i], rest.words[2 * i + 1], rest.histograms?.[i] ?? null);
  }

  private mergedRest(cursors: readonly Cursor[]): unknown {
    const rests = cursors.map(({ index, places }) => ({ places, ...decodeRest(index.rest()) }));
    const exemplars = rests.flatMap(({ places, exemplars: of }) => of.map(({ series, exemplar }): SeriesExemplar => ({ series: places[series], exemplar })));
    const metadata = new Map(rests.flatMap((rest) => rest.metadata.map((entry) => [entry.name, entry] as const)));
    return encodeRest({ exemplars: exemplars.slice(Math.max(0, exemplars.length - this.maxExemplars)), metadata: [...metadata.values()] });
  }
}

function load(cursor: Cursor): void {
  const { index, next, numbers } = cursor;
  if (next >= index.seriesCount) return;
  const { labels, seriesLabels } = index.columns;
  const from = seriesLabels[next];
  const length = seriesLabels[next + 1] - from;
  const mapped = new Uint32Array(length);
  for (let i = 0; i < length; i++) mapped[i] = numbers[labels[from + i]];
  cursor.labels = mapped;
}

/** The cursors that stand at the first of all series, in their order. */
function leastOf(cursors: readonly Cursor[]): readonly Cursor[] {
  let least: Cursor[] = [];
  for (const cursor of cursors) {
    if (cursor.next >= cursor.index.seriesCount) continue;
    const order = least.length === 0 ? -1 : compare(cursor.labels, least[0].labels);
    if (order < 0) least = [cursor];
    else if (order === 0) least.push(cursor);
  }
  return least;
}

function compare(a: Uint32Array, b: Uint32Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}

/** Whether each block's samples of the series are later than those of the blocks before. */
function ascending(cursors: readonly Cursor[]): boolean {
  let last = -Infinity;
  for (const { index, next } of cursors) {
    const { seriesChunks, chunkMin, chunkMax } = index.columns;
    for (let chunk = seriesChunks[next]; chunk < seriesChunks[next + 1]; chunk++) {
      if (chunkMin[chunk] <= last) return false;
      last = chunkMax[chunk];
    }
  }
  return true;
}
