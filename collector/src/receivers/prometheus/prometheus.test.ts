import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { isStale } from '@signalbox/signals/prometheus/remote-write/sample-bits';
import type { WriteSeries } from '@signalbox/signals/prometheus/remote-write/types';
import { detachedPlace } from '../../config/place.js';
import { startReceiver, type Started } from '../push/fixture.test.js';
import { prometheus } from './index.js';
import type { PrometheusReceiver } from './receiver.js';

const REPORTS = new Set(['up', 'scrape_duration_seconds', 'scrape_samples_scraped', 'scrape_samples_post_metric_relabeling', 'scrape_series_added']);
/** An interval, and so a time for the target to answer in, where one that was missed would be taken for something else. */
const NONE_MISSED = '2s';

async function until<T>(what: string, probe: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    assert.ok(Date.now() < deadline, `waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('receivers/prometheus', function () {
  this.timeout(180_000);
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  /** A target on loopback; answers its address. */
  async function target(listener: RequestListener): Promise<string> {
    const server: Server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    });
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** `scrapes` waits for so many that the target answered in time: a busy machine may miss one. */
  async function scrape(config: Record<string, unknown>, global: Record<string, unknown> = {}): Promise<Started & { written(): Promise<WriteSeries[]>; scrapes(count: number): Promise<WriteSeries[]>; targets: PrometheusReceiver['targets'] }> {
    const started = await startReceiver(prometheus, { config: { config: { global, scrape_configs: [{ job_name: 'test', scrape_interval: '400ms', ...config }] } } });
    closing.push(() => started.close());
    const written = async (): Promise<WriteSeries[]> => (await started.parts()).flatMap((part) => (part.data.signal === 'metrics' ? (part.data.prometheus?.series ?? []) : []));
    return {
      ...started,
      written,
      targets: () => (started.receiver as PrometheusReceiver).targets(),
      scrapes: (count) => until(`${count} scrapes`, async () => {
        const series = await written();
        return valuesOf(series, 'up').filter((up) => up === 1).length >= count ? series : undefined;
      }),
    };
  }

  const nameOf = ({ labels }: Pick<WriteSeries, 'labels'>): string => labels.find(([name]) => name === '__name__')?.[1] ?? '';
  const text = (labels: WriteSeries['labels']): string => labels.map(([name, value]) => `${name}=${value}`).join(',');
  const own = (series: readonly WriteSeries[]): WriteSeries[] => series.filter((one) => !REPORTS.has(nameOf(one)));
  const valuesOf = (series: readonly WriteSeries[], name: string): (number | 'stale')[] => series.filter((one) => nameOf(one) === name).map(({ values }) => (isStale(values, 0) ? 'stale' : values[0]!));

  it('scrapes, labels, and reports about the scrape', async () => {
    const headers: Record<string, unknown>[] = [];
    const address = await target((request, response) => {
      headers.push({ ...request.headers, url: request.url });
      response.end('# HELP a_total Help.\n# TYPE a_total counter\na_total{x="1"} 5\nb{job="mine",instance="i"} 7 1000\n');
    });
    const { scrapes, targets } = await scrape({ scrape_interval: NONE_MISSED, static_configs: [{ targets: [address], labels: { dc: 'east' } }], params: { module: ['x', 'y'] }, basic_auth: { username: 'u', password: 'p' }, http_headers: { 'X-Team': { values: ['t'] } }, metrics_path: '/probe' });
    const series = await scrapes(2);
    const [a, b] = own(series);
    assert.equal(text(a!.labels), `__name__=a_total,dc=east,instance=${address},job=test,x=1`);
    assert.deepEqual(a!.metadata, { type: 'counter', help: 'Help.', unit: '' });
    assert.equal(text(b!.labels), `__name__=b,dc=east,exported_instance=i,exported_job=mine,instance=${address},job=test`);
    assert.deepEqual([b!.timesMs[0], b!.values[0]], [1000, 7]);
    assert.deepEqual(['up', 'scrape_samples_scraped', 'scrape_samples_post_metric_relabeling', 'scrape_series_added'].map((name) => valuesOf(series, name).slice(0, 2)), [[1, 1], [2, 2], [2, 2], [2, 0]]);
    assert.equal(text(series.find((one) => nameOf(one) === 'up')!.labels), `__name__=up,dc=east,instance=${address},job=test`);
    assert.deepEqual([headers[0]!['url'], headers[0]!['authorization'], headers[0]!['x-team']], ['/probe?module=y&module=x', `Basic ${Buffer.from('u:p').toString('base64')}`, 't']);
    assert.match(String(headers[0]!['accept']), /openmetrics/);
    const [active] = targets().activeTargets;
    assert.deepEqual([active?.health, active?.scrapePool, active?.lastError, active?.labels['instance'], active?.scrapeInterval], ['up', 'test', '', address, NONE_MISSED]);
  });

  it("takes limits and formats of Prometheus' global section where a scrape config has none of its own", async () => {
    const accepts: string[] = [];
    const address = await target((request, response) => {
      accepts.push(String(request.headers.accept));
      response.end('a 1\nb 2\nc 3\n');
    });
    const { targets } = await scrape({ static_configs: [{ targets: [address] }] }, { sample_limit: 2, scrape_protocols: ['PrometheusProto', 'PrometheusText0.0.4', 'OpenMetricsText1.0.0'], evaluation_interval: '30s' });
    await until('a scrape that failed for it', () => targets().activeTargets.find(({ lastError }) => /sample limit exceeded/.test(lastError)));
    assert.equal(accepts[0], 'text/plain;version=0.0.4;q=0.4,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.3,*/*;q=0.1');
    const own = await scrape({ static_configs: [{ targets: [address] }], sample_limit: 0 }, { sample_limit: 2 });
    assert.deepEqual(valuesOf(await own.scrapes(1), 'c')[0], 3);
    assert.throws(() => prometheus.parseConfig({ config: { global: { scrape_protocols: ['PrometheusProto'] } } }, detachedPlace('(test)')), /names no text format; those that are read: PrometheusText0\.0\.4/);
  });

  it('makes classic histograms native ones where told to, and tells of those that it cannot', async () => {
    const address = await target((_request, response) => response.end('# TYPE good histogram\ngood_bucket{le="1"} 1\ngood_bucket{le="+Inf"} 3\ngood_sum 4\ngood_count 3\n# TYPE bad histogram\nbad_bucket{le="+Inf"} 3\nbad_count 2\n'));
    const { scrapes, metrics, lines } = await scrape({ static_configs: [{ targets: [address] }] }, { convert_classic_histograms_to_nhcb: true });
    const series = await scrapes(1);
    const found = own(series);
    assert.deepEqual([...new Set(found.map(nameOf))], ['good']);
    assert.deepEqual(found[0]!.histograms.map(({ histogram }) => [histogram?.schema, histogram?.count, histogram?.sum, histogram?.customBounds, histogram?.positive.counts]), [[-53, 3, 4, Float64Array.of(1), Float64Array.of(1, 2)]]);
    assert.equal(valuesOf(series, 'scrape_samples_scraped')[0], 1);
    assert.match(metrics.expose(), /signalbox_scrape_histograms_unconverted_total\{job="test"\} [1-9]/);
    assert.match(lines.join(''), /exposes histograms that cannot be made native ones: bad: its count is 2, that of its bucket \+Inf 3/);
  });

  it('honours labels where told to, and ignores times where told to', async () => {
    const address = await target((_request, response) => response.end('b{job="mine",instance=""} 7 1000\n'));
    const { scrapes } = await scrape({ static_configs: [{ targets: [address] }], honor_labels: true, honor_timestamps: false });
    const [b] = own(await scrapes(1));
    assert.equal(text(b!.labels), '__name__=b,job=mine');
    assert.notEqual(b!.timesMs[0], 1000);
  });

  it('marks series that vanish as stale, and all of a target that fails', async () => {
    let round = 0;
    const address = await target((_request, response) => {
      round++;
      if (round === 3) response.writeHead(500).end();
      else response.end(round === 1 ? 'a 1\nb 1\n' : 'a 2\n');
    });
    const { scrapes } = await scrape({ scrape_interval: NONE_MISSED, static_configs: [{ targets: [address] }] });
    const series = await scrapes(3);
    assert.deepEqual(valuesOf(series, 'b'), [1, 'stale']);
    assert.deepEqual(valuesOf(series, 'a').slice(0, 4), [1, 2, 'stale', 2]);
    assert.deepEqual(valuesOf(series, 'up').slice(0, 4), [1, 1, 0, 1]);
  });

  it('knows what the target says of its metrics: changes, and still after a scrape that failed', async () => {
    let round = 0;
    const address = await target((_request, response) => {
      round++;
      if (round === 3) response.writeHead(500).end();
      else response.end(`# HELP a_total ${round === 1 ? 'Before' : 'After'}.\r\n# TYPE a_total counter\na_total 1\n${round === 1 ? '' : '# TYPE b gauge\nb 1\n'}`);
    });
    const { scrapes, receiver } = await scrape({ static_configs: [{ targets: [address], labels: { dc: 'east' } }] });
    const said = () => (receiver as PrometheusReceiver).scrapedMetadata().targets.flatMap(({ labels, families }) => families().map(({ name, type, help }) => [labels['dc'], name, type, help]));
    await scrapes(1);
    const after = [['east', 'a_total', 'counter', 'After.'], ['east', 'b', 'gauge', '']];
    await until('what it says now', () => (JSON.stringify(said()) === JSON.stringify(after) ? true : undefined));
    await scrapes(4);
    assert.deepEqual(said(), after);
  });

  it('follows files of targets: one that goes is marked as stale', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'signalbox-sd-'));
    closing.push(() => rm(dir, { recursive: true, force: true }));
    const address = await target((_request, response) => response.end('a 1\n'));
    await writeFile(join(dir, 'targets.json'), JSON.stringify([{ targets: [address], labels: { from: 'file' } }]));
    const { scrapes, targets, written, lines } = await scrape({ file_sd_configs: [{ files: [join(dir, '*.json')], refresh_interval: '20ms' }] });
    const series = await scrapes(1);
    assert.match(text(own(series)[0]!.labels), /from=file/);
    await writeFile(join(dir, 'targets.json'), '{ not json');
    await until('a warning', () => (/SBX_SCRAPE_TARGETS_FILE/.test(lines.join('')) ? true : undefined));
    assert.equal(targets().activeTargets.length, 1);
    await writeFile(join(dir, 'targets.json'), '[]');
    await until('no targets', () => (targets().activeTargets.length === 0 ? true : undefined));
    await until('stale markers', async () => (valuesOf(await written(), 'up').at(-1) === 'stale' ? true : undefined));
    assert.equal(valuesOf(await written(), 'a').at(-1), 'stale');
  });

  it('relabels targets and samples', async () => {
    const address = await target((_request, response) => response.end('keep{path="/x/1"} 1\ndrop_me 2\n'));
    const { scrapes, targets } = await scrape({
      scrape_interval: NONE_MISSED, static_configs: [{ targets: [address, 'other:1'] }],
      relabel_configs: [{ source_labels: ['__address__'], regex: 'other.*', action: 'drop' }],
      metric_relabel_configs: [{ source_labels: ['__name__'], regex: 'drop_.*', action: 'drop' }, { source_labels: ['path'], regex: '/(.)/.*', target_label: 'path', replacement: '/$1/:id' }],
    });
    const series = await scrapes(1);
    assert.deepEqual(own(series).slice(0, 1).map(({ labels }) => text(labels)), [`__name__=keep,instance=${address},job=test,path=/x/:id`]);
    assert.deepEqual([valuesOf(series, 'scrape_samples_scraped')[0], valuesOf(series, 'scrape_samples_post_metric_relabeling')[0]], [2, 1]);
    assert.deepEqual(targets().droppedTargetCounts, { test: 1 });
  });

  it('reads gzip and OpenMetrics, and follows redirects without credentials for others', async () => {
    let leaked: string | undefined = 'never asked';
    const second = await target((request, response) => {
      leaked = request.headers.authorization;
      response.writeHead(200, { 'content-type': 'application/openmetrics-text; version=1.0.0', 'content-encoding': 'gzip' });
      response.end(gzipSync('# TYPE a counter\na_total 1 # {trace_id="x"} 1\n# EOF\n'));
    });
    const first = await target((_request, response) => response.writeHead(302, { location: `http://${second}/elsewhere` }).end());
    const { scrapes } = await scrape({ static_configs: [{ targets: [first] }], authorization: { credentials: 'secret' } });
    const [a] = own(await scrapes(1));
    assert.equal(a!.exemplars.length, 1);
    assert.equal(leaked, undefined);
  });

  it('keeps the first of series that a target exposes twice', async () => {
    const address = await target((_request, response) => response.end('a{x="1",y="2"} 1\na{y="2",x="1"} 2\na{x="1",y="2"} 3\n'));
    const { scrapes, lines } = await scrape({ static_configs: [{ targets: [address] }] });
    assert.deepEqual(valuesOf(await scrapes(1), 'a')[0], 1);
    assert.deepEqual(valuesOf(await scrapes(1), 'a').includes(2), false);
    assert.match(lines.join(''), /more than once/);
  });

  it('takes a family whose type changes in the middle', async () => {
    const address = await target((_request, response) => response.end('# TYPE a counter\na 1\n# TYPE a gauge\na{x="1"} 2\n# TYPE b histogram\nb 3\n'));
    const { scrapes } = await scrape({ static_configs: [{ targets: [address] }] });
    assert.deepEqual([valuesOf(await scrapes(1), 'a').slice(0, 2), valuesOf(await scrapes(1), 'b')[0]], [[1, 2], 3]);
  });

  for (const { what, listener, config = {}, error } of [
    { what: 'never ends', listener: ((_request, response) => void response.write('a 1\n')) as RequestListener, config: { scrape_timeout: '40ms' }, error: /no whole answer within 40 ms/ },
    { what: 'sends without end', listener: ((_request, response) => {
      const more = (): void => void (response.destroyed || (response.write('a 1\n'.repeat(1000)) ? setImmediate(more) : response.once('drain', more)));
      more();
    }) as RequestListener, config: { body_size_limit: 100_000 }, error: /body size limit exceeded/ },
    { what: 'sends a bomb', listener: ((_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(10_000_000, 'a 1\n')))) as RequestListener, config: { body_size_limit: 100_000 }, error: /body size limit exceeded/ },
    { what: 'sends less than it says', listener: ((_request, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('a 1\n', () => response.destroy());
    }) as RequestListener, error: /closed within the answer/ },
    { what: 'sends binary', listener: ((_request, response) => response.end(Buffer.from([0, 255, 1, 254, 10, 7]))) as RequestListener, error: /in line 1/ },
    { what: 'sends broken gzip', listener: ((_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip')) as RequestListener, error: /incorrect header check/ },
    { what: 'redirects for ever', listener: ((_request, response) => response.writeHead(302, { location: '/' }).end()) as RequestListener, error: /stopped after 10 redirects/ },
    { what: 'answers with an error', listener: ((_request, response) => response.writeHead(404).end()) as RequestListener, error: /HTTP status 404/ },
    { what: 'exposes too much', listener: ((_request, response) => response.end('a 1\nb 2\nc 3\n')) as RequestListener, config: { sample_limit: 2 }, error: /sample limit exceeded/ },
    { what: 'writes labels that are too long', listener: ((_request, response) => response.end('a{x="123456789012345678901234567890"} 1\n')) as RequestListener, config: { label_value_length_limit: 25 }, error: /label_value_length_limit exceeded/ },
    { what: 'writes a label twice', listener: ((_request, response) => response.end('a{x="1",x="2"} 1\n')) as RequestListener, error: /label name "x" is not unique/ },
  ]) {
    it(`survives a target that ${what}, beside one that is well`, async () => {
      const [bad, good] = [await target(listener), await target((_request, response) => response.end('good 1\n'))];
      const { written, targets } = await scrape({ static_configs: [{ targets: [bad, good] }], scrape_interval: '700ms', ...config });
      const broken = await until('a scrape that failed for it', () => targets().activeTargets.find(({ labels, lastError }) => labels['instance'] === bad && error.test(lastError)));
      assert.equal(broken.health, 'down');
      const series = await until('both', async () => {
        const all = await written();
        return all.some((one) => nameOf(one) === 'good') && all.some((one) => nameOf(one) === 'up' && one.values[0] === 0) ? all : undefined;
      });
      assert.deepEqual(own(series).filter((one) => nameOf(one) !== 'good' && !isStale(one.values, 0)), []);
    });
  }

  it('takes of a target that sends more than it says what it says, and asks it again', async () => {
    const tcp = createTcp((socket) => void socket.on('error', () => undefined).on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 4\r\n\r\na 1\nb 2\nHTTP/1.1 200 OK\r\n\r\n')));
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    closing.push(() => new Promise((resolve) => tcp.close(resolve)));
    const { scrapes } = await scrape({ static_configs: [{ targets: [`127.0.0.1:${(tcp.address() as AddressInfo).port}`] }] });
    const series = await scrapes(3);
    assert.ok(valuesOf(series, 'a').includes(1));
    assert.deepEqual(valuesOf(series, 'b'), []);
  });

  it('survives a target that is not HTTP, and one that is not there', async () => {
    const tcp = createTcp((socket) => void socket.on('error', () => undefined).once('data', () => socket.write('\u0000\u0001 nonsense\r\n\r\n', () => socket.destroy())));
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    closing.push(() => new Promise((resolve) => tcp.close(resolve)));
    const { targets } = await scrape({ static_configs: [{ targets: [`127.0.0.1:${(tcp.address() as AddressInfo).port}`, '127.0.0.1:1'] }] });
    for (const error of [/not HTTP as it should be/, /ECONNREFUSED/]) await until(`a target that failed by ${error.source}`, () => targets().activeTargets.find(({ lastError }) => error.test(lastError)));
  });
});
