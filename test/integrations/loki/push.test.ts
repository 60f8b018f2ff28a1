import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BatchPart, Exporter } from '@signalbox/collector/component';
import { detachedPlace } from '@signalbox/collector/config/place';
import { loki as lokiExporter } from '@signalbox/collector/exporters/loki/index';
import { testContext } from '@signalbox/collector/exporters/testing/context';
import { loki as lokiReceiver } from '@signalbox/collector/receivers/loki/index';
import { startReceiver, type Started } from '@signalbox/collector/receivers/push/fixture.test';
import { lokiApi } from '@signalbox/query/http/loki/plugin';
import { MemoryReaders } from '@signalbox/query/memory/readers';
import type { Readers } from '@signalbox/query/readers';
import { Store } from '@signalbox/store/store';
import { fastify, type FastifyInstance } from 'fastify';
import { startLoki } from '../../servers/loki/start.js';
import { requireOwnServer } from '../../servers/require-server.js';
import type { RunningServer } from '../../servers/server-process.js';
import { eventually, getJson, secondsAgoNs } from '../eventually.js';

interface PushStream {
  readonly stream: Record<string, string>;
  readonly values: readonly (readonly [string, string] | readonly [string, string, Record<string, string>])[];
}

const T0 = secondsAgoNs(120);
const at = (ms: number): string => String(T0 + BigInt(ms) * 1_000_000n);
const TRACE = 'ab'.repeat(16);
const labels = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`l${i + 10}`, `v${i}`]));

/** What is pushed into both, request by request. */
const PUSHES: readonly (readonly PushStream[])[] = [
  [
    { stream: { app: 'cart', env: 'prod', level: 'info' }, values: [[at(1), 'one'], [at(2), 'two', { trace_id: TRACE, user: 'u 1' }]] },
    { stream: { app: 'cart', env: 'test', level: 'error' }, values: [[at(3), 'three "quoted"\nand a line']] },
  ],
  [{ stream: { job: 'db', pod: 'p-1', severity: 'Odd', a__b: 'ü' }, values: [[at(4), 'four', { level: 'warn', 'a.key': 'x' }]] }],
  [{ stream: { service_name: 'shop', service_namespace: 'demo', deployment_environment: 'prod', pod: 'p-2' }, values: [[at(5), 'five']] }],
  [{ stream: { zone: 'b', empty: '' }, values: [[at(6), 'six']] }],
  [{ stream: { ...labels(15), service_name: 'many' }, values: [[at(7), 'seven']] }],
  [{ stream: labels(16), values: [[at(8), 'refused']] }, { stream: { app: 'beside' }, values: [[at(9), 'nine']] }],
  [{ stream: { app: 'x', long: 'v'.repeat(2049) }, values: [[at(10), 'refused']] }],
  [{ stream: {}, values: [[at(11), 'eleven']] }],
];

const SELECTORS = ['{app="cart"}', '{app=~".+"}', '{env="prod", app!="x"}', '{level="error"}', '{severity="Odd"}', '{a__b="ü"}', '{pod=~"p-.*"}', '{service_name="cart"}', '{service_name="unknown_service"}', '{deployment_environment="prod"}', '{l24="v14"}', '{zone="b"}', '{app="beside"}', '{user="u 1"}'];
const QUERIES = [...SELECTORS, `{app="cart"} | trace_id="${TRACE}"`, '{app="cart"} |= "quoted"', '{app=~".+"} | user="u 1"', '{job="db"} | a_key="x"'];
const NAMES = ['app', 'env', 'level', 'severity', 'pod', 'a__b', 'service_name', 'service_namespace', 'deployment_environment', 'l10', 'user', 'nothing'];

describe('integration: pushes to our Loki API and to Loki', function () {
  this.timeout(180_000);
  let folder: string;
  let theirs: RunningServer;
  let behind: RunningServer;
  let started: Started;
  let store: Store;
  const apps: FastifyInstance[] = [];
  let exporter: Exporter;
  /** Where our answers come from: the embedded store, the readers in memory, and a Loki behind our exporter. */
  const ours: Record<string, string> = {};

  async function serve(readers: Readers, fresh: (signal: AbortSignal) => Promise<void>): Promise<string> {
    const app = fastify({ routerOptions: { maxParamLength: 1024 } });
    apps.push(app);
    await app.register(lokiApi, { prefix: '/loki', readers, fresh, tenantOf: () => 'default' });
    await app.listen({ host: '127.0.0.1', port: 0 });
    return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  }

  before(async function () {
    requireOwnServer(this, 'loki');
    folder = await mkdtemp(join(tmpdir(), 'signalbox-loki-push-'));
    [theirs, behind] = await Promise.all([startLoki(), startLoki()]);
    started = await startReceiver(lokiReceiver);
    const { context } = started;
    store = await Store.open({ dir: join(folder, 'store'), journalDir: context.dataDir, logger: context.logger });

    for (const streams of PUSHES) {
      const push = async (url: string) => {
        const response = await fetch(`${url}/loki/api/v1/push`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ streams }) });
        return [response.status, await response.text()];
      };
      assert.deepEqual(await push(started.mountedUrl), await push(theirs.url));
    }

    const parts = await started.parts();
    exporter = lokiExporter.create(lokiExporter.parseConfig({ endpoint: behind.url }, detachedPlace('test')), testContext());
    const items = parts.reduce((sum, { ordinals }) => sum + ordinals.length, 0);
    assert.deepEqual(await exporter.export({ tenant: 'default', signal: 'logs', items, parts }, AbortSignal.timeout(60_000)), { kind: 'settled', delivered: items, duplicate: 0, retry: { items: [] }, rejected: [] });
    const memory = new MemoryReaders();
    for (const { data } of parts as readonly BatchPart[]) if (data.signal === 'logs') memory.logs.add('default', data.logs);

    await eventually(async () => assert.equal(((await answer(theirs.url, 'query_range', { query: '{service_name=~".+"}', limit: '100' })) as string[]).length, 9));
    ours['the store'] = await serve(store.readers, async (signal) => { assert.ok((await store.catchUp(await end(), signal)).reached); });
    ours['readers in memory'] = await serve(memory, () => Promise.resolve());
    ours['a Loki behind the exporter'] = behind.url;
  });
  after(async () => {
    await exporter?.shutdown();
    for (const app of apps) await app.close();
    await store?.close();
    await started?.close();
    await theirs?.stop();
    await behind?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  const end = async (): Promise<number> => (await started.frames()).reduce((most, { next }) => Math.max(most, next), 0);
  const RANGE = { start: String(T0 - 60_000_000_000n), end: String(T0 + 60_000_000_000n) };

  /** What an endpoint answers, in an order of its own, without what Loki alone says of its work. */
  async function answer(url: string, path: string, params: Record<string, string> = {}): Promise<unknown> {
    const { data } = (await getJson(`${url}/loki/api/v1/${path}?${new URLSearchParams({ ...RANGE, ...params })}`)) as { data?: unknown };
    if (Array.isArray(data)) return data.map((of: unknown) => JSON.stringify(of, sorted)).sort();
    const { result } = (data ?? { result: [] }) as { result: { stream: Record<string, string>; values: unknown }[] };
    // Loki finds a level by itself and adds it.
    return result.map(({ stream: { detected_level: _level, ...stream }, values }) => JSON.stringify({ stream, values }, sorted)).sort();
  }

  async function same(path: string, params: Record<string, string> = {}): Promise<void> {
    const expected = await answer(theirs.url, path, params);
    for (const [name, url] of Object.entries(ours)) await eventually(async () => assert.deepEqual(await answer(url, path, params), expected, `${name}: ${path} ${JSON.stringify(params)}`));
  }

  it('has the same names and values of labels', async () => {
    await same('labels');
    for (const name of NAMES) await same(`label/${name}/values`);
    await same('label/pod/values', { query: '{service_namespace="demo"}' });
  });

  it('has the same series', async () => {
    for (const selector of SELECTORS) await same('series', { 'match[]': selector });
  });

  for (const direction of ['forward', 'backward']) {
    it(`answers query_range with the same streams and lines, ${direction}`, async () => {
      for (const query of QUERIES) await same('query_range', { query, direction, limit: '100' });
    });
  }
});

function sorted(_key: string, value: unknown): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value;
}
