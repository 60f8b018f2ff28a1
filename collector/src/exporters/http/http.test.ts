import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import type { TLSSocket } from 'node:tls';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ConfigError } from '../../config/error.js';
import { detachedPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';
import { httpDestination, type HttpDestination } from '../testing/http-destination.js';
import { HttpClient, type HttpClientSettings } from './client.js';
import { headersSchema } from './config.js';
import { NoAnswer } from './failure.js';
import { retryAfterMs } from './retry-after.js';
import { tlsSchema } from './tls.js';
import { verdictOf } from './verdict.js';

function settings(more: Partial<HttpClientSettings> = {}, tls: Record<string, unknown> = {}): HttpClientSettings {
  return {
    headers: {}, tls: parseSection(tlsSchema, tls, detachedPlace('test')), auth: {}, compression: 'none', proxyUrl: undefined, environment: {}, maxConnections: 2, maxResponseBytes: 100, monotonicMs: () => performance.now(), ...more,
  };
}
const soon = (): AbortSignal => AbortSignal.timeout(60_000);

describe('exporters/http client', () => {
  let destination: HttpDestination;
  afterEach(() => destination?.close());

  it('sends a body, compressed where asked, and keeps the connection', async () => {
    destination = await httpDestination(({ headers }) => ({ status: 200, body: String(headers.connection) }));
    const client = new HttpClient(settings({ compression: 'gzip', headers: { 'x-a': 'default', 'x-b': 'b' } }));
    const first = await client.post(new URL(`${destination.url}/p?q`), { 'x-a': 'own' }, Buffer.from('body'), soon());
    assert.equal(first.status, 200);
    assert.equal(first.body.toString(), 'keep-alive');
    const [seen] = destination.seen;
    assert.equal(seen?.path, '/p?q');
    assert.deepEqual([seen.headers['x-a'], seen.headers['x-b'], seen.headers['content-encoding']], ['own', 'b', 'gzip']);
    assert.equal(gunzipSync(seen.body).toString(), 'body');
    client.close();
  });

  it('gives the credentials of the URL', async () => {
    destination = await httpDestination(() => ({ status: 200 }));
    const client = new HttpClient(settings());
    await client.post(new URL(destination.url.replace('://', '://us%40er:pa%3Ass@')), {}, Buffer.alloc(0), soon());
    assert.equal(Buffer.from(destination.seen[0]?.headers.authorization?.slice(6) ?? '', 'base64').toString(), 'us@er:pa:ss');
    client.close();
  });

  it('reads no more of an answer than it should', async () => {
    destination = await httpDestination(() => ({ status: 400, body: 'x'.repeat(100_000) }));
    const client = new HttpClient(settings());
    for (let i = 0; i < 3; i++) assert.equal((await client.post(new URL(destination.url), {}, Buffer.from('a'), soon())).body.length, 100);
    client.close();
  });

  it('tells a request that never left from one that may have arrived', async () => {
    const client = new HttpClient(settings());
    const attempt = (url: string, signal = soon()): Promise<NoAnswer> => client.post(new URL(url), {}, Buffer.from('a'), signal).then(() => assert.fail('answered'), (error: unknown) => {
      assert.ok(error instanceof NoAnswer);
      return error;
    });
    const given = new AbortController();
    destination = await httpDestination((_, number) => {
      if (number === 1) return 'cut';
      given.abort(new Error('no answer in time'));
      return 'silence';
    });
    assert.equal((await attempt(destination.url)).mayHaveArrived, true);
    assert.equal((await attempt(destination.url, given.signal)).mayHaveArrived, true);
    assert.equal((await attempt(destination.url, AbortSignal.abort())).mayHaveArrived, false);
    await destination.close();
    assert.equal((await attempt(destination.url)).mayHaveArrived, false);
    const unknownHost = await attempt('http://no-such-host.invalid/');
    assert.equal(unknownHost.mayHaveArrived, false);
    assert.match(unknownHost.message, /no-such-host\.invalid/);
    client.close();
  });

  it('reads answers in pieces and of every form, after interim ones', async () => {
    const answers = [
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nX-A: b\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\ntrailer: t\r\n\r\n',
      'HTTP/1.1 204 No Content\r\n\r\n',
      'HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nabcde',
      'HTTP/1.0 200\r\n\r\nabcde',
    ];
    const connections: number[] = [];
    const server = createTcpServer((socket) => {
      const connection = connections.push(0);
      socket.on('error', () => undefined).on('data', () => {
        connections[connection - 1]!++;
        const answer = answers.shift() ?? '';
        void (async () => {
          for (const byte of answer) {
            socket.write(byte);
            await new Promise((resolve) => setImmediate(resolve));
          }
          if (answer.startsWith('HTTP/1.0')) socket.end();
        })();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const client = new HttpClient(settings());
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const seen: [number, string][] = [];
    for (let i = 0; i < 4; i++) {
      const { status, body, headers } = await client.post(url, {}, Buffer.from('a'), soon());
      seen.push([status, body.toString()]);
      if (i === 0) assert.equal(headers['x-a'], 'b');
    }
    assert.deepEqual(seen, [[200, 'abcde'], [204, ''], [200, 'abcde'], [200, 'abcde']]);
    assert.deepEqual(connections, [3, 1]);
    client.close();
    await new Promise((resolve) => server.close(resolve));
  });

  it('uses no connection longer than the server keeps it, and opens no more than it may', async () => {
    let nowMs = 0;
    let most = 0;
    let open = 0;
    let connections = 0;
    const server = createHttpServer((request, response) => {
      most = Math.max(most, ++open);
      request.resume().on('end', () => setImmediate(() => {
        open--;
        response.writeHead(204, { 'keep-alive': 'timeout=5' }).end();
      }));
    });
    server.on('connection', () => connections++);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const client = new HttpClient(settings({ monotonicMs: () => nowMs }));
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const aborted = new AbortController();
    const posts = Array.from({ length: 20 }, (_, i) => client.post(url, {}, Buffer.alloc(i * 10_000), i === 15 ? aborted.signal : soon()).then(({ status }) => status, (error: NoAnswer) => error.mayHaveArrived));
    aborted.abort();
    assert.deepEqual(await Promise.all(posts), Array.from({ length: 20 }, (_, i) => (i === 15 ? false : 204)));
    assert.ok(most <= 2 && connections <= 2, `${most} requests over ${connections} connections`);
    const before = connections;
    nowMs = 3999;
    await client.post(url, {}, Buffer.from('a'), soon());
    assert.equal(connections, before);
    nowMs = 8000;
    await client.post(url, {}, Buffer.from('a'), soon());
    assert.equal(connections, before + 1);
    client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('ends a connection whose answer came before the request had left', async () => {
    let connections = 0;
    // It answers the first bytes and reads no further.
    const server = createTcpServer((socket) => {
      connections++;
      socket.on('error', () => undefined).once('data', () => {
        socket.pause();
        socket.write('HTTP/1.1 413 Content Too Large\r\ncontent-length: 0\r\n\r\n');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const client = new HttpClient(settings());
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    for (let i = 0; i < 2; i++) assert.equal((await client.post(url, {}, Buffer.alloc(64 << 20), soon())).status, 413);
    assert.equal(connections, 2);
    client.close();
    server.close();
  });

  it('sends no header that would be two', async () => {
    destination = await httpDestination(() => ({ status: 200 }));
    const client = new HttpClient(settings());
    await assert.rejects(client.post(new URL(destination.url), { 'x-scope-orgid': 'a\r\nx: y' }, Buffer.from('a'), soon()), (error: unknown) => error instanceof NoAnswer && !error.mayHaveArrived);
    assert.equal(destination.seen.length, 0);
    client.close();
  });

  it('fails cleanly when the connection breaks within the answer', async () => {
    destination = await httpDestination(() => ({ status: 200, headers: { 'content-length': '50' }, body: 'short' }));
    const client = new HttpClient(settings());
    await assert.rejects(client.post(new URL(destination.url), {}, Buffer.from('a'), AbortSignal.timeout(300)), NoAnswer);
    client.close();
  });
});

describe('exporters/http tls', () => {
  let dir: string;
  before(function () {
    dir = mkdtempSync(join(tmpdir(), 'signalbox-tls-'));
    try {
      for (const name of ['one', 'two']) {
        execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1,DNS:example.test', '-keyout', join(dir, `${name}.key`), '-out', join(dir, `${name}.pem`)], { stdio: 'ignore' });
      }
    } catch {
      console.warn('      skipped: openssl is not there');
      this.skip();
    }
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  it('trusts the given authority only, shows its certificate, and takes up changed files', async () => {
    const seen: string[] = [];
    const server = createServer({ key: readFileSync(join(dir, 'one.key')), cert: readFileSync(join(dir, 'one.pem')), requestCert: true, rejectUnauthorized: false }, (request, response) => {
      const certificate = (request.socket as TLSSocket).getPeerCertificate();
      seen.push(String(certificate.subject?.CN));
      response.end('ok');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const file = (name: string): string => join(dir, name);
    const untrusting = new HttpClient(settings());
    await assert.rejects(untrusting.post(url, {}, Buffer.from('a'), soon()), (error: NoAnswer) => error instanceof NoAnswer && !error.mayHaveArrived && /certificate/i.test(error.message));
    const careless = new HttpClient(settings({}, { insecure_skip_verify: true }));
    assert.equal((await careless.post(url, {}, Buffer.from('a'), soon())).status, 200);

    copyFileSync(file('one.pem'), file('client.pem'));
    copyFileSync(file('one.key'), file('client.key'));
    let nowMs = 0;
    const client = new HttpClient(settings({ monotonicMs: () => nowMs }, { ca_file: file('one.pem'), cert_file: file('client.pem'), key_file: file('client.key') }));
    await client.post(url, {}, Buffer.from('a'), soon());
    copyFileSync(file('two.pem'), file('client.pem'));
    copyFileSync(file('two.key'), file('client.key'));
    utimesSync(file('client.pem'), new Date(0), new Date(0));
    await client.post(url, {}, Buffer.from('a'), soon());
    nowMs += 61_000;
    await client.post(url, {}, Buffer.from('a'), soon());
    rmSync(file('client.pem'));
    nowMs += 61_000;
    await client.post(url, {}, Buffer.from('a'), soon());
    assert.deepEqual(seen, ['undefined', 'one', 'one', 'two', 'two']);
    for (const each of [untrusting, careless, client]) each.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('takes certificates as text, beside the authorities of the system, within versions', async () => {
    const server = createServer({ key: readFileSync(join(dir, 'one.key')), cert: readFileSync(join(dir, 'one.pem')), requestCert: true, rejectUnauthorized: false }, (request, response) => {
      const socket = request.socket as TLSSocket;
      response.end(`${String(socket.getPeerCertificate().subject?.CN)} ${String(socket.getProtocol())}`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const pem = (name: string): string => readFileSync(join(dir, name), 'utf8');
    const client = new HttpClient(settings({}, { ca_pem: pem('one.pem'), include_system_ca_certs_pool: true, cert_pem: pem('two.pem'), key_pem: pem('two.key'), max_version: '1.2' }));
    try {
      assert.equal((await client.post(url, {}, Buffer.from('a'), soon())).body.toString(), 'two TLSv1.2');
    } finally {
      client.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    for (const [tls, message] of [[{ cert_pem: 'a' }, /cert_pem and key_pem go together/], [{ ca_pem: 'a', ca_file: 'b' }, /ca_file or ca_pem/], [{ min_version: '1.3', max_version: '1.2' }, /lower than min_version/]] as const) {
      assert.match(tlsSchema.safeParse(tls).error?.issues.map((issue) => issue.message).join() ?? '', message);
    }
  });

  it('names a file that cannot be read', async () => {
    const client = new HttpClient(settings({}, { ca_file: '/nowhere/ca.pem' }));
    await assert.rejects(client.post(new URL('https://127.0.0.1:1'), {}, Buffer.from('a'), soon()), /\/nowhere\/ca\.pem/);
  });

  it('wants certificate and key together', () => {
    assert.throws(() => parseSection(tlsSchema, { cert_file: 'x' }, detachedPlace('test')), ConfigError);
  });
});

describe('exporters/http answers', () => {
  it('reads Retry-After as seconds and as a date', () => {
    const nowMs = Date.parse('2026-01-01T00:00:00Z');
    for (const [header, expected] of [['3', 3000], ['0', 0], ['1.5', 1500], ['Thu, 01 Jan 2026 00:00:10 GMT', 10_000], ['Thu, 01 Jan 2020 00:00:10 GMT', 0], ['soon', undefined], ['', undefined], [undefined, undefined]] as const) {
      assert.equal(retryAfterMs(header, nowMs), expected, String(header));
    }
  });

  it('refuses only for what speaks of the content', () => {
    const kinds = (...statuses: number[]): string[] => statuses.map((status) => verdictOf({ status, headers: {}, body: Buffer.from('why') }, 0).kind);
    assert.deepEqual(new Set(kinds(200, 204, 299)), new Set(['accepted']));
    assert.deepEqual(new Set(kinds(400, 409, 413, 415, 422)), new Set(['refused']));
    assert.deepEqual(new Set(kinds(301, 401, 403, 404, 408, 429, 500, 502, 503, 504)), new Set(['retry']));
  });

  it('does not take a page for an answer', () => {
    const verdict = verdictOf({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: Buffer.from('<html>Please log in') }, 0);
    assert.equal(verdict.kind, 'retry');
    assert.match(verdict.cause.reason, /page for people/);
  });

  it('takes headers in any case and refuses what is none', () => {
    assert.deepEqual(parseSection(headersSchema, { 'X-A': 'b' }, detachedPlace('test')), { 'x-a': 'b' });
    assert.throws(() => parseSection(headersSchema, { 'a b': 'c' }, detachedPlace('test')), ConfigError);
    assert.throws(() => parseSection(headersSchema, { a: 'c\r\nd: e' }, detachedPlace('test')), ConfigError);
  });
});
