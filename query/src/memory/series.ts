import type { Labels, NativeHistogram, PrometheusBatch } from '@signalbox/signals/prometheus/types';
import { Turns } from '../event-loop.js';
import { labelValue, labelsKey } from '../labels/labels.js';
import { labelMatcher } from '../labels/matcher.js';
import type { ExemplarSeries, Matcher, MetricMetadata, ReadContext, Series, SeriesReader, SeriesSelect } from '../readers.js';
import { LimitExceeded } from '../readers.js';
import { STALE_NAN } from '../promql/numbers/stale.js';

type Selectors = readonly (readonly Matcher[])[];

interface Sample {
  timeMs: number;
  value: number;
  histogram: NativeHistogram | null;
}

interface StoredSeries {
  readonly labels: Labels;
  readonly samples: Sample[];
  readonly exemplars: { readonly labels: Labels; readonly value: number; readonly timeMs: number }[];
}

/** Series in memory, by tenant. For tests and for small amounts: every query looks at every series. */
export class MemorySeries implements SeriesReader {
  readonly #tenants = new Map<string, Map<string, StoredSeries>>();
  readonly #metadata = new Map<string, Map<string, MetricMetadata>>();

  /** Adds a batch. A series has one sample at a time: the first one stands, as in Prometheus. */
  add(tenant: string, batch: PrometheusBatch): void {
    const touched = new Set<StoredSeries>();
    for (const sample of batch.samples) {
      const series = this.#seriesOf(tenant, sample.labels);
      const value = sample.stale ? STALE_NAN : sample.histogram === null ? sample.value : NaN;
      series.samples.push({ timeMs: sample.timeMs, value, histogram: sample.stale ? null : sample.histogram });
      series.exemplars.push(...sample.exemplars);
      touched.add(series);
    }
    for (const { samples } of touched) settle(samples);
    const metadata = this.#metadata.get(tenant) ?? new Map<string, MetricMetadata>();
    this.#metadata.set(tenant, metadata);
    for (const entry of batch.metadata) metadata.set(entry.name, entry);
  }

  /** Replaces the samples of one series. Values that are STALE_NAN are stale markers. */
  set(tenant: string, labels: Labels, samples: readonly { timeMs: number; value: number; histogram?: NativeHistogram | null }[]): void {
    const series = this.#seriesOf(tenant, labels);
    series.samples.length = 0;
    for (const { timeMs, value, histogram } of samples) series.samples.push({ timeMs, value, histogram: histogram ?? null });
    settle(series.samples);
  }

  async select(context: ReadContext, { startMs, endMs, matchers, maxSeries, maxSamples }: SeriesSelect): Promise<readonly Series[]> {
    const turns = new Turns(context.signal);
    const found: Series[] = [];
    let count = 0;
    for (const series of await this.#matching(context, [matchers], startMs, endMs)) {
      const from = firstAtOrAfter(series.samples, startMs);
      const to = firstAtOrAfter(series.samples, endMs + 1);
      count += to - from;
      if (found.length + 1 > maxSeries) throw new LimitExceeded('series', maxSeries, 'query.max_series');
      if (count > maxSamples) throw new LimitExceeded('samples', maxSamples, 'query.max_samples');
      const slice = series.samples.slice(from, to);
      const values = new Float64Array(slice.length);
      slice.forEach((sample, i) => { values[i] = sample.value; });
      found.push({
        labels: series.labels,
        timesMs: Float64Array.from(slice, (sample) => sample.timeMs),
        values,
        histograms: slice.some((sample) => sample.histogram !== null) ? slice.map((sample) => sample.histogram) : null,
      });
      if (turns.due()) await turns.turn();
    }
    return found;
  }

  async series(context: ReadContext, selectors: Selectors, startMs: number, endMs: number, limit: number): Promise<readonly Labels[]> {
    return (await this.#matching(context, selectors, startMs, endMs)).slice(0, limit).map(({ labels }) => labels);
  }

  async labelNames(context: ReadContext, selectors: Selectors, startMs: number, endMs: number): Promise<readonly string[]> {
    const names = new Set<string>();
    for (const { labels } of await this.#matching(context, selectors, startMs, endMs)) for (const [name] of labels) names.add(name);
    return [...names].sort();
  }

  async labelValues(context: ReadContext, name: string, selectors: Selectors, startMs: number, endMs: number): Promise<readonly string[]> {
    const values = new Set<string>();
    for (const { labels } of await this.#matching(context, selectors, startMs, endMs)) values.add(labelValue(labels, name));
    values.delete('');
    return [...values].sort();
  }

  metadata(context: ReadContext): Promise<readonly MetricMetadata[]> {
    return Promise.resolve([...(this.#metadata.get(context.tenant)?.values() ?? [])]);
  }

  async exemplars(context: ReadContext, selectors: Selectors, startMs: number, endMs: number): Promise<readonly ExemplarSeries[]> {
    const found: ExemplarSeries[] = [];
    for (const { labels, exemplars } of await this.#matching(context, selectors, -Infinity, Infinity)) {
      const within = exemplars.filter(({ timeMs }) => timeMs >= startMs && timeMs <= endMs);
      if (within.length > 0) found.push({ labels, exemplars: within });
    }
    return found;
  }

  #seriesOf(tenant: string, labels: Labels): StoredSeries {
    let all = this.#tenants.get(tenant);
    if (all === undefined) this.#tenants.set(tenant, (all = new Map()));
    const key = labelsKey(labels);
    let series = all.get(key);
    if (series === undefined) all.set(key, (series = { labels, samples: [], exemplars: [] }));
    return series;
  }

  /** Series with a sample between the times (inclusive) that meet one of the selectors; all where there is none. */
  async #matching(context: ReadContext, selectors: Selectors, startMs: number, endMs: number): Promise<StoredSeries[]> {
    context.signal.throwIfAborted();
    const tests = selectors.map(labelMatcher);
    const turns = new Turns(context.signal);
    const found: StoredSeries[] = [];
    for (const series of this.#tenants.get(context.tenant)?.values() ?? []) {
      if (turns.due()) await turns.turn();
      const first = series.samples[firstAtOrAfter(series.samples, startMs)];
      if (first === undefined || first.timeMs > endMs) continue;
      if (tests.length === 0 || tests.some((test) => test((name) => labelValue(series.labels, name)))) found.push(series);
    }
    return found;
  }
}

/** In order of time; the one that was written first where a time occurs twice. */
function settle(samples: Sample[]): void {
  const byTime = new Map<number, Sample>();
  for (const sample of samples) if (!byTime.has(sample.timeMs)) byTime.set(sample.timeMs, sample);
  const settled = [...byTime.values()].sort((a, b) => a.timeMs - b.timeMs);
  samples.length = 0;
  for (const sample of settled) samples.push(sample);
}

function firstAtOrAfter(samples: readonly Sample[], timeMs: number): number {
  let low = 0;
  let high = samples.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((samples[middle]?.timeMs ?? Infinity) < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
