import { strict as assert } from 'node:assert';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prometheus } from '@signalbox/collector/receivers/prometheus/index';
import { prometheusremotewrite } from '@signalbox/collector/receivers/prometheusremotewrite/index';
import { startReceiver } from '@signalbox/collector/receivers/push/fixture.test';
import { Writer } from '@signalbox/signals/otlp/protobuf/writer';
import { encodeWriteV2 } from '@signalbox/signals/prometheus/remote-write/encode';
import { isStale } from '@signalbox/signals/prometheus/remote-write/sample-bits';
import type { WriteHistogram, WriteSeries } from '@signalbox/signals/prometheus/remote-write/types';
import { compressSync } from 'snappy';
import { serverDir } from '../../servers/cache.js';
import { startPrometheus } from '../../servers/prometheus/start.js';
import { findRecipe } from '../../servers/recipes.js';
import { requireServer } from '../../servers/require-server.js';
import { freePort } from '../../servers/free-port.js';
import { startServer } from '../../servers/server-process.js';
import { getJson } from '../eventually.js';

const EXPOSITION = `# HELP http_requests_total All requests.
# TYPE http_requests_total counter
http_requests_total{code="200",path="/a b",quote="say \\"hi\\""} 1027
http_requests_total{code="500"} 3
# TYPE latency_seconds histogram
latency_seconds_bucket{le="0.1"} 5
latency_seconds_bucket{le="1"} 7
latency_seconds_bucket{le="1000000"} 8
latency_seconds_bucket{le="+Inf"} 9
latency_seconds_sum 12.5
latency_seconds_count 9
# TYPE rpc summary
rpc{quantile="0.5"} 4
rpc{quantile="1"} NaN
rpc_sum 3
rpc_count 4
# TYPE temperature gauge
temperature{job="own",instance="mine",empty=""} -1.5e-3
{"a.metric.with.dots","label.with.dots"="ü"} 7
untyped_thing 0x
`.replace('untyped_thing 0x\n', 'untyped_thing +Inf\n');

const OPENMETRICS = `# TYPE jobs counter
# UNIT jobs_seconds seconds
jobs_total{queue="x"} 17 # {trace_id="abc"} 0.5
jobs_created{queue="x"} 1700000000.5
# TYPE info info
info_info{version="1"} 1
# EOF
`;

describe('integration: Prometheus → receivers', function () {
  this.timeout(240_000);
  const closing: (() => Promise<unknown>)[] = [];
  before(function () {
    requireServer(this, 'prometheus');
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  async function target(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    });
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** A Prometheus with a configuration of its own. */
  async function prometheusWith(config: string): Promise<string> {
    const dir = await mkdtemp(join(tmpdir(), 'signalbox-prometheus-receivers-'));
    closing.push(() => rm(dir, { recursive: true, force: true }));
    await writeFile(join(dir, 'prometheus.yml'), config);
    const port = await freePort();
    const server = await startServer({
      command: join(serverDir(findRecipe('prometheus')), 'prometheus'),
      args: [`--config.file=${join(dir, 'prometheus.yml')}`, `--storage.tsdb.path=${join(dir, 'tsdb')}`, `--web.listen-address=127.0.0.1:${port}`, '--enable-feature=exemplar-storage,metadata-wal-records', '--log.level=warn'],
      cwd: dir,
      logFile: join(dir, 'prometheus.log'),
      url: `http://127.0.0.1:${port}`,
      readyPath: '/-/ready',
      readyWithinMs: 120_000,
    });
    closing.push(() => server.stop());
    return server.url;
  }

  async function until<T>(what: string, probe: () => Promise<T | undefined>): Promise<T> {
    const deadline = Date.now() + 60_000;
    for (;;) {
      const found = await probe();
      if (found !== undefined) return found;
      assert.ok(Date.now() < deadline, `waited in vain for ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  const textOf = (labels: WriteSeries['labels']): string => JSON.stringify(labels);
  const nameOf = ({ labels }: WriteSeries): string => labels.find(([name]) => name === '__name__')?.[1] ?? '';

  for (const { version, message } of [{ version: 1, message: 'prometheus.WriteRequest' }, { version: 2, message: 'io.prometheus.write.v2.Request' }]) {
    it(`takes what Prometheus remote-writes (version ${version}), with its stale markers`, async () => {
      let exposed = `${EXPOSITION}stays 1\n`;
      const address = await target((_request, response) => response.writeHead(200, { 'content-type': 'text/plain; version=1.0.0; escaping=allow-utf-8' }).end(exposed));
      const receiver = await startReceiver(prometheusremotewrite);
      closing.push(() => receiver.close());
      await prometheusWith(`
global: {scrape_interval: 250ms, scrape_timeout: 250ms}
scrape_configs: [{job_name: t, static_configs: [{targets: ['${address}']}]}]
remote_write: [{url: '${receiver.mountedUrl}/prometheus/api/v1/write', protobuf_message: ${message}, metadata_config: {send_interval: 500ms}, queue_config: {batch_send_deadline: 200ms}}]
`);
      const written = async (): Promise<readonly WriteSeries[]> => (await receiver.parts()).flatMap((part) => (part.data.signal === 'metrics' ? (part.data.prometheus?.series ?? []) : []));
      await until('samples and metadata', async () => {
        const all = await written();
        // Prometheus sends metadata of what it scrapes in version 1 only.
        return all.some((one) => nameOf(one) === 'untyped_thing' && one.values.length > 0) && (version === 2 || all.some(({ metadata }) => metadata?.type === 'histogram')) ? all : undefined;
      });
      exposed = 'stays 1\n';
      const series = await until('stale markers', async () => {
        const all = await written();
        return all.some((one) => nameOf(one) === 'untyped_thing' && [...one.values].some((_, i) => isStale(one.values, i))) ? all : undefined;
      });
      const names = new Set(series.filter(({ timesMs }) => timesMs.length > 0).map(nameOf));
      for (const name of ['http_requests_total', 'latency_seconds_bucket', 'rpc', 'a.metric.with.dots', 'stays', 'up']) assert.ok(names.has(name), name);
      if (version === 1) assert.ok(series.some(({ metadata }) => metadata?.type === 'counter' && metadata.help === 'All requests.'));
      assert.doesNotMatch(receiver.lines.join(''), /cannot be taken/);
    });
  }

  for (const { format, body, contentType } of [
    { format: 'text format', body: EXPOSITION, contentType: 'text/plain; version=1.0.0; escaping=allow-utf-8' },
    { format: 'OpenMetrics', body: OPENMETRICS, contentType: 'application/openmetrics-text; version=1.0.0; escaping=allow-utf-8' },
  ]) {
    for (const settings of ['', 'honor_labels: true, metric_relabel_configs: [{source_labels: [code], regex: "5..", action: drop}, {regex: quote, action: labeldrop}], ']) {
      it(`scrapes the same series as Prometheus: ${format}, ${settings === '' ? 'plain' : 'honor_labels and relabelling'}`, async () => {
        const address = await target((_request, response) => response.writeHead(200, { 'content-type': contentType }).end(body));
        const url = await prometheusWith(`{global: {scrape_interval: 250ms, scrape_timeout: 250ms}, scrape_configs: [{job_name: t, ${settings}static_configs: [{targets: ['${address}'], labels: {dc: east}}]}]}`);
        const own = await startReceiver(prometheus, {
          config: { config: { global: { scrape_interval: '250ms' }, scrape_configs: [{ job_name: 't', static_configs: [{ targets: [address], labels: { dc: 'east' } }], ...(settings === '' ? {} : { honor_labels: true, metric_relabel_configs: [{ source_labels: ['code'], regex: '5..', action: 'drop' }, { regex: 'quote', action: 'labeldrop' }] }) }] } },
        });
        closing.push(() => own.close());
        const theirs = await until('Prometheus', async () => {
          const answer = (await getJson(`${url}/api/v1/query?query=${encodeURIComponent('{__name__=~".+"}')}`)) as { data: { result: { metric: Record<string, string>; value: [number, string] }[] } };
          return answer.data.result.length > 5 && answer.data.result.every(({ metric, value }) => metric['__name__'] !== 'up' || value[1] === '1') ? answer.data.result : undefined;
        });
        // One that the target answered in time; what a scrape brings is in one part.
        const ours = await until('our scrape', async () =>
          (await own.parts()).map((part) => (part.data.signal === 'metrics' ? (part.data.prometheus?.series ?? []) : [])).find((scraped) => scraped.some((one) => nameOf(one) === 'up' && one.values[0] === 1)));
        const varying = new Set(['scrape_duration_seconds', 'scrape_series_added']);
        const number = (text: string): string => String(text === '+Inf' ? Infinity : Number(text));
        const expected = new Map(theirs.map(({ metric, value }) => [textOf(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1))), varying.has(metric['__name__']!) ? 'varies' : number(value[1])]));
        const actual = new Map(ours.map((one) => [textOf(one.labels), varying.has(nameOf(one)) ? 'varies' : String(one.values[0])]));
        assert.deepEqual(new Map([...actual].sort()), new Map([...expected].sort()));
      });
    }
  }

  it('answers bad remote writes as Prometheus does: status, statistics and text', async () => {
    const server = await startPrometheus();
    closing.push(() => server.stop());
    const receiver = await startReceiver(prometheusremotewrite);
    closing.push(() => receiver.close());
    const now = Date.now();
    const V1 = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' };
    const V2 = { 'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request', 'content-encoding': 'snappy' };
    const series = (labels: WriteSeries['labels'], histograms: readonly WriteHistogram[] = []): WriteSeries => ({ labels, timesMs: histograms.length > 0 ? new Float64Array(0) : Float64Array.of(now), values: histograms.length > 0 ? new Float64Array(0) : Float64Array.of(1), startsMs: null, histograms, exemplars: [], metadata: null });
    const v2 = (...list: WriteSeries[]): Buffer => compressSync(Buffer.from(encodeWriteV2({ series: list })));
    const plain = { schema: 0, zeroThreshold: 0, zeroCount: 0, count: 3, sum: 1, positive: { offsets: Int32Array.of(1), counts: Float64Array.of(3) }, negative: { offsets: new Int32Array(0), counts: new Float64Array(0) }, customBounds: null, counterReset: 'unknown' } as const;
    const histogram = (change: object): Buffer => v2(series([['__name__', `h${Math.random()}`.replace('0.', '')]], [{ timeMs: now, startMs: 0, histogram: { ...plain, ...change } }]));
    const v1 = (labels: readonly (readonly [string, string])[]): Buffer => {
      const writer = new Writer();
      const end = writer.mark();
      const sampleEnd = writer.mark();
      writer.setInt64(0x10, BigInt(now));
      writer.setDouble(0x09, 1);
      writer.message(0x12, sampleEnd);
      for (const [name, value] of labels.toReversed()) {
        const labelEnd = writer.mark();
        writer.string(0x12, value);
        writer.string(0x0a, name);
        writer.message(0x0a, labelEnd);
      }
      writer.message(0x0a, end);
      return compressSync(Buffer.from(writer.finish()));
    };
    const cases: readonly (readonly [what: string, body: Buffer, headers: Record<string, string>])[] = [
      ['good', v2(series([['__name__', 'a']])), V2],
      ['empty request', v2(), V2],
      ['no name', v2(series([['b', 'a']]), series([['__name__', 'b']])), V2],
      ['twice', v2(series([['__name__', 'b'], ['x', '1'], ['x', '2']]), series([['__name__', 'b\u0007é\u00a0"'], ['x', '1'], ['x', '2']])), V2],
      ['no samples', v2({ ...series([['__name__', 'c']]), timesMs: new Float64Array(0), values: new Float64Array(0) }), V2],
      ['schema 60', histogram({ schema: 60 }), V2],
      ['schema -7', histogram({ schema: -7 }), V2],
      ['schema 20', histogram({ schema: 20 }), V2],
      ['negative bucket', histogram({ positive: { offsets: Int32Array.of(1), counts: Float64Array.of(-1.5) } }), V2],
      ['negative count', histogram({ count: -1.5 }), V2],
      ['negative zero count', histogram({ zeroCount: -1.5 }), V2],
      ['bounds out of order', histogram({ schema: -53, customBounds: Float64Array.of(3, 2) }), V2],
      ['infinite bound', histogram({ schema: -53, customBounds: Float64Array.of(3, Infinity) }), V2],
      ['bound NaN', histogram({ schema: -53, customBounds: Float64Array.of(3, NaN) }), V2],
      ['too few bounds', histogram({ schema: -53, customBounds: Float64Array.of(), positive: { offsets: Int32Array.of(4), counts: Float64Array.of(3) } }), V2],
      ['custom with zero count', histogram({ schema: -53, zeroCount: 1.5, customBounds: Float64Array.of(3) }), V2],
      ['exponential with bounds', histogram({ customBounds: Float64Array.of(3) }), V2],
      ['no snappy', Buffer.from('this is no snappy'), V2],
      ['nothing', Buffer.alloc(0), V1],
      ['JSON', v2(), { 'content-type': 'application/json' }],
      ['unknown message', v2(), { ...V2, 'content-type': 'application/x-protobuf;proto=foo.Bar' }],
      ['odd parameter', v2(), { ...V2, 'content-type': 'application/x-protobuf;proto' }],
      ['gzip', v2(), { ...V2, 'content-encoding': 'gzip' }],
      ['version 1', v1([['z', '1'], ['__name__', 'v']]), V1],
      ['version 1 without headers', v1([['__name__', 'w']]), {}],
      ['version 1 without name', v1([['a', 'b']]), V1],
      ['version 1 twice', v1([['__name__', 'x'], ['a', '1'], ['a', '2']]), V1],
    ];
    const answer = async (url: string, body: Buffer, headers: Record<string, string>): Promise<unknown> => {
      const response = await fetch(url, { method: 'POST', body, headers });
      return { status: response.status, text: await response.text(), type: response.headers.get('content-type'), written: ['samples', 'histograms', 'exemplars'].map((what) => response.headers.get(`x-prometheus-remote-write-${what}-written`)) };
    };
    for (const [what, body, headers] of cases) {
      assert.deepEqual(await answer(`${receiver.mountedUrl}/prometheus/api/v1/write`, body, headers), await answer(`${server.url}/api/v1/write`, body, headers), what);
    }
  });
});
