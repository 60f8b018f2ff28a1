import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fastify } from 'fastify';
import type { FastifyInstance } from 'fastify';
import { prometheusPassThrough } from './pass-through.js';

/** A server in Prometheus' place that does what the real one does rarely: hang, cut off, go away. */
describe('passing Prometheus\' API through', () => {
  let answer: (request: IncomingMessage, response: ServerResponse) => void = () => undefined;
  const backend = createServer((request, response) => { answer(request, response); });
  let app: FastifyInstance;
  let url = '';
  let backendUrl = '';

  before(async () => {
    backend.listen(0, '127.0.0.1');
    await once(backend, 'listening');
    backendUrl = `http://127.0.0.1:${(backend.address() as AddressInfo).port}/prom`;
    app = await serve(backendUrl);
    url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/prometheus`;
  });
  after(async () => {
    await app.close();
    backend.closeAllConnections();
    backend.close();
  });

  async function serve(to: string, timeoutMs = 60_000): Promise<FastifyInstance> {
    const made = fastify({ forceCloseConnections: true });
    await made.register(prometheusPassThrough({ url: to, headers: { authorization: 'Bearer theirs' }, tenantHeader: 'x-scope-orgid', timeoutMs, tenantOf: () => 'shop' }), { prefix: '/prometheus' });
    await made.listen({ host: '127.0.0.1', port: 0 });
    return made;
  }

  it('hands on path, parameters and body, with its own token and tenant, and not the client\'s', async () => {
    let seen: Record<string, unknown> = {};
    answer = (request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => { body += chunk.toString(); });
      request.on('end', () => {
        seen = { method: request.method, url: request.url, body, authorization: request.headers.authorization, tenant: request.headers['x-scope-orgid'], cookie: request.headers.cookie };
        response.writeHead(422, { 'content-type': 'application/json', 'x-more': 'kept' }).end('{"status":"error"}');
      });
    };
    const response = await fetch(`${url}/api/v1/query?time=5`, { method: 'POST', body: new URLSearchParams({ query: 'up{a="ż"}' }), headers: { authorization: 'Bearer ours', cookie: 'a=b', 'x-scope-orgid': 'other' } });
    assert.deepEqual([response.status, response.headers.get('x-more'), await response.text()], [422, 'kept', '{"status":"error"}']);
    assert.deepEqual(seen, { method: 'POST', url: '/prom/api/v1/query?time=5', body: 'query=up%7Ba%3D%22%C5%BC%22%7D', authorization: 'Bearer theirs', tenant: 'shop', cookie: undefined });
  });

  it('passes neither writes nor administration on', async () => {
    answer = () => { assert.fail('asked'); };
    for (const path of ['write', 'admin/tsdb/delete_series', 'otlp/v1/metrics']) assert.equal((await fetch(`${url}/api/v1/${path}`, { method: 'POST', body: 'x' })).status, 404, path);
  });

  it('ends the query there when the client goes', async () => {
    const gone = new Promise<void>((resolve) => { answer = (_request, response) => { response.on('close', resolve); controller.abort(); }; });
    const controller = new AbortController();
    await assert.rejects(fetch(`${url}/api/v1/query?query=up`, { signal: controller.signal }));
    await gone;
  });

  it('says when there is no answer in time, and when nobody is there', async () => {
    answer = () => undefined;
    const hasty = await serve(backendUrl, 50);
    const late = await hasty.inject('/prometheus/api/v1/query?query=up');
    assert.deepEqual([late.statusCode, late.json<{ errorType: string }>().errorType], [503, 'timeout']);
    assert.match(late.json<{ error: string }>().error, /within 50 ms; narrow it, or raise query\.timeout$/);
    await hasty.close();
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => { closed.close(resolve); });
    const nobody = await serve(`http://127.0.0.1:${port}`);
    const response = await nobody.inject('/prometheus/api/v1/query?query=up');
    assert.deepEqual([response.statusCode, response.json<{ errorType: string }>().errorType], [502, 'unavailable']);
    assert.match(response.json<{ error: string }>().error, /is not reached .*query\.metrics\.prometheus\.url$/);
    await nobody.close();
  });
});
