import assert from 'node:assert/strict';
import type { MetricData } from '@opentelemetry/sdk-metrics';
import { DataPointType } from '@opentelemetry/sdk-metrics';
import client from 'prom-client';
import { PromClientProducer } from './producer.js';
import type { Registry } from './registries.js';
import { Registries } from './registries.js';

const START_NS = 1_000_000_000n;

function setup(...list: client.Registry[]) {
  const registries = new Registries();
  // prom-client's types do not tell that a metric can be asked for its values.
  for (const registry of list) registries.add(registry as unknown as Registry);
  let nowNs = 5_000_000_000n;
  const producer = new PromClientProducer(registries, START_NS, () => (nowNs += 1_000_000_000n), assert.fail);
  return async (): Promise<readonly MetricData[]> => (await producer.collect()).resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
}

describe('PromClientProducer', () => {
  it('has nothing to say before there is a metric', async () => {
    assert.deepEqual(await setup(new client.Registry())(), []);
  });

  it('also says it in the terms of the SDK, for other exporters', async () => {
    const registry = new client.Registry();
    new client.Histogram({ name: 'h', help: 'h', buckets: [1, 2], registers: [registry] }).observe(1.5);
    new client.Summary({ name: 's', help: 's', percentiles: [0.5], registers: [registry] }).observe(3);
    new client.Counter({ name: 'c', help: 'c', registers: [registry] }).inc();
    const metrics = await setup(registry)();
    const [histogram, summary, counter] = metrics;
    assert.ok(histogram?.dataPointType === DataPointType.HISTOGRAM);
    assert.deepEqual(histogram.dataPoints[0]?.value, { buckets: { boundaries: [1, 2], counts: [0, 1, 0] }, count: 1, sum: 1.5 });
    assert.deepEqual(histogram.dataPoints[0]?.startTime, [1, 0]);
    assert.deepEqual(histogram.dataPoints[0]?.endTime, [6, 0]);
    assert.ok(summary?.dataPointType === DataPointType.GAUGE);
    assert.deepEqual(summary.dataPoints.map(({ attributes, value }) => [attributes['quantile'], value]), [['0.5', 3]]);
    assert.ok(counter?.dataPointType === DataPointType.SUM && counter.isMonotonic);
  });

  it('joins metrics of one name from several registries, each series once', async () => {
    const [a, b] = [new client.Registry(), new client.Registry()];
    new client.Gauge({ name: 'size', help: 'x', labelNames: ['part'], registers: [a] }).set({ part: 'one' }, 1);
    const second = new client.Gauge({ name: 'size', help: 'x', labelNames: ['part'], registers: [b] });
    second.set({ part: 'one' }, 100);
    second.set({ part: 'two' }, 2);
    const [metric, ...rest] = await setup(a, b)();
    assert.equal(rest.length, 0);
    assert.deepEqual(metric?.dataPoints.map(({ attributes, value }) => [attributes['part'], value]), [['one', 1], ['two', 2]]);
  });

  it('gives the first start to a series that goes away and comes back from zero', async () => {
    const registry = new client.Registry();
    const counter = new client.Counter({ name: 'c_total', help: 'c', labelNames: ['l'], registers: [registry] });
    const collect = setup(registry);
    counter.inc({ l: 'x' }, 5);
    const start = async (): Promise<unknown> => (await collect())[0]?.dataPoints[0]?.startTime;
    assert.deepEqual(await start(), [1, 0]);
    counter.inc({ l: 'x' });
    assert.deepEqual(await start(), [1, 0]);
    counter.reset();
    counter.inc({ l: 'x' });
    assert.deepEqual(await start(), [7, 0], 'the time of the last collection before it fell');
  });

  it('passes over values that are no numbers and metrics of types that it does not know', async () => {
    const registry = new client.Registry();
    registry.registerMetric({ name: 'odd', get: async () => ({ name: 'odd', help: '', type: 'untyped', values: [{ value: 1 }] }) } as unknown as client.Metric);
    registry.registerMetric({ name: 'none', get: async () => ({ name: 'none', help: '', type: 'gauge', values: [{ value: 'x' }] }) } as unknown as client.Metric);
    assert.deepEqual(await setup(registry)(), []);
  });
});
