import type { PrometheusBatch, PrometheusSample } from '@signalbox/signals/prometheus/types';
import { FLOAT, NAN_HIGH, NAN_LOW, STALE_HIGH, STALE_LOW, WORDS } from '../float-words.js';
import type { HeadSamples } from '../head/head-samples.js';
import { NO_SERIES } from '../head/head-series.js';
import { DUPLICATE_TIMESTAMP, SERIES_LIMIT, type ItemTally } from '../intake/item-tally.js';
import { REFUSED } from '../head/tenant-samples.js';

/**
 * Adds translated OTLP points. A point whose samples would need more series than the tenant may have is dropped as a whole; one is
 * refused where all of its samples are.
 */
export function addBatch(hot: HeadSamples, tenant: string, batch: PrometheusBatch, tally: ItemTally): void {
  for (const { reason } of batch.dropped) tally.drop(reason);
  for (const metadata of batch.metadata) hot.addMetadata(tenant, metadata);
  eachItem(batch.samples, (samples, item) => {
    const { reason } = addItem(hot, tenant, samples);
    if (item < 0) return;
    if (reason === null) tally.delivered++;
    else tally.drop(reason);
  });
}

/** Those of one point stand together. */
export function eachItem(samples: readonly PrometheusSample[], take: (samples: readonly PrometheusSample[], item: number) => void): void {
  for (let from = 0; from < samples.length; ) {
    let to = from + 1;
    while (to < samples.length && samples[to].item === samples[from].item) to++;
    take(samples.slice(from, to), samples[from].item);
    from = to;
  }
}

/** Adds the samples of one point; answers its series, or why it was dropped. */
export function addItem(hot: HeadSamples, tenant: string, samples: readonly PrometheusSample[]): { readonly refs: readonly number[]; readonly reason: string | null } {
  const refs = samples.map(({ labels }) => hot.seriesOf(tenant, labels));
  if (refs.includes(NO_SERIES)) return { refs: [], reason: SERIES_LIMIT };
  const of = hot.tenant(tenant);
  let refused = 0;
  for (const [i, sample] of samples.entries()) {
    const { timeMs, value, stale, histogram, startMs, exemplars } = sample;
    if (of.zeroAtStart) of.begin(refs[i], startMs, timeMs, stale ? null : histogram);
    FLOAT[0] = value;
    const low = stale ? STALE_LOW : histogram !== null ? NAN_LOW : WORDS[0];
    const high = stale ? STALE_HIGH : histogram !== null ? NAN_HIGH : WORDS[1];
    if (of.add(refs[i], timeMs, low, high, stale ? null : histogram) === REFUSED) refused++;
    hot.addExemplars(tenant, refs[i], exemplars);
  }
  return { refs, reason: samples.length > 0 && refused === samples.length ? DUPLICATE_TIMESTAMP : null };
}
