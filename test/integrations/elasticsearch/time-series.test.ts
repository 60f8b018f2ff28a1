import { strict as assert } from 'node:assert';
import type { Client } from '@elastic/elasticsearch';
import type { Batch, Exporter } from '@signalbox/collector/component';
import { detachedPlace } from '@signalbox/collector/config/place';
import { elasticsearch } from '@signalbox/collector/exporters/elasticsearch/index';
import { batchOf, testContext } from '@signalbox/collector/exporters/testing/context';
import type { Metric } from '@signalbox/signals/model/metric';
import { TcpProxy } from '../../faults/tcp-proxy.js';
import { ELASTICSEARCH_VERSIONS } from '../../servers/elasticsearch/start.js';
import { requireServer } from '../../servers/require-server.js';
import type { RunningServer } from '../../servers/server-process.js';
import { secondsAgoNs } from '../eventually.js';
import { RandomTelemetry } from '../random-telemetry.js';
import { clientOf } from './client.js';

const keywordDimension = { type: 'keyword', time_series_dimension: true };
const soon = (): AbortSignal => AbortSignal.timeout(60_000);

/** A time series data stream, whose documents Elasticsearch names itself: by `_tsid`, made of their dimensions, and time. */
for (const { version, recipe, start } of ELASTICSEARCH_VERSIONS) describe(`integration: elasticsearch exporter → time series data stream ${version}`, function () {
  this.timeout(300_000);
  const random = new RandomTelemetry();
  const dataset = `tsds_${random.run.replace('-', '_')}`;
  const stream = `metrics-${dataset}.otel-default`;
  let server: RunningServer;
  let client: Client;
  let proxy: TcpProxy;
  let exporter: Exporter;

  before(async function () {
    requireServer(this, recipe);
    server = await start();
    client = clientOf(server.url);
    proxy = await TcpProxy.start(server.url);
    exporter = elasticsearch.create(elasticsearch.parseConfig({ endpoint: proxy.url, dataset }, detachedPlace('test')), testContext());
  });
  after(async () => {
    await exporter?.shutdown();
    await proxy?.close();
    await client?.indices.deleteDataStream({ name: stream }, { ignore: [404] });
    await client?.indices.deleteIndexTemplate({ name: dataset }, { ignore: [404] });
    await client?.close();
    await server?.stop();
  });

  /** Backing indices of such streams each take a span of time, which Elasticsearch's own module sets; here the template does. */
  async function template(startMs: number, endMs: number): Promise<void> {
    await client.indices.putIndexTemplate({
      name: dataset, index_patterns: [`metrics-${dataset}.otel-*`], priority: 500, data_stream: {},
      template: {
        settings: { index: { mode: 'time_series', routing_path: ['attributes.*', 'resource.attributes.*', '_metric_names_hash', 'unit'], time_series: { start_time: new Date(startMs).toISOString(), end_time: new Date(endMs).toISOString() } } },
        mappings: {
          dynamic: false,
          properties: {
            '@timestamp': { type: 'date' }, _metric_names_hash: keywordDimension, unit: keywordDimension,
            attributes: { type: 'passthrough', dynamic: true, priority: 20, time_series_dimension: true },
            resource: { properties: { attributes: { type: 'passthrough', dynamic: true, priority: 40, time_series_dimension: true } } },
            metrics: { type: 'passthrough', dynamic: true, priority: 10 },
          },
          dynamic_templates: [{ gauge_double: { mapping: { type: 'double', time_series_metric: 'gauge' } } }, { strings: { match_mapping_type: 'string', mapping: { type: 'keyword' } } }],
        },
      } as never,
    });
  }

  function gauges(names: readonly string[], position: number, timeNs: bigint): Batch {
    const metrics = names.map((name): Metric => ({
      name, description: '', unit: '1', metadata: [],
      values: { type: 'gauge', dataPoints: ['/a', '/b', '/c'].map((route, i) => ({ attributes: [{ key: 'route', value: route }], startNs: 0n, timeNs, flags: 0, value: i + 0.5, exemplars: [] })) },
    }));
    const batch = batchOf('default', { resourceMetrics: [{ resource: { attributes: [{ key: 'service.name', value: 'shop' }], droppedAttributesCount: 0 }, schemaUrl: '', scopeMetrics: [{ scope: null, schemaUrl: '', metrics }] }] });
    return { ...batch, parts: batch.parts.map((part) => ({ ...part, position })) };
  }

  async function stored(): Promise<{ readonly index: string; readonly metrics: object }[]> {
    await client.indices.refresh({ index: stream });
    const { hits } = await client.search<{ metrics: object }>({ index: stream, size: 100 });
    return hits.hits.map(({ _index, _source }) => ({ index: _index, metrics: _source?.metrics ?? {} }));
  }

  it('stores a point once by its series and time, also when the answer is lost and the stream rolls over', async () => {
    const hourMs = 3_600_000;
    const borderMs = Date.now() + hourMs;
    await template(borderMs - 24 * hourMs, borderMs);
    const timeNs = secondsAgoNs(30);
    assert.deepEqual(await exporter.export(gauges(['cpu', 'memory'], 1000, timeNs), soon()), { kind: 'settled', delivered: 6, duplicate: 0, retry: { items: [] }, rejected: [] });
    assert.equal((await stored()).length, 3, 'metrics that share dimensions share a document');

    const later = gauges(['cpu', 'memory'], 2000, timeNs + 1_000_000_000n);
    proxy.mode = 'cut-answer';
    const lost = await exporter.export(later, soon());
    assert.equal(lost.kind === 'retryable' && lost.unknown, true, JSON.stringify(lost));
    await template(borderMs, borderMs + 24 * hourMs);
    const { new_index } = await client.indices.rollover({ alias: stream });
    proxy.mode = 'pass';
    assert.deepEqual(await exporter.export(later, soon()), { kind: 'settled', delivered: 0, duplicate: 6, retry: { items: [] }, rejected: [] });
    const documents = await stored();
    assert.equal(documents.length, 6);
    assert.ok(documents.every(({ index }) => index !== new_index), 'they belong to the time of the first index');
  });

  it('keeps other metrics of the same dimensions and time, which come in a request of their own', async () => {
    const timeNs = secondsAgoNs(20);
    await exporter.export(gauges(['cpu'], 3000, timeNs), soon());
    assert.deepEqual(await exporter.export(gauges(['disk'], 4000, timeNs), soon()), { kind: 'settled', delivered: 3, duplicate: 0, retry: { items: [] }, rejected: [] });
    const names = (await stored()).map(({ metrics }) => Object.keys(metrics).join());
    assert.equal(names.filter((name) => name === 'cpu').length, 3);
    assert.equal(names.filter((name) => name === 'disk').length, 3);
  });
});
