import assert from 'node:assert/strict';
import client from 'prom-client';
import { convertFamily } from './convert.js';
import { familyNow } from './family-now.js';
import type { PromMetric } from './registries.js';
import { Starts } from './starts.js';

const registers: client.Registry[] = [];

// What prom-client itself answers, and waits for, is what is right.
describe('familyNow', () => {
  const counter = new client.Counter({ name: 'c_total', help: 'c', labelNames: ['l'], registers });
  counter.inc({ l: 'x' }, 2);
  counter.inc({ l: 'y' });
  const gauge = new client.Gauge({ name: 'g', help: 'g', registers });
  gauge.set(-3);
  const histogram = new client.Histogram({ name: 'h', help: 'h', labelNames: ['l'], buckets: [0.5, 2, 10], registers });
  for (const value of [0.1, 1, 1, 5, 50]) histogram.observe({ l: 'x' }, value);
  histogram.observe({ l: 'y' }, 3);
  // prom-client's types give exemplars the labels of the metric; it takes any.
  const exemplars = new client.Histogram<string>({ name: 'e', help: 'e', labelNames: ['l'], buckets: [1], enableExemplars: true, registers });
  for (const value of [0.5, 7]) exemplars.observe({ labels: { l: 'x' }, value, exemplarLabels: { trace_id: '0af7651916cd43dd8448eb211c80319c' } });

  for (const metric of [counter, gauge, histogram, exemplars] as unknown as PromMetric[]) {
    it(`agrees with prom-client on ${metric.constructor.name} ${String(Reflect.get(metric, 'name'))}`, async () => {
      const family = familyNow(metric);
      assert.ok(family);
      const convert = (given: typeof family) => convertFamily(given, { d: 1 }, new Starts(1n), 2_000_000_000n);
      assert.deepEqual(convert(family), convert(await metric.get()));
    });
  }

  it('leaves what must be waited for', () => {
    const collecting = new client.Gauge({ name: 'w', help: 'w', registers, collect() {} });
    const summary = new client.Summary({ name: 's', help: 's', registers });
    for (const metric of [collecting, summary] as unknown as PromMetric[]) assert.equal(familyNow(metric), null);
  });
});
