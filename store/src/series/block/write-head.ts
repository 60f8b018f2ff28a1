import { Turn } from '../../duckdb/turn.js';
import { encodeRest } from './block-rest.js';
import type { BlockWriter, SortedPairs } from './block-writer.js';
import { ByteSink } from '../chunk/byte-sink.js';
import { SampleBuffer } from '../chunk/sample-buffer.js';
import { writeChunks } from './write-chunks.js';
import type { HeadOrder } from '../head/head-order.js';
import type { HeadSeries } from '../head/head-series.js';
import { Uint32List } from '../lists.js';
import type { TenantSamples } from '../head/tenant-samples.js';

const PER_LOOK = 1024;

/** Writes a tenant's samples of a generation. */
export async function writeHead(writer: BlockWriter, tenant: string, samples: TenantSamples, order: HeadOrder, signal: AbortSignal): Promise<void> {
  await order.update();
  const { series } = samples;
  const turn = new Turn();
  const exemplars = samples.exemplars.list();
  const withExemplars = new Set(exemplars.map((exemplar) => exemplar.series));
  const refs = new Uint32List();
  const { pairs: pairOrder, series: seriesOrder } = order;
  const used = new Uint8Array(pairOrder.length);
  for (const ref of seriesOrder) {
    if (!samples.has(ref) && !withExemplars.has(ref)) continue;
    refs.push(ref);
    for (const pair of series.pairsOfSeries(ref)) used[pair] = 1;
    if (refs.length % PER_LOOK === 0 && turn.due) await turn.give();
  }
  const { pairs, numbers } = await sortedPairs(series, pairOrder, used, turn);
  writer.beginTenant(tenant, pairs);
  const buffer = new SampleBuffer();
  const sink = new ByteSink();
  const places = new Map<number, number>();
  let labels = new Uint32Array(64);
  for (const [place, ref] of refs.view.entries()) {
    const of = series.pairsOfSeries(ref);
    if (of.length > labels.length) labels = new Uint32Array(of.length * 2);
    for (let i = 0; i < of.length; i++) labels[i] = numbers[of[i]];
    writer.beginSeries(series.idLow(ref), series.idHigh(ref), labels.subarray(0, of.length));
    buffer.clear();
    samples.read(ref, -Infinity, Infinity, buffer);
    buffer.settle();
    writeChunks(writer, sink, buffer);
    if (withExemplars.has(ref)) places.set(ref, place);
    if (turn.due) {
      signal.throwIfAborted();
      await writer.drain();
      await turn.give();
    }
  }
  const placed = exemplars.map(({ series: ref, exemplar }) => ({ series: places.get(ref) ?? 0, exemplar }));
  await writer.endTenant(encodeRest({ exemplars: placed, metadata: [...samples.metadata.values()] }));
}

/** The pairs that are used, in their order, and each one's number among them. */
async function sortedPairs(series: HeadSeries, order: Uint32Array, used: Uint8Array, turn: Turn): Promise<{ readonly pairs: SortedPairs; readonly numbers: Uint32Array }> {
  const names: string[] = [];
  const counts: number[] = [];
  const values: string[] = [];
  const numbers = new Uint32Array(order.length);
  for (const pair of order) {
    if (used[pair] === 0) continue;
    const name = series.names[series.pairName(pair)];
    if (names.at(-1) !== name) {
      names.push(name);
      counts.push(0);
    }
    counts[counts.length - 1]++;
    numbers[pair] = values.length;
    values.push(series.value(pair));
    if (values.length % PER_LOOK === 0 && turn.due) await turn.give();
  }
  return { pairs: { names, counts, values }, numbers };
}
