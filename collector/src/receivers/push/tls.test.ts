import assert from 'node:assert/strict';
import { request } from 'node:https';
import { makeCertificates, type Certificates } from '../../security/fixture.test.js';
import { loki } from '../loki/index.js';
import { prometheusremotewrite } from '../prometheusremotewrite/index.js';
import { zipkin } from '../zipkin/index.js';
import { startReceiver, type Started } from './fixture.test.js';

describe('receivers of pushes with TLS', function () {
  this.timeout(180_000);
  let certificates: Certificates;
  let started: Started | undefined;
  before(async function () {
    const made = await makeCertificates();
    if (made === null) {
      console.warn('      skipped: openssl is not there');
      return this.skip();
    }
    certificates = made;
  });
  after(() => certificates?.remove());
  afterEach(async () => {
    await started?.close();
    started = undefined;
  });

  const settings = (): Record<string, unknown> => ({ endpoint: '127.0.0.1:0', tls: { cert_file: certificates.file('server.pem'), key_file: certificates.file('server.key'), client_ca_file: certificates.file('ca.pem') } });

  /** The status of the answer, or why there was none. */
  function post(address: string, path: string, body: string, withCertificate: boolean): Promise<number | string> {
    const shown = withCertificate ? { cert: certificates.read('client.pem'), key: certificates.read('client.key') } : {};
    return new Promise((resolve) => {
      request(`https://${address}${path}`, { method: 'POST', agent: false, ca: certificates.read('ca.pem'), ...shown, headers: { 'content-type': 'application/json' } }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0));
      }).on('error', (error) => resolve(error.message)).end(body);
    });
  }

  const receivers = [
    { name: 'zipkin', start: () => startReceiver(zipkin, { config: settings() }), path: '/api/v2/spans', body: '[]', status: 202 },
    { name: 'loki', start: () => startReceiver(loki, { config: settings() }), path: '/loki/api/v1/push', body: '{"streams":[]}', status: 204 },
    { name: 'prometheusremotewrite', start: () => startReceiver(prometheusremotewrite, { config: settings() }), path: '/api/v1/write', body: '', status: 415 },
  ];
  for (const { name, start, path, body, status } of receivers) {
    it(`${name} answers those who show a certificate, and nobody else`, async () => {
      started = await start();
      const [endpoint] = started.receiver.endpoints();
      assert.equal(endpoint!.tls, true);
      assert.equal(await post(endpoint!.address, path, body, true), status);
      assert.equal(typeof (await post(endpoint!.address, path, body, false)), 'string');
      const plain = await fetch(`http://${endpoint!.address}${path}`, { method: 'POST', body });
      assert.equal(plain.status, 400);
      assert.match(await plain.text(), /speaks TLS: write https:\/\//);
      assert.match(started.metrics.expose(), /reason="tls"\} 2/);
    });
  }
});
