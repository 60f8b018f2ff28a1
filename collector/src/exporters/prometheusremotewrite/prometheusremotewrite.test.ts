import { strict as assert } from 'node:assert';
import { uncompress } from 'snappy';
import type { MetricsData, NumberDataPoint } from '@signalbox/signals/model/metric';
import { detachedPlace } from '../../config/place.js';
import { batchOf, testContext } from '../testing/context.js';
import { httpDestination, type HttpDestination, type Reply, type SeenRequest } from '../testing/http-destination.js';
import { prometheusremotewrite } from './index.js';
import { packedVarints, zigzag } from './packed.js';
import { unwritten } from './refusal.js';
import { spansOf } from './write-histogram.js';
import { requestsOf, writePoints } from './write-points.js';

const place = detachedPlace('test', ['exporters', 'prometheusremotewrite']);
const SECOND = 1_000_000_000n;

function gauges(points: readonly (readonly [name: string, second: number, value: number])[], service = 'shop'): MetricsData {
  return {
    resourceMetrics: [{
      resource: { attributes: [{ key: 'service.name', value: service }], droppedAttributesCount: 0 }, schemaUrl: '',
      scopeMetrics: [{
        scope: null, schemaUrl: '',
        metrics: points.map(([name, second, value]) => ({
          name, description: 'help', unit: '', metadata: [],
          values: { type: 'gauge' as const, dataPoints: [{ attributes: [], startNs: 0n, timeNs: BigInt(second) * SECOND, flags: 0, value, exemplars: [] } satisfies NumberDataPoint] },
        })),
      }],
    }],
  };
}
const written = (samples: number, status = 204, body = ''): Reply => ({ status, headers: { 'X-Prometheus-Remote-Write-Samples-Written': String(samples) }, body });
const delivered = (count: number): object => ({ kind: 'settled', delivered: count, duplicate: 0, retry: { items: [] }, rejected: [] });

describe('exporters/prometheusremotewrite', () => {
  let destination: HttpDestination;
  afterEach(() => destination?.close());

  async function exporterTo(reply: (request: SeenRequest, number: number) => Reply | 'cut' | 'silence', settings = {}) {
    destination = await httpDestination(reply);
    return prometheusremotewrite.create(prometheusremotewrite.parseConfig({ endpoint: destination.url, ...settings }, place), testContext());
  }
  const versions = (): (string | undefined)[] => destination.seen.map(({ headers }) => headers['x-prometheus-remote-write-version'] as string | undefined);

  it('sends 2.0 with its headers', async () => {
    const exporter = await exporterTo(() => written(1));
    assert.deepEqual(await exporter.export(batchOf('team', gauges([['m', 1, 2]])), AbortSignal.timeout(5000)), delivered(1));
    const [request] = destination.seen;
    assert.equal(request?.path, '/api/v1/write');
    assert.equal(request.headers['content-type'], 'application/x-protobuf;proto=io.prometheus.write.v2.Request');
    assert.equal(request.headers['content-encoding'], 'snappy');
    assert.equal(request.headers['x-scope-orgid'], 'team');
    assert.match((await uncompress(request.body)).toString('latin1'), /__name__.*job.*shop/s);
    await exporter.shutdown();
  });

  it('goes back to 1.0 where 2.0 is refused or not answered as such, and stays with it', async () => {
    for (const reply of [{ status: 415 }, { status: 200 }] as const) {
      const exporter = await exporterTo(({ headers }) => (headers['x-prometheus-remote-write-version'] === '2.0.0' ? reply : { status: 204 }));
      for (let i = 0; i < 2; i++) assert.deepEqual(await exporter.export(batchOf('default', gauges([['m', 1, 2]])), AbortSignal.timeout(5000)), delivered(1));
      assert.deepEqual(versions(), ['2.0.0', '0.1.0', '0.1.0']);
      await exporter.shutdown();
      await destination.close();
    }
  });

  it('speaks the version that is set', async () => {
    const one = await exporterTo(() => ({ status: 204 }), { version: 'v1' });
    await one.export(batchOf('default', gauges([['m', 1, 2]])), AbortSignal.timeout(5000));
    assert.deepEqual(versions(), ['0.1.0']);
    await one.shutdown();
    await destination.close();
    const two = await exporterTo(() => ({ status: 415 }), { version: 'v2' });
    const outcome = await two.export(batchOf('default', gauges([['m', 1, 2]])), AbortSignal.timeout(5000));
    assert.equal(outcome.kind === 'settled' && outcome.rejected.length, 1);
    await two.shutdown();
  });

  it('believes what the receiver says it has written', async () => {
    const exporter = await exporterTo(() => written(1, 400, 'out of order sample for series {__name__="b", job="shop"}\nout of order exemplar for series {__name__="a", job="shop"}'));
    const outcome = await exporter.export(batchOf('default', gauges([['a', 1, 1], ['b', 1, 1]])), AbortSignal.timeout(5000));
    assert.equal(outcome.kind, 'settled');
    assert.equal(outcome.delivered, 1);
    assert.deepEqual(outcome.rejected.map(({ item }) => item), [1]);
    assert.match(outcome.rejected[0]?.reason ?? '', /^out_of_order: out of order sample/);
    assert.equal(destination.seen.length, 1);
    await exporter.shutdown();
  });

  it('divides what a receiver of 1.0 refuses as a whole', async () => {
    const exporter = await exporterTo(({ body }) => (body.toString('latin1').includes('bad') ? { status: 400, body: 'out of order sample' } : { status: 204 }), { version: 'v1' });
    const outcome = await exporter.export(batchOf('default', gauges([['ok1', 1, 1], ['ok2', 1, 1], ['bad', 1, 1], ['ok3', 1, 1]])), AbortSignal.timeout(5000));
    assert.equal(outcome.kind, 'settled');
    assert.deepEqual(outcome.rejected.map(({ item }) => item), [2]);
    assert.equal(outcome.delivered, 3);
    await exporter.shutdown();
  });

  it('tries again what failed, and takes a refusal after it for a sign that it was there', async () => {
    const exporter = await exporterTo((_, number) => (number === 1 ? 'cut' : written(0, 400, 'out of order sample for series {__name__="m", job="shop"}')));
    const batch = batchOf('default', gauges([['m', 1, 1]]));
    const first = await exporter.export(batch, AbortSignal.timeout(5000));
    assert.equal(first.kind === 'retryable' && first.unknown, true);
    assert.deepEqual(await exporter.export(batch, AbortSignal.timeout(5000)), { kind: 'settled', delivered: 0, duplicate: 1, retry: { items: [] }, rejected: [] });
    const again = await exporter.export(batch, AbortSignal.timeout(5000));
    assert.equal(again.kind === 'settled' && again.rejected.length, 1);
    await exporter.shutdown();
  });

  it('rejects points that have no counterpart, with the reason', async () => {
    const exporter = await exporterTo(() => written(1));
    const data = gauges([['m', 1, 1], ['', 1, 1]]);
    const outcome = await exporter.export(batchOf('default', data), AbortSignal.timeout(5000));
    assert.deepEqual(outcome, { kind: 'settled', delivered: 1, duplicate: 0, retry: { items: [] }, rejected: [{ item: 1, reason: 'invalid_name' }] });
    await exporter.shutdown();
  });

  it('orders each series by time through all parts, and leaves repetitions out', () => {
    const { points } = writePoints(batchOf('default', gauges([['a', 3, 1], ['b', 1, 1]]), gauges([['a', 1, 1], ['a', 3, 1], ['a', 3, 2]])), {});
    assert.deepEqual(points.map(({ sample, item }) => [sample.labels[0]?.[1], sample.timeMs, item]), [['a', 1000, 2], ['a', 3000, 0], ['a', 3000, 4], ['b', 1000, 1]]);
    assert.deepEqual([...requestsOf(points, 1)].map((request) => request.length), [1, 1, 1, 1]);
    assert.deepEqual([...requestsOf(points, 1e6)].map((request) => request.length), [4]);
  });

  it('finds unwritten points by name, and makes up the number where names are missing', () => {
    const { points } = writePoints(batchOf('default', gauges([['a', 1, 1], ['a', 2, 1], ['b"x', 1, 1], ['c', 1, 1]])), { strategy: 'NoTranslation' });
    const names = (text: string, samples: number): unknown[] => unwritten(points, { samples, histograms: 0 }, text).map(({ point }) => point.item);
    assert.deepEqual(names('out of bounds for series {__name__="a", job="shop"}', 3), [0]);
    assert.deepEqual(names('out of bounds for series {__name__="a", job="shop"}\nout of bounds for series {__name__="a", job="shop"}', 2), [0, 1]);
    assert.deepEqual(names('invalid metric name or labels, got {__name__="b\\"x", job="shop"}', 3), [2]);
    assert.deepEqual(names('who knows', 3), [3]);
    assert.deepEqual(names('who knows', 4), []);
  });

  it('writes whole numbers as protobuf does', () => {
    assert.deepEqual([...packedVarints([0, 1, 127, 128, 300, 2 ** 35])], [0, 1, 127, 128, 1, 172, 2, 128, 128, 128, 128, 128, 1]);
    assert.deepEqual([0, -1, 1, -2, 2].map(zigzag), [0, 1, 2, 3, 4]);
    assert.deepEqual(spansOf(Int32Array.of(-3, -2, 1, 2, 9)), [{ offset: -3, length: 2 }, { offset: 2, length: 2 }, { offset: 6, length: 1 }]);
    assert.deepEqual(spansOf(Int32Array.of()), []);
  });
});
