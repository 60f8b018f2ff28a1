import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcp, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { detachedPlace } from '../../../config/place.js';
import type { Intake } from '../../../component.js';
import { makeCertificate } from '../../../exporters/testing/certificates.js';
import { parseConfig } from '../config.js';
import { Attempt } from './attempt.js';
import { BufferPool } from './buffer-pool.js';
import { ExpositionClient } from './exposition-client.js';

const TIMEOUT_MS = 20_000;

describe('receivers/prometheus/exposition-client', function () {
  this.timeout(180_000);
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  async function listening(server: Server): Promise<URL> {
    const sockets = new Set<Socket>();
    server.on('connection', (socket) => void sockets.add(socket.on('error', () => undefined)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`);
  }

  function client(scrape: Record<string, unknown> = {}, room = Infinity): { fetch(url: URL, attempt?: Attempt, timeoutMs?: number): Promise<string>; taken(): number } {
    let taken = 0;
    const intake: Pick<Intake, 'take' | 'give'> = {
      take: (bytes) => {
        if (taken + bytes > room) return false;
        taken += bytes;
        return true;
      },
      give: (bytes) => void (taken -= bytes),
    };
    const [config] = parseConfig({ config: { scrape_configs: [{ job_name: 'test', ...scrape }] } }, detachedPlace('(test)')).scrapeConfigs;
    const buffers = new BufferPool();
    const made = new ExpositionClient(config!, intake as Intake, buffers, () => performance.now());
    closing.push(() => made.close());
    return {
      fetch: async (url, attempt = new Attempt(), timeoutMs = TIMEOUT_MS) => {
        const { body, buffer } = await made.fetch(url, timeoutMs, attempt);
        const text = body.toString();
        if (buffer !== null) buffers.give(buffer);
        return text;
      },
      taken: () => taken,
    };
  }

  it('asks again over the same connection, and over another one at the same time', async () => {
    let connections = 0;
    let waiting: (() => void)[] = [];
    const server = createServer((request, response) => {
      const answer = (): void => void response.end(request.url);
      if (request.url === '/metrics') answer();
      else waiting.push(answer);
    });
    server.on('connection', () => connections++);
    const url = await listening(server);
    const { fetch, taken } = client();
    for (let i = 0; i < 3; i++) assert.equal(await fetch(url), '/metrics');
    assert.equal(connections, 1);
    const two = [fetch(new URL('/a', url)), fetch(new URL('/b', url))];
    while (waiting.length < 2) await new Promise(setImmediate);
    for (const answer of waiting.splice(0)) answer();
    assert.deepEqual(await Promise.all(two), ['/a', '/b']);
    assert.equal(connections, 2);
    waiting = [];
    assert.equal(taken(), 0);
  });

  it('opens another connection where the target has closed the one that was kept, also without a word', async () => {
    let round = 0;
    const url = await listening(createTcp((socket) => {
      socket.on('data', () => {
        // The second request finds a connection that ends when it is used.
        if (round++ === 1) socket.destroy();
        else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\na 1\n');
      });
    }));
    const { fetch } = client();
    assert.deepEqual([await fetch(url), await fetch(url), round], ['a 1\n', 'a 1\n', 3]);
  });

  it('does not ask twice where a new connection ends without an answer, or an answer in its middle', async () => {
    let requests = 0;
    const url = await listening(createTcp((socket) => socket.on('data', () => void (requests++ === 0 ? socket.end() : socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\na 1\n')))));
    const { fetch, taken } = client();
    await assert.rejects(fetch(url), /connection closed without an answer/);
    await assert.rejects(fetch(url), /connection closed within the answer/);
    assert.deepEqual([requests, taken()], [2, 0]);
  });

  it('reads what ends with the connection', async () => {
    const url = await listening(createTcp((socket) => socket.on('data', () => socket.end('HTTP/1.0 200 OK\n\na 1\n'))));
    const { fetch } = client();
    assert.deepEqual([await fetch(url), await fetch(url)], ['a 1\n', 'a 1\n']);
  });

  it('reads large bodies, with and without gzip', async () => {
    const body = 'a{x="1"} 1\n'.repeat(300_000);
    for (const compressed of [false, true]) {
      const url = await listening(createServer((_request, response) => response.writeHead(200, compressed ? { 'content-encoding': 'gzip' } : {}).end(compressed ? gzipSync(body) : body)));
      const { fetch, taken } = client();
      assert.equal(await fetch(url) === body, true);
      assert.equal(taken(), 0);
    }
  });

  it('keeps to the byte budget and to limits, compressed or not', async () => {
    const zeros = Buffer.alloc(3_000_000);
    const answers: Readonly<Record<string, RequestListener>> = {
      '/plain': (_request, response) => response.end(zeros),
      '/gzip': (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(zeros)),
      '/small': (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(zeros.subarray(0, 500_000))),
    };
    const url = await listening(createServer((request, response) => answers[request.url ?? '']?.(request, response)));
    for (const path of Object.keys(answers)) {
      const [limited, full] = [client({ body_size_limit: 400_000 }), client({}, 400_000)];
      await assert.rejects(limited.fetch(new URL(path, url)), /body size limit exceeded/, path);
      await assert.rejects(full.fetch(new URL(path, url)), /no room for it in the byte budget/, path);
      assert.deepEqual([limited.taken(), full.taken()], [0, 0], path);
    }
  });

  it('ends when it is told to, and when it takes too long', async () => {
    const url = await listening(createServer((_request, response) => void response.write('a')));
    const { fetch, taken } = client();
    const attempt = new Attempt();
    const fetching = fetch(url, attempt);
    attempt.end(new Error('enough'));
    await assert.rejects(fetching, /enough/);
    await assert.rejects(fetch(url, new Attempt(), 30), /no whole answer within 30 ms/);
    assert.equal(taken(), 0);
  });

  it('speaks TLS over a connection that it keeps, to targets that it trusts by name', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'signalbox-scrape-tls-'));
    closing.push(() => rmSync(dir, { recursive: true, force: true }));
    const { certFile, keyFile } = makeCertificate(dir, 'target', 'DNS:target.test,IP:127.0.0.1');
    let connections = 0;
    const server = createTlsServer({ cert: readFileSync(certFile), key: readFileSync(keyFile), requestCert: true, rejectUnauthorized: false }, (request, response) => {
      const socket = request.socket as TLSSocket;
      response.end(`${socket.servername || '-'} ${'subject' in socket.getPeerCertificate() ? 'certified' : 'anonymous'} `.padEnd(300_000, 'x'));
    });
    server.on('secureConnection', () => connections++);
    const url = new URL((await listening(server)).href.replace('http:', 'https:'));
    const begin = async (tls: Record<string, unknown>, times = 1): Promise<string> => {
      const { fetch } = client({ tls_config: tls });
      let text = '';
      for (let i = 0; i < times; i++) text = await fetch(url);
      assert.equal(text.length, 300_000);
      return text.slice(0, text.indexOf('x'));
    };
    assert.match(await begin({ ca_file: certFile }, 3), /^- anonymous $/);
    assert.equal(connections, 1);
    assert.match(await begin({ ca_file: certFile, cert_file: certFile, key_file: keyFile, server_name: 'target.test' }), /^target\.test certified $/);
    assert.match(await begin({ insecure_skip_verify: true }), /^- anonymous $/);
    await assert.rejects(begin({}), /self-signed certificate/);
    await assert.rejects(begin({ ca_file: certFile, server_name: 'other.test' }), /does not match certificate's altnames/);
  });

  it('refuses headers that would be two', async () => {
    const url = await listening(createServer((_request, response) => response.end('a 1\n')));
    await assert.rejects(client({ http_headers: { 'X-Team': { values: ['a\r\nx-other: b'] } } }).fetch(url), /Invalid character in header/);
    await assert.rejects(client({ http_headers: { 'X Team': { values: ['a'] } } }).fetch(url), /valid HTTP token/);
  });
});
