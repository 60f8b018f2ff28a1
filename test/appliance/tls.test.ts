import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { makeCertificates, type Certificates } from '@signalbox/collector/security/fixture.test';
import { encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import { EXPORT_METHOD, grpcCall } from 'signalbox/probe/grpc-call';
import { makeMarked } from 'signalbox/verify/marked';
import { signalbox, startAppliance, type RunningAppliance } from '../harness/appliance.js';
import { eventually } from '../integrations/eventually.js';
import { freePort } from '../servers/free-port.js';

interface Answer {
  readonly status: number;
  readonly text: string;
}

describe('the appliance with TLS', function () {
  this.timeout(240_000);
  let certificates: Certificates;
  let appliance: RunningAppliance;
  let url: string;

  before(async function () {
    const made = await makeCertificates();
    if (made === null) {
      console.warn('      skipped: openssl is not there');
      return this.skip();
    }
    certificates = made;
    await certificates.issue('next');
    await certificates.issue('stranger', { ca: 'other-ca' });
    for (const kind of ['pem', 'key']) copyFileSync(certificates.file(`server.${kind}`), certificates.file(`used.${kind}`));
    const tls = `tls: { cert_file: "${certificates.file('used.pem')}", key_file: "${certificates.file('used.key')}", client_ca_file: "${certificates.file('ca.pem')}", reload_interval: 200ms }`;
    appliance = await startAppliance({ serve: tls, grpc: tls, http: tls });
    url = appliance.url.replace('http:', 'https:');
  });
  after(async () => {
    await appliance?.stop();
    certificates?.remove();
  });

  /** What is answered; rejects where no connection comes about. */
  function ask(path: string, shown: string | null = 'client', onCertificate?: (subject: string) => void): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const own = shown === null ? {} : { cert: certificates.read(`${shown}.pem`), key: certificates.read(`${shown}.key`) };
      const sent = request(url + path, { agent: false, ca: certificates.read('ca.pem'), ...own, headers: { accept: 'text/html,application/json' } }, (answer) => {
        let text = '';
        answer.on('data', (chunk: Buffer) => (text += chunk.toString())).on('error', reject).on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
      });
      sent.on('socket', (socket) => socket.on('secureConnect', () => onCertificate?.(String((socket as TLSSocket).getPeerCertificate().subject.CN))));
      sent.on('error', reject).end();
    });
  }

  it('serves console, APIs and health to those who show a certificate', async () => {
    assert.deepEqual(await ask('/healthz'), { status: 200, text: '{"status":"ok"}' });
    assert.equal((await ask('/jaeger/api/services')).status, 200);
    const listeners = async (): Promise<string[]> => (JSON.parse((await ask('/api/v1/status')).text) as { listeners: { name: string; tls: boolean }[] }).listeners.map(({ name, tls }) => `${name} ${tls}`).sort();
    await eventually(async () => assert.deepEqual(await listeners(), ['http true', 'otlp/grpc true', 'otlp/http true']));
    assert.match(appliance.said(), /https:\/\/127\.0\.0\.1:\d+/);
  });

  it('turns others away, and says so', async () => {
    for (const shown of [null, 'stranger']) await assert.rejects(ask('/healthz', shown));
    const plain = await fetch(`${appliance.url}/healthz`);
    assert.equal(plain.status, 400);
    assert.match(await plain.text(), /console and APIs\) speaks TLS: write https:\/\//);
    await eventually(async () => assert.match(await Promise.resolve(appliance.said()), /SBX_TLS_CLIENT/));
  });

  describe('signalbox verify and doctor', () => {
    const ca = (): string[] => ['--ca-file', certificates.file('ca.pem')];
    const shown = (name = 'client'): string[] => ['--cert-file', certificates.file(`${name}.pem`), '--key-file', certificates.file(`${name}.key`)];

    it('go through every way with TLS', async () => {
      const { code, stdout, stderr } = await signalbox(['verify', '--json', '--url', url, '--timeout', '90', ...ca(), ...shown()]);
      const { broken, links } = JSON.parse(stdout) as { broken: string[]; links: { wayIn: string }[] };
      assert.deepEqual(broken, []);
      assert.equal(code, 0, stderr);
      assert.deepEqual([...new Set(links.map(({ wayIn }) => wayIn))].sort(), ['OTLP/HTTP JSON', 'OTLP/HTTP protobuf', 'OTLP/gRPC']);
      const doctor = await signalbox(['doctor', '--url', url, '--data', appliance.dataDir, ...ca(), ...shown(), '--endpoint', appliance.http.replace('http:', 'https:'), '--protocol', 'http/protobuf']);
      assert.match(doctor.stdout, /takes OTLP over gRPC with TLS[^]*takes OTLP over HTTP with TLS[^]*ok +endpoint: .* takes OTLP over HTTP[^]*No problem found/);
      assert.equal(doctor.code, 0);
    });

    const failures: readonly (readonly [what: string, args: () => string[], message: RegExp])[] = [
      ['is not told to speak it', () => ['--url', appliance.url], /SBX_STATUS_TLS: .* speaks TLS; write --url https:\/\//],
      ['does not know the authority', () => ['--url', url], /SBX_STATUS_TLS: TLS with .* failed: .*certificate.*--ca-file/],
      ['shows no certificate', () => ['--url', url, ...ca()], /SBX_STATUS_TLS: .*certificate.*--cert-file/],
      ['shows that of another authority', () => ['--url', url, ...ca(), ...shown('stranger')], /SBX_STATUS_TLS/],
      ['has a file that is not there', () => ['--url', url, '--ca-file', '/nowhere/ca.pem'], /SBX_TLS_FILE: \/nowhere\/ca\.pem cannot be read/],
      ['has half of a certificate', () => ['--url', url, '--cert-file', certificates.file('client.pem')], /SBX_TLS_FILE: --cert-file and --key-file go together/],
    ];
    for (const [what, args, message] of failures) {
      it(`say what to do when one ${what}`, async () => {
        const { code, stderr } = await signalbox(['verify', ...args()]);
        assert.equal(code, 1);
        assert.match(stderr, message);
      });
    }

    it('are joined by the replay of dead letters', async () => {
      const refusing = createServer((incoming, answer) => void incoming.resume().on('end', () => answer.writeHead(400).end('no')));
      await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve));
      const tls = `tls: { cert_file: "${certificates.file('server.pem')}", key_file: "${certificates.file('server.key')}" }`;
      const to = `http://127.0.0.1:${(refusing.address() as AddressInfo).port}`;
      const other = await startAppliance({ serve: tls, http: tls, rest: () => `exporters: { store: {}, otlphttp: { endpoint: "${to}" } }\nservice: { pipelines: { traces: { receivers: [otlp], exporters: [store, otlphttp] } } }\n` });
      try {
        const { traces } = makeMarked(BigInt(Date.now()) * 1_000_000n);
        const sent = await grpcCall({ url: other.grpc, method: EXPORT_METHOD.traces, message: encodeTraces(traces), token: null, timeoutMs: 60_000 });
        assert.deepEqual([sent.kind, sent.kind === 'answered' && sent.status], ['answered', 0]);
        const listed = async (): Promise<unknown[]> => JSON.parse((await signalbox(['dead-letters', 'list', '--json', '--data', other.dataDir])).stdout) as unknown[];
        await eventually(async () => assert.equal((await listed()).length, 1));
        const replay = (...args: string[]) => signalbox(['dead-letters', 'replay', '--all', '--data', other.dataDir, '--url', other.url.replace('http:', 'https:'), ...args]);
        assert.match((await replay()).stderr, /SBX_STATUS_TLS/);
        const { stderr, code } = await replay(...ca());
        assert.match(stderr, /1 of 1 dead letters were accepted again and removed/);
        assert.equal(code, 0);
      } finally {
        await other.stop();
        refusing.close();
      }
    });

    it('tell an application that speaks plain text to TLS, or TLS to plain text', async () => {
      const doctor = async (endpoint: string, protocol: string): Promise<string> => (await signalbox(['doctor', '--url', url, '--data', appliance.dataDir, ...ca(), ...shown(), '--endpoint', endpoint, '--protocol', protocol])).stdout;
      assert.match(await doctor(appliance.http, 'http/protobuf'), /speaks TLS, and the application is told to speak plain text[^]*set the endpoint to https:\/\//);
      assert.match(await doctor(appliance.grpc, 'grpc'), /speaks TLS, and the application is told to speak plain text/);
      const plain = await startAppliance();
      try {
        assert.match(await doctor(plain.http.replace('http:', 'https:'), 'http/protobuf'), /TLS with .* failed[^]*write http:\/\/ where TLS is not spoken/);
      } finally {
        await plain.stop();
      }
      assert.match(await doctor(`https://127.0.0.1:${await freePort()}`, 'grpc'), /nobody listens at/);
    });
  });

  it('takes a new certificate over while it runs', async () => {
    const shown = async (): Promise<string> => {
      let subject = '';
      await ask('/healthz', 'client', (found) => (subject = found));
      return subject;
    };
    assert.equal(await shown(), 'server');
    for (const kind of ['key', 'pem']) copyFileSync(certificates.file(`next.${kind}`), certificates.file(`used.${kind}`));
    await eventually(async () => assert.equal(await shown(), 'next'), 120_000);
  });

  it('does not start without its files', async () => {
    await assert.rejects(startAppliance({ serve: 'tls: { cert_file: /nowhere/a.pem, key_file: /nowhere/a.key }' }), /SBX_TLS_FILE.*\/nowhere\/a\.pem \(cert_file\) does not exist/);
  });
});
