import type { ReadContext } from '@signalbox/query/readers';
import { inSequence, holdsTenant, type StoredFile } from '../../files/stored-file.js';
import type { StoreLogger } from '../../logger.js';
import { BlockDamaged } from '../block/block.js';
import type { BlockCache, TenantBlockPart } from '../block/block-cache.js';
import type { BlockRest } from '../block/block-rest.js';
import { decodeRest } from '../block/block-rest.js';
import type { HeadOrder } from '../head/head-order.js';
import type { HeadSamples } from '../head/head-samples.js';
import type { LabelIndex } from '../head/label-index.js';
import type { TenantSamples } from '../head/tenant-samples.js';

/** What there is of series: the part of the catalog's view that is read here. */
export interface SeriesView {
  readonly files: readonly StoredFile[];
  readonly generations: readonly { readonly samples: HeadSamples }[];
}

/** A block or a generation as a query sees it. */
export interface SeriesSource {
  readonly id: SourceId;
  readonly index: LabelIndex;
  /** A block's part; null for what is in memory. */
  readonly part: TenantBlockPart | null;
  readonly samples: TenantSamples | null;
  /** Of what is in memory. */
  readonly order: HeadOrder | null;
  /** Some of the series in the order of their labels, as far as that is known. */
  inOrder(series: readonly number[]): Promise<readonly number[]>;
  /** Whether the series has (in a block: may have) samples between the times, both inclusive. */
  hasWithin(series: number, startMs: number, endMs: number): boolean;
  rest(): BlockRest;
}

const NS_PER_MS = 1_000_000n;
/** Fewer series are sorted in less time. */
const MANY = 1000;

/** The number of a file, or the identity of a tenant's samples of a generation. */
export type SourceId = number | object;

/**
 * Gives `work` everything that may hold something of a tenant between two times, one after the other in the order of arrival, so
 * that what came first is seen first.
 */
export async function eachSource(
  parts: { readonly blocks: BlockCache; readonly logger: StoreLogger }, context: ReadContext, view: SeriesView, startMs: number, endMs: number, work: (source: SeriesSource) => Promise<void>,
  wanted: (source: SourceId) => boolean = () => true,
): Promise<void> {
  const files = filesOf(view, context.tenant).filter((file) => overlaps(file, startMs, endMs) && wanted(file.number)).sort(inSequence);
  for (const file of files) {
    context.signal.throwIfAborted();
    try {
      await parts.blocks.use(file, context.tenant, (part) => work(blockSource(file, part)));
    } catch (error) {
      if (!(error instanceof BlockDamaged)) throw error;
      parts.logger.error('a block of samples cannot be read; the answer lacks what is in it', { file: error.path, problem: error.message });
    }
  }
  for (const generation of view.generations) {
    const samples = generation.samples.tenants.get(context.tenant);
    if (samples !== undefined && wanted(samples.identity)) await work(headSource(samples, generation.samples.head.order(samples.series)));
  }
}

/** Everything that may hold something of a tenant and nothing outside of the two times. */
export function sourcesWithin(view: SeriesView, tenant: string, startMs: number, endMs: number): ReadonlySet<SourceId> {
  const within = new Set<SourceId>();
  for (const file of filesOf(view, tenant)) if (startMs <= Number(file.minNs / NS_PER_MS) && endMs >= Number(file.maxNs / NS_PER_MS)) within.add(file.number);
  for (const generation of view.generations) {
    const samples = generation.samples.tenants.get(tenant);
    if (samples !== undefined && startMs <= samples.minMs && endMs >= samples.maxMs) within.add(samples.identity);
  }
  return within;
}

/** The time of the last sample that a tenant may have, in milliseconds. */
export function lastTimeOf(view: SeriesView, tenant: string): number {
  let lastMs = -Infinity;
  for (const file of view.files) if (file.kind === 'samples' && holdsTenant(file, tenant)) lastMs = Math.max(lastMs, Number(file.maxNs / NS_PER_MS));
  for (const { samples } of view.generations) lastMs = Math.max(lastMs, samples.tenants.get(tenant)?.maxMs ?? -Infinity);
  return lastMs;
}

function filesOf(view: SeriesView, tenant: string): StoredFile[] {
  return view.files.filter((file) => file.kind === 'samples' && file.sequence !== undefined && holdsTenant(file, tenant));
}

function overlaps(file: StoredFile, startMs: number, endMs: number): boolean {
  return Number(file.minNs / NS_PER_MS) <= endMs && Number(file.maxNs / NS_PER_MS) >= startMs;
}

function blockSource(file: StoredFile, part: TenantBlockPart): SeriesSource {
  const { index } = part;
  return {
    id: file.number, index, part, samples: null, order: null, inOrder: (series) => Promise.resolve(series), rest: () => decodeRest(index.rest()),
    hasWithin: (series, startMs, endMs) => index.hasWithin(series, startMs, endMs),
  };
}

function headSource(samples: TenantSamples, order: HeadOrder): SeriesSource {
  return {
    id: samples.identity, index: samples.series, part: null, samples, order, inOrder: (series) => (series.length < MANY ? Promise.resolve(series) : order.of(series)), rest: () => ({ exemplars: samples.exemplars.list(), metadata: [...samples.metadata.values()] }),
    hasWithin: (series, startMs, endMs) => samples.hasWithin(series, startMs, endMs),
  };
}
