import assert from 'node:assert/strict';
import type { Frame } from '@signalbox/journal/frame';
import { countItems } from '@signalbox/signals/otlp/count';
import { decodeMetrics, encodeMetrics } from '@signalbox/signals/otlp/protobuf/metrics';
import { TRANSLATION_STRATEGIES } from '@signalbox/signals/prometheus/metric-name';
import type { TranslateOptions } from '@signalbox/signals/prometheus/options';
import { toPrometheus } from '@signalbox/signals/prometheus/translate';
import { addBatch } from '../read/batch-samples.js';
import { SampleBuffer } from '../chunk/sample-buffer.js';
import { DeltaState } from '../head/delta-state.js';
import { HeadSamples } from '../head/head-samples.js';
import { ItemTally } from './item-tally.js';
import { MetricIntake } from './metric-intake.js';
import { random, randomMetrics } from '../random-samples.test.js';
import { SeriesHead } from '../head/series-head.js';

const RECEIVED_NS = 1_700_000_000_123_456_789n;

function frameOf(payload: Uint8Array, items: number, rejected: readonly number[]): Frame {
  return { signal: 'metrics', encoding: 'otlp', tenant: 't', items, rejected, receivedNs: RECEIVED_NS, position: 0, next: 1, batchId: '', origin: '', payloadBytes: payload.length, payload: Buffer.from(payload) };
}

function head(maxSeries = 100_000): HeadSamples {
  return new HeadSamples(new SeriesHead({ maxSeries, idleMs: 1e9 }), 10_000, 1000);
}

/** Everything that was taken, by series. */
function shown(hot: HeadSamples): Map<string, unknown> {
  const samples = hot.tenant('t');
  const out = new Map<string, unknown>();
  for (let ref = 0; ref < samples.series.seriesCount; ref++) {
    const buffer = new SampleBuffer();
    samples.read(ref, -Infinity, Infinity, buffer);
    buffer.settle();
    const exemplars = samples.exemplars.list().filter(({ series }) => series === ref).map(({ exemplar }) => exemplar);
    const values = Array.from({ length: buffer.length }, (_, i) => [buffer.times[i], buffer.words[2 * i], buffer.words[2 * i + 1], buffer.histograms?.[i] ?? null]);
    if (values.length > 0) out.set(JSON.stringify(samples.series.labels(ref)), { values, exemplars });
  }
  return out;
}

describe('metrics from the wire', () => {
  it('are what decoding and translating makes of them, with whatever options', () => {
    for (let round = 0; round < 60; round++) {
      const options: TranslateOptions = round < 30 ? {} : {
        strategy: TRANSLATION_STRATEGIES[random(TRANSLATION_STRATEGIES.length)], promoteResourceAttributes: random(2) === 0 ? ['service.name', 'host.name', 'r'] : [], promoteAllResourceAttributes: random(3) === 0,
        promoteScopeMetadata: random(2) === 0, keepIdentifyingResourceAttributes: random(2) === 0, convertHistogramsToNhcb: random(2) === 0,
      };
      const fast = head();
      const slow = head();
      const intake = new MetricIntake(1000, options);
      const deltas = new DeltaState(1000);
      for (let i = 0; i < 30; i++) {
        const data = randomMetrics(1_700_000_000_000 + i * 60_000);
        const payload = encodeMetrics(data);
        const items = countItems(data);
        const rejected = Array.from({ length: items }, (_, item) => item).filter(() => random(10) === 0);
        const outcome = intake.append(fast, frameOf(payload, items, rejected));
        const tally = new ItemTally();
        const converted = deltas.convert('t', decodeMetrics(payload, rejected), (reason) => tally.drop(reason));
        addBatch(slow, 't', toPrometheus(converted, { ...options, receivedNs: RECEIVED_NS }), tally);
        assert.deepEqual(outcome, { delivered: tally.delivered, dropped: tally.dropped });
        assert.equal(tally.delivered + Object.values(tally.dropped).reduce((sum, n) => sum + n, 0), items - rejected.length);
      }
      assert.deepEqual(shown(fast), shown(slow));
      assert.deepEqual(new Set(fast.tenant('t').metadata.keys()), new Set(slow.tenant('t').metadata.keys()));
    }
  });

  it('end where the bytes are broken: what came before is taken, the rest is told', () => {
    const data = randomMetrics(0);
    for (let round = 0; round < 300; round++) {
      const payload = Buffer.from(encodeMetrics(round % 30 === 0 ? data : randomMetrics(round)));
      if (payload.length === 0) continue;
      const items = 50;
      payload[random(payload.length)] = random(256);
      const { delivered, dropped, problem } = new MetricIntake(10).append(head(), frameOf(round % 2 === 0 ? payload : payload.subarray(0, random(payload.length)), items, []));
      const seen = delivered + Object.values(dropped).reduce((sum, n) => sum + n, 0);
      if (problem !== undefined) assert.ok(seen >= items || dropped['undecodable'] === undefined, problem);
    }
  });

  it('refuse another value of a time, ignore the same one, and keep to the limit of series', () => {
    const gauge = (value: number, attribute: string) => ({ resourceMetrics: [{ resource: null, schemaUrl: '', scopeMetrics: [{ scope: null, schemaUrl: '', metrics: [{ name: 'g', description: '', unit: '', metadata: [], values: { type: 'gauge' as const, dataPoints: [{ attributes: [{ key: 'a', value: attribute }], startNs: 0n, timeNs: 5_000_000n, flags: 0, value, exemplars: [] }] } }] }] }] });
    const hot = head(1);
    const intake = new MetricIntake(10);
    const append = (value: number, attribute = 'x') => intake.append(hot, frameOf(encodeMetrics(gauge(value, attribute)), 1, []));
    assert.deepEqual(append(1), { delivered: 1, dropped: {} });
    assert.deepEqual(append(1), { delivered: 1, dropped: {} });
    assert.deepEqual(append(2), { delivered: 0, dropped: { duplicate_timestamp: 1 } });
    assert.deepEqual(append(1, 'y'), { delivered: 0, dropped: { series_limit: 1 } });
    assert.deepEqual([...shown(hot).values()], [{ values: [[5, 0, 0x3ff00000, null]], exemplars: [] }]);
  });
});
