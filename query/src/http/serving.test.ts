import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fastify } from 'fastify';
import { MemoryReaders } from '../memory/readers.js';
import { TooManyQueries } from './query-gate.js';
import { ClientGone, QueryTimeout, Serving } from './serving.js';

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let settle: (value: T) => void = () => {};
  const promise = new Promise<T>((resolve) => { settle = resolve; });
  return { promise, resolve: settle };
}

describe('serving a query', () => {
  const options = { readers: new MemoryReaders(), tenantOf: () => 'default', fresh: () => Promise.resolve() };

  function forever(signal: AbortSignal): Promise<never> {
    return new Promise((_resolve, reject) => { signal.addEventListener('abort', () => { reject(signal.reason as Error); }); });
  }

  it('ends after its time, or the shorter one of the client', async () => {
    const app = fastify();
    const serving = new Serving({ ...options, limits: { timeoutMs: 20 } });
    app.get('/', (request, reply) => serving.query(request, reply, ({ signal }) => forever(signal)).catch((error: unknown) => {
      assert.ok(error instanceof QueryTimeout);
      return error.message;
    }));
    assert.equal((await app.inject('/')).body, 'the query took longer than 20 ms; narrow it, or raise query.timeout');
    await app.close();
  });

  it('is cancelled when the client goes', async () => {
    const app = fastify();
    const serving = new Serving(options);
    const started = deferred<void>();
    const ended = deferred<unknown>();
    app.get('/', (request, reply) => serving.query(request, reply, ({ signal }) => {
      started.resolve(undefined);
      return forever(signal);
    }).catch((error: unknown) => { ended.resolve(error); }));
    await app.listen({ host: '127.0.0.1', port: 0 });
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await started.promise;
    socket.destroy();
    assert.ok(await ended.promise instanceof ClientGone);
    await app.close();
  });

  it('waits for fresh data, and refuses when too many wait', async () => {
    const app = fastify();
    const fresh = deferred<void>();
    const serving = new Serving({ ...options, fresh: () => fresh.promise, limits: { concurrency: 1, maxWaiting: 0 } });
    let asked = 0;
    app.get('/', (request, reply) => serving.query(request, reply, () => Promise.resolve(`answer ${++asked}`)).catch((error: unknown) => String(error instanceof TooManyQueries)));
    const first = app.inject('/');
    await new Promise((resolve) => { setImmediate(resolve); });
    assert.equal((await app.inject('/')).body, 'true');
    assert.equal(asked, 0);
    fresh.resolve(undefined);
    assert.equal((await first).body, 'answer 1');
    await app.close();
  });

  it('says how far behind an answer is, and nothing where it has everything', async () => {
    const app = fastify();
    let behindBytes: number | undefined;
    const serving = new Serving({ ...options, fresh: () => Promise.resolve(behindBytes) });
    app.get('/', (request, reply) => serving.query(request, reply, () => Promise.resolve('answer')));
    const told: unknown[] = [];
    for (behindBytes of [undefined, 0, 1234]) told.push((await app.inject('/')).headers['x-signalbox-behind-bytes']);
    assert.deepEqual(told, [undefined, undefined, '1234']);
    await app.close();
  });

  it('tells how each query ended', async () => {
    const app = fastify();
    const told: string[] = [];
    const serving = new Serving({ ...options, limits: { timeoutMs: 20 }, onQuery: (outcome, seconds) => told.push(`${outcome} ${seconds >= 0}`) });
    const works: Record<string, (signal: AbortSignal) => Promise<string>> = { answered: () => Promise.resolve('x'), failed: () => Promise.reject(new Error('no')), limited: forever };
    app.get<{ Params: { what: string } }>('/:what', (request, reply) => serving.query(request, reply, ({ signal }) => works[request.params.what]!(signal)).catch(String));
    for (const what of Object.keys(works)) await app.inject(`/${what}`);
    assert.deepEqual(told, ['answered true', 'failed true', 'limited true']);
    await app.close();
  });
});
