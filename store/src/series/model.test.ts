import assert from 'node:assert/strict';
import { MemorySeries } from '@signalbox/query/memory/series';
import type { Matcher, SeriesReader } from '@signalbox/query/readers';
import { encodeWriteV2 } from '@signalbox/signals/prometheus/remote-write/encode';
import { countSamples } from '@signalbox/signals/prometheus/remote-write/count';
import type { WriteSeries } from '@signalbox/signals/prometheus/remote-write/types';
import { STALE_NAN_BITS, type Labels, type NativeHistogram } from '@signalbox/signals/prometheus/types';
import { context, StoreFixture } from '../store-fixture.test.js';
import { pick, random, randomHistogram, randomLabels, randomMatcher } from './random-samples.test.js';

const T0 = 1_700_000_000_000;
const STALE = new Uint32Array(new BigUint64Array([STALE_NAN_BITS]).buffer);
const IN_FILES = { flush: { samples: 300, ageMs: 100 }, merge: { intervalMs: 5, minFiles: 2, maxFiles: 6 } };

interface Sample {
  readonly timeMs: number;
  readonly value: number;
  readonly stale: boolean;
  readonly histogram: NativeHistogram | null;
}

/** A series has one value at a time, whoever asks: so it does not matter which of two samples stands. */
function sampleAt(labels: Labels, timeMs: number): Sample {
  const seed = (timeMs / 1000) % 1009;
  const kind = labels.length % 4;
  const histogram = kind === 0 || (kind === 1 && seed % 7 === 0) ? randomHistogram(seed % 11) : null;
  const stale = histogram === null && seed % 13 === 0;
  return { timeMs, value: histogram !== null ? NaN : seed * (kind === 2 ? 1.37 : 1), stale, histogram };
}

function timeOf(): number {
  return pick([() => random(100) * 1000, () => T0 + random(2000) * 1000, () => T0 + random(100) * 15_000])();
}

function writeSeries(labels: Labels, samples: readonly Sample[]): WriteSeries {
  const floats = samples.filter(({ histogram }) => histogram === null);
  const values = new Float64Array(floats.length);
  const words = new Uint32Array(values.buffer);
  for (const [i, { value, stale }] of floats.entries()) {
    if (stale) words.set(STALE, 2 * i);
    else values[i] = value;
  }
  return {
    labels, timesMs: Float64Array.from(floats, ({ timeMs }) => timeMs), values, startsMs: null, exemplars: [], metadata: null,
    histograms: samples.flatMap(({ timeMs, histogram }) => (histogram === null ? [] : [{ timeMs, startMs: 0, histogram }])),
  };
}

async function append(fixture: StoreFixture, series: readonly WriteSeries[], tenant = 'default'): Promise<void> {
  const request = { series };
  await fixture.journal.append({ signal: 'metrics', encoding: 'prometheus', origin: 'test', tenant, items: countSamples(request), rejected: [], receivedNs: BigInt(Date.now()) * 1_000_000n, payload: encodeWriteV2(request) });
}

const keyOf = (labels: Labels): string => JSON.stringify(labels);

async function shownBy(reader: SeriesReader, matchers: readonly Matcher[], startMs: number, endMs: number): Promise<unknown> {
  const found = await reader.select(context(), { startMs, endMs, matchers, maxSeries: 10_000, maxSamples: 1_000_000 });
  const bits = (values: Float64Array): bigint[] => [...new BigUint64Array(values.slice().buffer)];
  return found.map(({ labels, timesMs, values, histograms }) => ({
    labels, timesMs: [...timesMs], histograms,
    // A stale marker may have lost its signalling bit on the way through the memory reader.
    values: bits(values).map((value) => (value === STALE_NAN_BITS ? 'stale' : value === (STALE_NAN_BITS | (1n << 51n)) ? 'stale' : String(value))),
  })).sort((a, b) => (keyOf(a.labels) < keyOf(b.labels) ? -1 : 1));
}

async function compare(store: SeriesReader, model: SeriesReader): Promise<void> {
  for (let i = 0; i < 25; i++) {
    const [startMs, endMs] = random(4) ? [timeOf(), timeOf()].sort((a, b) => a - b) : [-Infinity, Infinity];
    const matchers = Array.from({ length: random(4) }, randomMatcher);
    const what = JSON.stringify({ matchers, startMs, endMs });
    assert.deepEqual(await shownBy(store, matchers, startMs, endMs), await shownBy(model, matchers, startMs, endMs), what);
  }
  for (let i = 0; i < 25; i++) {
    const selectors = Array.from({ length: random(3) }, () => Array.from({ length: random(3) }, randomMatcher));
    const name = pick(['__name__', 'job', 'a', 'é', 'missing']);
    const what = JSON.stringify({ selectors, name });
    const sorted = (series: readonly Labels[]): string[] => series.map(keyOf).sort();
    assert.deepEqual(sorted(await store.series(context(), selectors, -Infinity, Infinity, 1e6)), sorted(await model.series(context(), selectors, -Infinity, Infinity, 1e6)), what);
    assert.deepEqual(await store.labelNames(context(), selectors, -Infinity, Infinity), await model.labelNames(context(), selectors, -Infinity, Infinity), what);
    assert.deepEqual(await store.labelValues(context(), name, selectors, -Infinity, Infinity), await model.labelValues(context(), name, selectors, -Infinity, Infinity), what);
  }
}

describe('the series store beside the reference in memory', function suite() {
  this.timeout(240_000);
  let fixture: StoreFixture;
  afterEach(() => fixture.close());

  for (const [where, settings] of [['in memory', {}], ['in blocks that are merged', IN_FILES]] as const) {
    it(`answers alike for random samples in any order, ${where}`, async () => {
      fixture = await StoreFixture.open(settings);
      const model = new MemorySeries();
      const known = new Map<string, { labels: Labels; samples: Map<number, Sample> }>();
      for (let round = 0; round < 40; round++) {
        const series = Array.from({ length: 1 + random(10) }, () => {
          const labels = randomLabels();
          const of = known.get(keyOf(labels)) ?? { labels, samples: new Map<number, Sample>() };
          known.set(keyOf(labels), of);
          const samples = [...new Set(Array.from({ length: random(30) }, timeOf))].map((timeMs) => of.samples.get(timeMs) ?? sampleAt(labels, timeMs));
          for (const sample of samples) of.samples.set(sample.timeMs, sample);
          return writeSeries(labels, samples);
        });
        await append(fixture, series);
        if (round === 20 && where !== 'in memory') await fixture.reopen();
        if (round % 10 !== 9) continue;
        for (const { labels, samples } of known.values()) {
          const stale = (sample: Sample): number => (sample.stale ? new Float64Array(new BigUint64Array([STALE_NAN_BITS]).buffer)[0] : sample.value);
          if (samples.size > 0) model.set('default', labels, [...samples.values()].map((sample) => ({ ...sample, value: stale(sample) })));
        }
        await fixture.fresh();
        await compare(fixture.store.readers.series, model);
      }
      if (where === 'in memory') await fixture.reopen();
      await fixture.fresh();
      await compare(fixture.store.readers.series, model);
      if (where !== 'in memory') assert.ok(fixture.store.stats().files.samples.files < 40);
      await fixture.store.close();
      for (const row of await fixture.ledger()) assert.deepEqual([row.balanced, row.queued, row.dropped], [true, 0, {}]);
    });
  }

  it('lets the first of two values of a time stand, whatever is in which block, and after a merge', async () => {
    const labels: Labels = [['__name__', 'x']];
    const at = (timeMs: number, value: number): WriteSeries => writeSeries(labels, [{ timeMs, value, stale: false, histogram: null }]);
    fixture = await StoreFixture.open({ merge: { intervalMs: 0 } });
    await append(fixture, [at(5000, 1), at(9000, 90)]);
    await fixture.reopen();
    await append(fixture, [at(5000, 2), at(7000, 70)]);
    await fixture.reopen();
    await append(fixture, [at(5000, 3), at(7000, 71), at(9000, 91)]);
    const expected = [[5000, 7000, 9000], [1, 70, 90]];
    const found = async (): Promise<unknown> => {
      await fixture.fresh();
      const [series] = await fixture.store.readers.series.select(context(), { startMs: 0, endMs: Infinity, matchers: [], maxSeries: 10, maxSamples: 10 });
      return [[...series.timesMs], [...series.values]];
    };
    assert.deepEqual(await found(), expected);
    await fixture.reopen({ merge: { intervalMs: 5, minFiles: 2 } });
    const until = Date.now() + 120_000;
    while (fixture.store.stats().files.samples.files !== 1 && Date.now() < until) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(fixture.store.stats().files.samples.files, 1);
    assert.ok(fixture.store.stats().upkeep.merges > 0);
    assert.deepEqual(await found(), expected);
  });
});
