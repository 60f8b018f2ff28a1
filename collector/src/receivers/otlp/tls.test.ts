import assert from 'node:assert/strict';
import { copyFileSync, writeFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Batch, Exporter, Outcome } from '../../component.js';
import { detachedPlace } from '../../config/place.js';
import { testContext } from '../../exporters/testing/context.js';
import { otlp as otlpExporter, otlphttp } from '../../exporters/otlp/index.js';
import { makeCertificates, type Certificates } from '../../security/fixture.test.js';
import { span, startReceiver, traceRequest, traces, type Setup, type Started } from './fixture.test.js';

const place = detachedPlace('(test)');
/** What the log calls them. */
const LISTENER = { grpc: 'OTLP over gRPC', http: 'OTLP over HTTP' } as const;
const batch: Batch = { tenant: 'default', signal: 'traces', items: 1, parts: [{ position: 0, receivedNs: 1n, data: { signal: 'traces', traces: traces([span(0)]) }, items: 1, ordinals: Uint32Array.of(0) }] };

describe('receivers/otlp with TLS', function () {
  this.timeout(240_000);
  let certificates: Certificates;
  let started: Started | undefined;
  const exporters: Exporter[] = [];
  const tls = (name = 'server', more: Record<string, unknown> = {}) => ({ cert_file: certificates.file(`${name}.pem`), key_file: certificates.file(`${name}.key`), ...more });
  const mutual = () => ({ client_ca_file: certificates.file('ca.pem') });
  const start = async (section: Record<string, unknown>, setup: Setup = {}): Promise<Started> => (started = await startReceiver({ ...setup, config: { grpc: { tls: section }, http: { tls: section } } }));
  const client = (name = 'client') => ({ cert_file: certificates.file(`${name}.pem`), key_file: certificates.file(`${name}.key`) });

  /** What becomes of a span that our own exporter sends. */
  async function sent(transport: 'grpc' | 'http', to: Started, settings: Record<string, unknown> = {}, scheme = 'https'): Promise<Outcome> {
    const options = { tls: { ca_file: certificates.file('ca.pem'), ...settings } };
    const exporter = transport === 'grpc'
      ? otlpExporter.create(otlpExporter.parseConfig({ endpoint: `${scheme}://127.0.0.1:${to.grpcPort}`, ...options }, place), testContext())
      : otlphttp.create(otlphttp.parseConfig({ endpoint: `${scheme}://127.0.0.1:${to.httpPort}`, ...options }, place), testContext());
    exporters.push(exporter);
    return exporter.export(batch, AbortSignal.timeout(60_000));
  }

  async function refusedWith(reason: RegExp, ...args: Parameters<typeof sent>): Promise<void> {
    const outcome = await sent(...args);
    assert.equal(outcome.kind, 'retryable', JSON.stringify(outcome));
    assert.match(outcome.kind === 'retryable' ? outcome.reason : '', reason);
  }

  async function until(what: string, condition: () => boolean): Promise<void> {
    for (let i = 0; i < 6000; i++) {
      if (condition()) return;
      await sleep(10);
    }
    assert.fail(`never: ${what}`);
  }

  before(async function () {
    const made = await makeCertificates();
    if (made === null) {
      console.warn('      skipped: openssl is not there');
      return this.skip();
    }
    certificates = made;
    await certificates.issue('elsewhere', { names: 'DNS:elsewhere.example' });
    await certificates.issue('stranger', { ca: 'other-ca' });
    await certificates.issue('expired', { days: 0 });
  });
  after(() => certificates?.remove());
  afterEach(async () => {
    await Promise.all(exporters.splice(0).map((exporter) => exporter.shutdown()));
    await started?.close();
    started = undefined;
  });

  for (const transport of ['grpc', 'http'] as const) {
    describe(`over ${transport}`, () => {
      it('takes what comes with TLS, and says where', async () => {
        const to = await start(tls());
        assert.equal((await sent(transport, to)).kind, 'settled');
        assert.deepEqual((await to.frames()).map(({ items }) => items), [1]);
        assert.ok(to.receiver.endpoints().every((endpoint) => endpoint.tls));
      });

      it('is not believed by clients that trust others, look for another name, or see that it has expired', async () => {
        await refusedWith(/certificate/i, transport, await start(tls()), { ca_file: certificates.file('other-ca.pem') });
        await started!.close();
        await refusedWith(/127\.0\.0\.1.*(not in the cert's list|altnames)/i, transport, await start(tls('elsewhere')));
        assert.equal((await sent(transport, started!, { server_name_override: 'elsewhere.example' })).kind, 'settled');
        await started!.close();
        await refusedWith(/expired/, transport, await start(tls('expired')));
        assert.match(started!.lines.join(''), /SBX_TLS_EXPIRED/);
      });

      it('wants a certificate of its authority where one is configured', async () => {
        const to = await start(tls('server', mutual()));
        assert.equal((await sent(transport, to, client())).kind, 'settled');
        for (const settings of [{}, client('stranger'), client('expired')]) assert.equal((await sent(transport, to, settings)).kind, 'retryable', JSON.stringify(settings));
        assert.equal((await to.frames()).length, 1);
        assert.match(to.lines.join(''), /SBX_TLS_CLIENT.*peer did not return a certificate/);
        assert.match(to.metrics.expose(), new RegExp(`signalbox_receiver_refused_requests_total\\{receiver="otlp",transport="${transport}",reason="tls"\\} [1-9]`));
      });

      it('holds to the lowest version', async () => {
        const to = await start(tls('server', { min_version: '1.3' }));
        const speaks = (version: 'TLSv1.2' | 'TLSv1.3'): Promise<string> => new Promise((resolve) => {
          const socket = connectTls({ port: transport === 'grpc' ? to.grpcPort : to.httpPort, host: '127.0.0.1', ca: certificates.read('ca.pem'), minVersion: version, maxVersion: version, ALPNProtocols: ['h2', 'http/1.1'] }, () => {
            resolve(`${socket.getProtocol()} ${String(socket.alpnProtocol)}`);
            socket.destroy();
          });
          socket.on('error', (error) => resolve(`refused: ${error.message}`));
        });
        assert.equal(await speaks('TLSv1.3'), `TLSv1.3 ${transport === 'grpc' ? 'h2' : 'http/1.1'}`);
        assert.match(await speaks('TLSv1.2'), /refused:.*protocol version/);
      });

      it('takes changed files over without a restart, and stays with the old ones where the new are of no use', async () => {
        for (const kind of ['pem', 'key']) copyFileSync(certificates.file(`elsewhere.${kind}`), certificates.file(`changing.${kind}`));
        const to = await start(tls('changing', { reload_interval: '100ms' }));
        assert.equal((await sent(transport, to)).kind, 'retryable');
        writeFileSync(certificates.file('changing.pem'), 'not a certificate');
        // Each listener looks for itself: the other one may be earlier.
        const said = (what: RegExp): boolean => to.lines.some((line) => line.includes(LISTENER[transport]) && what.test(line));
        await until('the files were looked at', () => said(/SBX_TLS_RELOAD.*changing\.pem \(cert_file\) cannot be used/));
        assert.equal((await sent(transport, to, { server_name_override: 'elsewhere.example' })).kind, 'settled');
        for (const kind of ['pem', 'key']) copyFileSync(certificates.file(`server.${kind}`), certificates.file(`changing.${kind}`));
        await until('they were taken over', () => said(/changed TLS files are in use/));
        assert.equal((await sent(transport, to)).kind, 'settled');
      });
    });
  }

  const answerOf = (port: number, bytes: string): Promise<string> => new Promise((resolve, reject) => {
    let answer = '';
    const socket = connectTcp(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk) => (answer += chunk.toString('latin1'))).on('close', () => resolve(answer)).on('error', reject);
  });

  it('tells clients in plain text that TLS is spoken here', async () => {
    const to = await start(tls());
    for (const port of [to.grpcPort, to.httpPort]) {
      assert.match(await answerOf(port, 'POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n'), /^HTTP\/1\.1 400 [^]*speaks TLS: write https:\/\//);
      assert.match(await answerOf(port, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), /speaks TLS: write https:\/\//);
      assert.equal(await answerOf(port, '\0\0\0\0\0\0\0\0\0\0'), '');
    }
    await refusedWith(/./, 'grpc', to, { insecure: true }, 'http');
    assert.match(to.lines.join(''), /SBX_TLS_CLIENT.*its endpoint should begin with https|its endpoint should begin with https.*SBX_TLS_CLIENT/);
    assert.match(to.metrics.expose(), /transport="http",reason="tls"\} 3/);
    assert.equal((await sent('grpc', to)).kind, 'settled');
  });

  it('tells a client of the other transport where to go, within TLS too', async () => {
    const to = await start(tls());
    const ca = certificates.read('ca.pem');
    const goneAway = new Promise<string>((resolve, reject) => {
      const session = connectHttp2(`https://127.0.0.1:${to.httpPort}`, { ca });
      session.on('goaway', (_code, _last, data: Buffer | undefined) => resolve(String(data))).on('error', () => undefined).on('close', () => reject(new Error('closed without GOAWAY')));
      session.request({ ':path': '/' }).on('error', () => undefined);
    });
    assert.match(await goneAway, /This is the OTLP\/HTTP port/);
    const hint = await new Promise<string>((resolve, reject) => {
      const request = httpsRequest({ port: to.grpcPort, host: '127.0.0.1', method: 'POST', path: '/v1/traces', createConnection: () => connectTls({ port: to.grpcPort, host: '127.0.0.1', ca }) }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString())).on('end', () => resolve(text));
      });
      request.on('error', reject).end();
    });
    assert.match(hint, /This is the OTLP\/gRPC port.*https:\/\/127\.0\.0\.1/);
  });

  it('keeps calls apart on one connection, and ends well', async () => {
    const to = await start(tls());
    const session = connectHttp2(`https://127.0.0.1:${to.grpcPort}`, { ca: certificates.read('ca.pem') });
    const request = traceRequest(200);
    const frame = Buffer.concat([Buffer.from([0, 0, 0, 0, 0]), request]);
    frame.writeUInt32BE(request.length, 1);
    const statuses = await Promise.all(Array.from({ length: 50 }, () => new Promise<string>((resolve, reject) => {
      const stream = session.request({ ':method': 'POST', ':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export', 'content-type': 'application/grpc', te: 'trailers' });
      let status = '';
      stream.on('trailers', (trailers) => (status = String(trailers['grpc-status']))).on('end', () => resolve(status)).on('error', reject).resume();
      stream.end(frame);
    })));
    assert.ok(statuses.every((status) => status === '0'));
    const closed = new Promise((resolve) => session.once('close', resolve));
    await to.receiver.shutdown();
    await closed;
    assert.equal((await to.frames()).length, 50);
  });

  type Mistake = readonly [what: string, section: () => Record<string, unknown>, message: RegExp];
  const unusable: readonly Mistake[] = [
    ['a file that is not there', () => tls('nobody'), /OTLP over gRPC: .*nobody\.pem \(cert_file\) does not exist/],
    ['a key that belongs to another certificate', () => ({ ...tls(), key_file: certificates.file('client.key') }), /the key in .*client\.key \(key_file\) is not that of the first certificate in .*server\.pem/],
    ['a key in place of the certificate', () => ({ ...tls(), cert_file: certificates.file('server.key') }), /server\.key \(cert_file\) cannot be used/],
    ['a certificate in place of the key', () => ({ ...tls(), key_file: certificates.file('server.pem') }), /server\.pem \(key_file\) cannot be used/],
    ['an authority that is none', () => tls('server', { client_ca_file: certificates.file('server.key') }), /server\.key \(client_ca_file\) cannot be used/],
  ];
  for (const [what, section, message] of unusable) {
    it(`does not start with ${what}`, async () => {
      await assert.rejects(start(section()), (error: Error & { code?: string }) => error.code === 'SBX_TLS_FILE' && message.test(error.message));
    });
  }

  const mistakes: readonly (readonly [section: Record<string, unknown>, message: RegExp])[] = [
    [{}, /tls\.cert_file: a value is needed here/],
    [{ cert_file: 'a' }, /tls\.key_file: a value is needed here/],
    [{ cert_file: 'a', key_file: 'b', min_version: '1.3', max_version: '1.2' }, /max_version is lower than min_version/],
    [{ cert_file: 'a', key_file: 'b', client_ca: 'c' }, /unknown key 'client_ca'.*client_ca_file/],
  ];
  for (const [section, message] of mistakes) {
    it(`says what is wrong with ${JSON.stringify(section)}`, () => assert.rejects(start(section), message));
  }
});
