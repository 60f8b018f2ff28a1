import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeCertificates, type Certificates } from '@signalbox/collector/security/fixture.test';
import { startAppliance, type RunningAppliance } from '../harness/appliance.js';

interface Answer {
  readonly status: number;
  readonly text: string;
}

describe('the appliance with TLS', function () {
  this.timeout(120_000);
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
      sent.on('socket', (socket) => socket.on('secureConnect', () => onCertificate?.(String((socket as import('node:tls').TLSSocket).getPeerCertificate().subject.CN))));
      sent.on('error', reject).end();
    });
  }

  it('serves console, APIs and health to those who show a certificate', async () => {
    assert.deepEqual(await ask('/healthz'), { status: 200, text: '{"status":"ok"}' });
    assert.equal((await ask('/jaeger/api/services')).status, 200);
    const status = JSON.parse((await ask('/api/v1/status')).text) as { listeners: { name: string; tls: boolean }[] };
    assert.deepEqual(status.listeners.map(({ name, tls }) => [name, tls]).sort(), [['http', true], ['otlp/grpc', true], ['otlp/http', true]]);
    assert.match(appliance.said(), /https:\/\/127\.0\.0\.1:\d+/);
  });

  it('turns others away, and says so', async () => {
    for (const shown of [null, 'stranger']) await assert.rejects(ask('/healthz', shown));
    const plain = await fetch(`${appliance.url}/healthz`);
    assert.equal(plain.status, 400);
    assert.match(await plain.text(), /console and APIs\) speaks TLS: write https:\/\//);
    for (let i = 0; i < 100 && !/SBX_TLS_CLIENT/.test(appliance.said()); i++) await sleep(50);
    assert.match(appliance.said(), /SBX_TLS_CLIENT/);
  });

  it('takes a new certificate over while it runs', async () => {
    const shown = async (): Promise<string> => {
      let subject = '';
      await ask('/healthz', 'client', (found) => (subject = found));
      return subject;
    };
    assert.equal(await shown(), 'server');
    for (const kind of ['key', 'pem']) copyFileSync(certificates.file(`next.${kind}`), certificates.file(`used.${kind}`));
    for (let i = 0; i < 200 && (await shown()) !== 'next'; i++) await sleep(50);
    assert.equal(await shown(), 'next');
  });

  it('does not start without its files', async () => {
    await assert.rejects(startAppliance({ serve: 'tls: { cert_file: /nowhere/a.pem, key_file: /nowhere/a.key }' }), /SBX_TLS_FILE.*\/nowhere\/a\.pem \(cert_file\) does not exist/);
  });
});
