import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../../config/error.js';
import { detachedPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';
import { makeCertificate, type Certificate } from '../testing/certificates.js';
import { httpDestination } from '../testing/http-destination.js';
import { authSchema } from './authorization.js';
import { HttpClient, type HttpClientSettings } from './client.js';
import { NoAnswer } from './failure.js';
import { proxyFor } from './proxy.js';
import { tlsSchema } from './tls.js';
import { verdictOf } from './verdict.js';

const place = detachedPlace('test');
const soon = (): AbortSignal => AbortSignal.timeout(60_000);
const body = Buffer.from('a');

function settings(more: Partial<HttpClientSettings> = {}, tls: Record<string, unknown> = {}): HttpClientSettings {
  return {
    headers: {}, auth: {}, tls: parseSection(tlsSchema, tls, place), compression: 'none', proxyUrl: undefined, environment: {}, maxConnections: 2, maxResponseBytes: 1000, monotonicMs: () => performance.now(), ...more,
  };
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** A proxy that notes what it is asked for and passes tunnels on. */
async function proxyServer(answer: (request: IncomingMessage) => number = () => 200) {
  const asked: { method: string; target: string; authorization: string | undefined }[] = [];
  const note = (request: IncomingMessage): number => {
    asked.push({ method: request.method ?? '', target: request.url ?? '', authorization: request.headers['proxy-authorization'] });
    return answer(request);
  };
  const server = createHttpServer((request, response) => response.writeHead(note(request)).end('by the proxy'));
  server.on('connect', (request: IncomingMessage, socket) => {
    const status = note(request);
    if (status !== 200) return void socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    const [host, port] = (request.url ?? '').split(':');
    const upstream = connect(Number(port), host, () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
    socket.pipe(upstream).pipe(socket);
    socket.on('close', () => upstream.destroy());
  });
  const port = await listening(server);
  return { asked, url: `http://user:pa%20ss@127.0.0.1:${port}`, close: () => new Promise<void>((resolve) => { server.close(() => resolve()); server.closeAllConnections(); }) };
}

describe('exporters/http proxies', () => {
  it('takes the proxy of the setting, else of the environment, but not for loopback and what NO_PROXY names', () => {
    const environment = { HTTP_PROXY: 'http://plain:3128', https_proxy: 'secure:3129', NO_PROXY: 'internal.example, .corp.test,10.0.0.0/8 [2001:db8::1],db.test:9200,fd00::/8' };
    const found = (url: string, proxyUrl?: string): string | null => proxyFor(new URL(url), proxyUrl, environment)?.host ?? null;
    assert.deepEqual(
      ['http://a.test', 'https://a.test', 'http://internal.example', 'https://x.internal.example', 'https://notinternal.example', 'http://corp.test', 'http://a.corp.test', 'http://10.1.2.3', 'http://11.1.2.3',
        'http://[2001:db8::1]:80', 'http://[fd12::1]', 'http://db.test:9200', 'http://db.test:9201', 'http://127.0.0.1:9090', 'http://localhost', 'http://[::1]:80'].map((url) => found(url)),
      ['plain:3128', 'secure:3129', null, null, 'secure:3129', null, null, null, 'plain:3128', null, null, null, 'plain:3128', null, null, null],
    );
    assert.equal(found('http://127.0.0.1', 'http://forced:1'), 'forced:1');
    assert.equal(proxyFor(new URL('https://a.test'), undefined, { HTTPS_PROXY: 'http://p', NO_PROXY: '*' }), null);
    assert.equal(proxyFor(new URL('https://a.test'), undefined, {}), null);
  });

  it('asks a proxy for the whole URL, with the user of the proxy\'s', async () => {
    const proxy = await proxyServer();
    const client = new HttpClient(settings({ proxyUrl: proxy.url }));
    assert.equal((await client.post(new URL('http://far.test:81/p?q'), {}, body, soon())).body.toString(), 'by the proxy');
    assert.deepEqual(proxy.asked, [{ method: 'POST', target: 'http://far.test:81/p?q', authorization: `Basic ${Buffer.from('user:pa ss').toString('base64')}` }]);
    client.close();
    await proxy.close();
  });
});

describe('exporters/http TLS through proxies, and certificates that do not hold', () => {
  let dir: string;
  let good: Certificate;
  before(function () {
    dir = mkdtempSync(join(tmpdir(), 'signalbox-proxy-'));
    try {
      good = makeCertificate(dir, 'good', 'IP:127.0.0.1,DNS:example.test');
    } catch {
      console.warn('      skipped: openssl is not there');
      this.skip();
    }
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  async function tlsDestination({ certFile, keyFile }: Certificate) {
    const server = createTlsServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) }, (_, response) => response.end('secure'));
    const port = await listening(server);
    return { url: new URL(`https://127.0.0.1:${port}`), host: `127.0.0.1:${port}`, close: () => new Promise<void>((resolve) => { server.close(() => resolve()); server.closeAllConnections(); }) };
  }

  it('goes through a tunnel, over which the certificate is checked', async () => {
    const destination = await tlsDestination(good);
    const proxy = await proxyServer();
    const client = new HttpClient(settings({ proxyUrl: proxy.url }, { ca_file: good.certFile }));
    for (let i = 0; i < 2; i++) assert.equal((await client.post(destination.url, {}, body, soon())).body.toString(), 'secure');
    assert.deepEqual(proxy.asked, [{ method: 'CONNECT', target: destination.host, authorization: `Basic ${Buffer.from('user:pa ss').toString('base64')}` }], 'one tunnel, kept');
    const untrusting = new HttpClient(settings({ proxyUrl: proxy.url }));
    await assert.rejects(untrusting.post(destination.url, {}, body, soon()), (error) => error instanceof NoAnswer && !error.mayHaveArrived && /certificate/i.test(error.message));
    for (const each of [client, untrusting]) each.close();
    await proxy.close();
    await destination.close();
  });

  it('says that a proxy refuses, or is not there', async () => {
    const proxy = await proxyServer(() => 407);
    const refused = new HttpClient(settings({ proxyUrl: proxy.url }));
    await assert.rejects(refused.post(new URL('https://far.test'), {}, body, soon()), (error) => error instanceof NoAnswer && !error.mayHaveArrived && /refused a tunnel to far\.test:443: HTTP 407 \(give the proxy's user/.test(error.message));
    await proxy.close();
    await assert.rejects(refused.post(new URL('https://far.test'), {}, body, soon()), (error) => error instanceof NoAnswer && !error.mayHaveArrived && /proxy .*ECONNREFUSED/.test(error.message));
    refused.close();
  });

  it('sends nothing to a host whose certificate has expired or names another', async () => {
    for (const [certificate, words] of [
      [makeCertificate(dir, 'expired', 'IP:127.0.0.1', true), /expired/i],
      [makeCertificate(dir, 'other', 'DNS:other.test'), /does not match|altnames/i],
    ] as const) {
      const destination = await tlsDestination(certificate);
      const client = new HttpClient(settings({}, { ca_file: certificate.certFile }));
      await assert.rejects(client.post(destination.url, {}, body, soon()), (error) => error instanceof NoAnswer && !error.mayHaveArrived && words.test(error.message));
      client.close();
      await destination.close();
    }
  });

  it('expects another name where that is set, and speaks no older TLS than set', async () => {
    const destination = await tlsDestination(good);
    const renamed = new HttpClient(settings({}, { ca_file: good.certFile, server_name_override: 'example.test', min_version: '1.3' }));
    assert.equal((await renamed.post(destination.url, {}, body, soon())).status, 200);
    const wrong = new HttpClient(settings({}, { ca_file: good.certFile, server_name_override: 'wrong.test' }));
    await assert.rejects(wrong.post(destination.url, {}, body, soon()), /wrong\.test/);
    for (const each of [renamed, wrong]) each.close();
    await destination.close();
  });
});

describe('exporters/http credentials and redirects', () => {
  it('sends a token or a password from a file, and the new one when the file changes', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'signalbox-auth-'));
    const destination = await httpDestination(() => ({ status: 200 }));
    const file = join(dir, 'secret');
    const token = new HttpClient(settings({ auth: parseSection(authSchema, { bearer_token_file: file }, place) }));
    const basic = new HttpClient(settings({ auth: parseSection(authSchema, { username: 'u', password_file: file }, place) }));
    const url = new URL(destination.url);
    await assert.rejects(token.post(url, {}, body, soon()), (error) => error instanceof NoAnswer && !error.mayHaveArrived && error.message.includes(file));
    writeFileSync(file, 'first\n');
    utimesSync(file, 1, 1);
    for (const client of [token, basic]) await client.post(url, {}, body, soon());
    writeFileSync(file, 'other\n');
    for (const client of [token, basic]) await client.post(url, {}, body, soon());
    rmSync(file);
    await token.post(url, {}, body, soon());
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    assert.deepEqual(destination.seen.map(({ headers }) => headers.authorization), ['Bearer first', `Basic ${base64('u:first')}`, 'Bearer other', `Basic ${base64('u:other')}`, 'Bearer other']);
    for (const client of [token, basic]) client.close();
    await destination.close();
    rmSync(dir, { recursive: true });
  });

  it('refuses credentials that contradict each other', () => {
    for (const wrong of [{ bearer_token: 'a', username: 'b', password: 'c' }, { username: 'a' }, { password: 'a' }, { username: 'a', password: 'b', password_file: 'c' }]) {
      assert.throws(() => parseSection(authSchema, wrong, place), ConfigError, JSON.stringify(wrong));
    }
  });

  it('follows no redirect, keeps the data and names the address', async () => {
    const elsewhere = await httpDestination(() => ({ status: 200 }));
    const destination = await httpDestination(() => ({ status: 307, headers: { location: elsewhere.url } }));
    const client = new HttpClient(settings({ auth: { bearer_token: 'secret' } }));
    const verdict = verdictOf(await client.post(new URL(destination.url), {}, body, soon()), 0);
    assert.equal(verdict.kind, 'retry');
    assert.match(verdict.cause.reason, new RegExp(`HTTP 307 \\(redirects are not followed: if ${elsewhere.url}`));
    assert.equal(elsewhere.seen.length, 0);
    client.close();
    await Promise.all([destination.close(), elsewhere.close()]);
  });
});
