import assert from 'node:assert/strict';
import type { Metric } from '@signalbox/signals/model/metric';
import { toPrometheus } from '@signalbox/signals/prometheus/translate';
import { Application, buildAgent } from './application.test.js';
import type { Received } from './collector.test.js';
import { plain, TestCollector } from './collector.test.js';

const QUICK = { OTEL_METRIC_EXPORT_INTERVAL: '300', OTEL_SERVICE_NAME: 'shop' };

for (const kind of ['mjs', 'cjs']) {
  describe(`metrics of a real application, prom-client.${kind}`, function () {
    this.timeout(180_000);
    let collector: TestCollector;
    let application: Application;
    let url: string;
    before(async () => {
      buildAgent();
      collector = await new TestCollector().start();
      application = new Application(`prom-client.${kind}`, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.grpcUrl, ...QUICK });
      ({ url } = await application.ready());
      await collector.until(() => collector.metrics().find(({ scope }) => scope?.name === 'prom-client'));
    });
    after(async () => {
      await application.stop('SIGKILL');
      await collector.close();
    });

    /** The metric in the first collection. */
    const metric = (name: string): Received<Metric> => {
      const found = collector.metrics().find((entry) => entry.name === name && entry.scope?.name === 'prom-client');
      assert.ok(found, name);
      return found;
    };

    it('sends counters as cumulative, monotonic sums since the start of the process', () => {
      const { values, description } = metric('orders_total');
      assert.ok(values.type === 'sum');
      assert.equal(description, 'Orders taken');
      assert.deepEqual({ monotonic: values.monotonic, temporality: values.temporality }, { monotonic: true, temporality: 2 });
      assert.deepEqual(values.dataPoints.map(({ attributes, value }) => [plain(attributes), value]), [[{ kind: 'book', shop: 'demo' }, 2], [{ kind: 'tea', shop: 'demo' }, 1]]);
      for (const { startNs, timeNs } of values.dataPoints) assert.ok(startNs > 0n && startNs < timeNs);
    });

    it('sends gauges, collect functions included', () => {
      const { values } = metric('stock_items');
      assert.ok(values.type === 'gauge');
      assert.deepEqual(values.dataPoints.map(({ attributes, value }) => [plain(attributes)['item'], value]), [['book', 3], ['tea', 12]]);
    });

    it('sends histograms of registries of the application with bounds, counts between them, and exemplars', () => {
      const { values } = metric('checkout_duration_seconds');
      assert.ok(values.type === 'histogram');
      const [point] = values.dataPoints;
      assert.ok(point);
      assert.deepEqual(point.explicitBounds, [0.1, 0.5, 1]);
      assert.deepEqual(point.bucketCounts, [1n, 2n, 0n, 1n]);
      assert.deepEqual({ count: point.count, sum: point.sum }, { count: 4n, sum: 3.85 });
      assert.deepEqual(plain(point.attributes), { result: 'ok' });
      assert.deepEqual(
        point.exemplars.map(({ value, traceId, spanId, filteredAttributes }) => ({ value, traceId, spanId, ...plain(filteredAttributes) })),
        [0.05, 0.4, 3].map((value) => ({ value, traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', user: 'u1' })),
      );
    });

    it('sends summaries as such', () => {
      const { values } = metric('basket_size');
      assert.ok(values.type === 'summary');
      assert.deepEqual(values.dataPoints.map(({ count, sum, quantileValues }) => ({ count, sum, quantiles: quantileValues.map(({ quantile }) => quantile) })), [{ count: 3n, sum: 6, quantiles: [0.5, 0.9] }]);
    });

    it('leaves out what cannot be collected, says so once, and sends the rest', () => {
      assert.equal(collector.metrics().find(({ name }) => name === 'broken'), undefined);
      assert.equal(application.stderr.match(/no answer from the sensor/g)?.length, 1);
    });

    it('gives every series its name back when it is translated to Prometheus', () => {
      const names = new Set<string>();
      const resourceMetrics = ['orders_total', 'visits', 'stock_items', 'checkout_duration_seconds', 'basket_size'].map(metric).map((entry) => ({
        resource: entry.resource, schemaUrl: '', scopeMetrics: [{ scope: entry.scope, schemaUrl: '', metrics: [entry] }],
      }));
      for (const { labels } of toPrometheus({ resourceMetrics }).samples) names.add(labels.find(([name]) => name === '__name__')?.[1] ?? '');
      names.delete('target_info');
      assert.deepEqual([...names].sort(), [
        'basket_size', 'basket_size_count', 'basket_size_sum', 'checkout_duration_seconds_bucket', 'checkout_duration_seconds_count',
        'checkout_duration_seconds_sum', 'orders_total', 'stock_items', 'visits_total',
      ]);
    });

    it('notices a reset: the sum begins anew', async () => {
      const start = (entry: Received<Metric>): bigint => (entry.values.type === 'sum' ? (entry.values.dataPoints[0]?.startNs ?? 0n) : 0n);
      const before = start(metric('orders_total'));
      await fetch(`${url}/reset`);
      const after = await collector.until(() => collector.metrics().find((entry) => entry.name === 'orders_total' && start(entry) > before));
      assert.ok(after.values.type === 'sum');
      assert.deepEqual(after.values.dataPoints.map(({ value }) => value), [1]);
    });

    it('leaves /metrics of the application as it was', async () => {
      const text = await (await fetch(`${url}/metrics`)).text();
      assert.match(text, /^# HELP orders_total Orders taken\n# TYPE orders_total counter\norders_total\{kind="book",shop="demo"\} 1$/);
    });
  });
}

describe('durations of gRPC calls', function () {
  this.timeout(180_000);
  for (const sampler of ['always_on', 'always_off']) {
    it(`arrive with method and status, from client and server, sampled ${sampler}`, async () => {
      buildAgent();
      const collector = await new TestCollector().start();
      const application = new Application('grpc.mjs', { OTEL_EXPORTER_OTLP_ENDPOINT: collector.grpcUrl, OTEL_METRIC_EXPORT_INTERVAL: '60000', OTEL_TRACES_SAMPLER: sampler, OTEL_SERVICE_NAME: 'shop' });
      try {
        const { url } = await application.ready();
        for (const path of ['/Ada', '/Ada', '/nobody']) await (await fetch(`${url}${path}`)).text();
        await application.stop();
        const points = (name: string): unknown => {
          const values = collector.metrics().find((entry) => entry.name === name)?.values;
          assert.ok(values?.type === 'histogram', name);
          return values.dataPoints.map(({ attributes, count }) => ({ count, ...plain(attributes) }));
        };
        const call = { 'rpc.system.name': 'grpc', 'rpc.method': 'greeter.Greeter/Greet' };
        assert.deepEqual(points('rpc.server.call.duration'), [
          { ...call, count: 2n, 'rpc.response.status_code': 'OK' },
          { ...call, count: 1n, 'rpc.response.status_code': 'NOT_FOUND' },
        ]);
        const client = points('rpc.client.call.duration');
        assert.ok(Array.isArray(client));
        assert.deepEqual(client.map((point) => [point.count, point['rpc.response.status_code'], point['error.type'], point['server.address']]), [
          [2n, 'OK', undefined, '127.0.0.1'],
          [1n, 'NOT_FOUND', 'NOT_FOUND', '127.0.0.1'],
        ]);
      } finally {
        await application.stop('SIGKILL');
        await collector.close();
      }
    });
  }
});

describe('exemplars of durations', function () {
  this.timeout(180_000);
  const fixtures = [
    ['http.mjs', '/front', ['http.server.request.duration', 'http.client.request.duration']],
    ['grpc.cjs', '/Ada', ['http.server.request.duration', 'rpc.server.call.duration', 'rpc.client.call.duration']],
  ] as const;
  for (const [fixture, path, names] of fixtures) {
    it(`lead from each bucket of ${names.join(', ')} to a span (${fixture})`, async () => {
      buildAgent();
      const collector = await new TestCollector().start();
      const application = new Application(fixture, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.grpcUrl, OTEL_METRIC_EXPORT_INTERVAL: '60000', OTEL_SERVICE_NAME: 'shop' });
      try {
        const { url } = await application.ready();
        await (await fetch(`${url}${path}`)).text();
        await application.stop();
        const kinds = { server: 2, client: 3 };
        for (const name of names) {
          const values = collector.metrics().find((entry) => entry.name === name)?.values;
          assert.ok(values?.type === 'histogram', name);
          assert.equal(values.temporality, 2);
          for (const point of values.dataPoints) {
            assert.ok(point.exemplars.length > 0, name);
            assert.equal(point.bucketCounts.reduce((sum, count) => sum + count), point.count);
            for (const { traceId, spanId, value, timeNs } of point.exemplars) {
              const span = collector.spans().find((entry) => entry.spanId === spanId);
              assert.ok(span, `${name} leads to a span`);
              assert.equal(span.traceId, traceId);
              assert.equal(span.kind, name.includes('.server.') ? kinds.server : kinds.client);
              assert.equal(timeNs, span.endNs);
              assert.ok(typeof value === 'number' && Math.abs(value - Number(span.endNs - span.startNs) / 1e9) < 1e-6);
              const method = plain(point.attributes)['http.request.method'];
              assert.equal(method, span.fields['http.request.method']);
            }
          }
        }
      } finally {
        await application.stop('SIGKILL');
        await collector.close();
      }
    });
  }
});
