import type { DecodedWrite, WriteSeries } from '@signalbox/signals/prometheus/remote-write/types';
import { ItemCounter } from '@signalbox/signals/otlp/protobuf/items';
import { NAN_HIGH, NAN_LOW, STALE_HIGH, STALE_LOW } from '../float-words.js';
import type { HeadSamples } from '../head/head-samples.js';
import { NO_SERIES } from '../head/head-series.js';
import { DUPLICATE_TIMESTAMP, SERIES_LIMIT, type ItemTally } from './item-tally.js';
import { REFUSED } from '../head/tenant-samples.js';

/** Adds what a remote write or a scrape brought. Every float sample and every histogram is an item. */
export function addWrite(hot: HeadSamples, tenant: string, { series, problems }: DecodedWrite, rejected: readonly number[], tally: ItemTally): void {
  for (const { kind, items } of problems) tally.drop(`invalid_${kind}`, items);
  const items = new ItemCounter(rejected);
  for (const one of series) addSeries(hot, tenant, one, items, tally);
}

function addSeries(hot: HeadSamples, tenant: string, series: WriteSeries, items: ItemCounter, tally: ItemTally): void {
  const { labels, timesMs, startsMs, values, histograms, exemplars, metadata } = series;
  if (metadata !== null) {
    const name = labels.find(([label]) => label === '__name__')?.[1] ?? '';
    hot.addMetadata(tenant, { name: metadata.type === 'histogram' || metadata.type === 'summary' ? familyOf(name) : name, ...metadata });
  }
  if (timesMs.length + histograms.length + exemplars.length === 0) return;
  const ref = hot.seriesOf(tenant, labels);
  const of = hot.tenant(tenant);
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  const add = (timeMs: number, startMs: number, low: number, high: number, histogram: WriteSeries['histograms'][number]['histogram']): void => {
    if (!items.take()) return;
    if (of.zeroAtStart && ref !== NO_SERIES) of.begin(ref, startMs, timeMs, histogram);
    if (ref === NO_SERIES) tally.drop(SERIES_LIMIT);
    else if (of.add(ref, timeMs, low, high, histogram) === REFUSED) tally.drop(DUPLICATE_TIMESTAMP);
    else tally.delivered++;
  };
  for (let i = 0; i < timesMs.length; i++) add(timesMs[i], startsMs?.[i] ?? 0, words[2 * i], words[2 * i + 1], null);
  for (const { timeMs, startMs, histogram } of histograms) {
    if (histogram === null) add(timeMs, startMs, STALE_LOW, STALE_HIGH, null);
    else add(timeMs, startMs, NAN_LOW, NAN_HIGH, histogram);
  }
  if (ref !== NO_SERIES) hot.addExemplars(tenant, ref, exemplars);
}

/** The family of a classic histogram's or a summary's series. */
function familyOf(name: string): string {
  return name.replace(/_(bucket|sum|count)$/, '');
}
