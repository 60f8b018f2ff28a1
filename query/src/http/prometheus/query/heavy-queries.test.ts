import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { labelsOf } from '../../../labels/labels.js';
import type { MemoryReaders } from '../../../memory/readers.js';
import type { QueryLimits } from '../../limits.js';
import { serveExample } from '../../serve-example.js';
import { prometheusApi } from '../plugin.js';

const SERIES = 200;
const POINTS = 2000;

/** Takes minutes where nothing ends it: two million windows, each sorted. */
const HEAVY = new URLSearchParams({ query: 'sum(quantile_over_time(0.5, x[6h])) + sum(quantile_over_time(0.6, x[7h]))', start: '0', end: '30000', step: '3' }).toString();

function fill(readers: MemoryReaders): void {
  for (let i = 0; i < SERIES; i++) {
    readers.series.set('default', labelsOf([['__name__', 'x'], ['instance', `h${i}`]]), Array.from({ length: POINTS }, (_, at) => ({ timeMs: at * 15_000, value: (at * 7919 + i) % 1009 })));
    readers.series.set('default', labelsOf([['__name__', 'long'], ['instance', `h${i}`], ['text', 'ż'.repeat(10_000)]]), [{ timeMs: 0, value: i }]);
  }
}

interface Answer { readonly status: string; readonly errorType?: string; readonly error?: string }

describe('heavy queries for the Prometheus API', function heavyQueries() {
  this.timeout(180_000);
  const running: FastifyInstance[] = [];
  const serve = async (limits: Partial<QueryLimits>): Promise<FastifyInstance> => {
    const { app, readers } = await serveExample(prometheusApi, { limits });
    fill(readers);
    running.push(app);
    return app;
  };
  afterEach(() => Promise.all(running.splice(0).map((app) => app.close())));

  const ask = async (app: FastifyInstance, path: string, params: Record<string, string> | string): Promise<Answer> =>
    (await app.inject({ url: `/api/v1/${path}?${new URLSearchParams(params).toString()}` })).json<Answer>();

  it('end with Prometheus\' words and the setting where they take too much memory', async () => {
    const app = await serve({ maxMemoryBytes: 1024 ** 2 });
    const text = 'query processing would load too many samples into memory in query execution; narrow the query or raise query.max_memory';
    const tooMuch: [string, Record<string, string>][] = [
      ['query_range', { query: 'x', start: '0', end: '10000', step: '1' }], ['query', { query: 'x[5h]', time: '30000' }], ['query', { query: 'max_over_time(x[5h:10s])', time: '30000' }],
      // Read and computed with little, but long to write.
      ['query', { query: 'long', time: '0' }],
    ];
    for (const [path, params] of tooMuch) assert.deepEqual(await ask(app, path, params), { status: 'error', errorType: 'execution', error: text });
    assert.equal((await ask(app, 'query', { query: 'count(long)', time: '0' })).status, 'success');
  });

  it('end at their time', async () => {
    const app = await serve({ timeoutMs: 50 });
    const { errorType, error } = await ask(app, 'query_range', HEAVY);
    assert.equal(errorType, 'timeout');
    assert.match(error ?? '', /^query timed out in expression evaluation.*query\.timeout$/);
  });

  it('end when their client goes, and make place for others', async () => {
    const app = await serve({ concurrency: 1 });
    const sockets = await openHeavy(app, 3);
    for (const socket of sockets) socket.destroy();
    assert.equal((await ask(app, 'query', { query: 'count(x)', time: '0' })).status, 'success');
  });

  it('let others be answered while eight of them run', async () => {
    const app = await serve({ concurrency: 9 });
    const sockets = await openHeavy(app, 8);
    let ended = 0;
    for (const socket of sockets) socket.on('data', () => { ended++; });
    for (let i = 0; i < 20; i++) assert.equal((await ask(app, 'query', { query: 'sum(x)', time: '0' })).status, 'success');
    assert.equal(ended, 0, 'the heavy ones should go on meanwhile');
    for (const socket of sockets) socket.destroy();
  });
});

/** Connections on each of which a heavy query was asked. */
async function openHeavy(app: FastifyInstance, count: number): Promise<ReturnType<typeof connect>[]> {
  if (!app.server.listening) await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  let asked = 0;
  const arrived = new Promise<void>((resolve) => { app.server.on('request', () => { if (++asked === count) resolve(); }); });
  const sockets = await Promise.all(Array.from({ length: count }, async () => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.on('error', () => undefined);
    socket.write(`GET /api/v1/query_range?${HEAVY} HTTP/1.1\r\nHost: x\r\n\r\n`);
    return socket;
  }));
  await arrived;
  return sockets;
}
