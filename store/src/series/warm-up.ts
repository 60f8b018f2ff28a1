import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Series, SeriesReader } from '@signalbox/query/readers';
import { temporaryDirectory } from '../files/directory.js';
import { pathsOf, type StoredFile } from '../files/stored-file.js';
import type { StoreLogger } from '../logger.js';
import { BlockCache } from './block/block-cache.js';
import { BlockWriter } from './block/block-writer.js';
import { writeHead } from './block/write-head.js';
import { HeadSamples } from './head/head-samples.js';
import { SeriesHead } from './head/series-head.js';
import { StoreSeriesReader } from './read/series-reader.js';

export interface WarmUpStore {
  readonly reader: SeriesReader;
  /** Removes its file. */
  close(): Promise<void>;
}

const LIMITS = { maxSeries: 10_000, idleMs: Infinity };
const INDEX_BYTES = 1 << 20;
const NS_PER_MS = 1_000_000n;

/**
 * Series behind a reader that is the store's own: the first half of their samples in a block, the others in memory. The block lies in
 * the temporary part of the store's directory, which is emptied when the store is opened.
 */
export async function openWarmUpStore(storeDir: string, tenant: string, series: readonly Series[], logger: StoreLogger): Promise<WarmUpStore> {
  const dir = await mkdtemp(join(temporaryDirectory(storeDir), 'warm-up-'));
  const blocks = new BlockCache(dir, INDEX_BYTES);
  const close = async (): Promise<void> => {
    await blocks.close();
    await rm(dir, { recursive: true, force: true });
  };
  try {
    const file = await writeBlock(dir, tenant, headOf(tenant, series, (i, count) => i < count / 2));
    const samples = headOf(tenant, series, (i, count) => i >= count / 2);
    const view = { files: [file], generations: [{ samples }] };
    return { reader: new StoreSeriesReader({ catalog: { acquire: () => ({ view, release: () => undefined }) }, blocks, logger }), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function headOf(tenant: string, all: readonly Series[], takes: (index: number, count: number) => boolean): HeadSamples {
  const head = new HeadSamples(new SeriesHead(LIMITS), 0, 0);
  for (const { labels, timesMs, values, histograms } of all) {
    const ref = head.seriesOf(tenant, labels);
    const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
    for (let i = 0; i < timesMs.length; i++) if (takes(i, timesMs.length)) head.tenant(tenant).add(ref, timesMs[i], words[2 * i], words[2 * i + 1], histograms?.[i] ?? null);
  }
  return head;
}

async function writeBlock(dir: string, tenant: string, head: HeadSamples): Promise<StoredFile> {
  const name = { kind: 'samples' as const, number: 1 };
  const { data } = pathsOf(dir, name);
  await mkdir(dirname(data));
  const writer = await BlockWriter.create(data);
  try {
    const samples = head.tenant(tenant);
    await writeHead(writer, tenant, samples, head.head.order(samples.series), new AbortController().signal);
    const { rows, bytes, minMs, maxMs } = await writer.finish();
    return { ...name, rows, bytes, minNs: BigInt(minMs) * NS_PER_MS, maxNs: BigInt(maxMs) * NS_PER_MS, receivedFromNs: 0n, receivedToNs: 0n, tenants: [tenant], merges: 0, sequence: 1 };
  } finally {
    await writer.close();
  }
}
