import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import type { Batch, Exporter, Outcome } from '@signalbox/collector/component';
import { detachedPlace } from '@signalbox/collector/config/place';
import { makeCertificate, type Certificate } from '@signalbox/collector/exporters/testing/certificates';
import { batchOf, testContext } from '@signalbox/collector/exporters/testing/context';
import { httpDestination, type Reply, type SeenRequest } from '@signalbox/collector/exporters/testing/http-destination';
import { builtinRegistry } from '@signalbox/collector/registry';
import { RandomTelemetry } from '../integrations/random-telemetry.js';
import { secondsAgoNs } from '../integrations/eventually.js';

type Answer = (request: SeenRequest, number: number) => Reply | 'cut' | 'silence';

/** Every exporter of the registry, with what its section needs to reach a destination over HTTP; null for those that need none. */
const SECTIONS: Readonly<Record<string, ((url: string, dir: string) => Record<string, unknown>) | null>> = {
  otlp: (url) => ({ endpoint: url }),
  otlphttp: (url) => ({ endpoint: url }),
  prometheusremotewrite: (url) => ({ endpoint: url }),
  loki: (url) => ({ endpoint: url }),
  elasticsearch: (url) => ({ endpoint: url }),
  kafka: (url) => ({ brokers: [new URL(url).host] }),
  webhook: (url) => ({ endpoint: url }),
  debug: null,
  file: null,
};

const ELASTIC = { 'x-elastic-product': 'Elasticsearch', 'content-type': 'application/json' };
const BAD: Readonly<Record<string, Answer>> = {
  'garbage with 200': () => ({ status: 200, headers: { 'content-type': 'application/json' }, body: '{"what": [' }),
  'garbage with 200 that looks like Elasticsearch\'s': () => ({ status: 200, headers: ELASTIC, body: '{"items":[{"create":{"status":201}},7,null,"x"]}' }),
  'a page with 200': () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Please log in</html>' }),
  'binary with 200': () => ({ status: 200, headers: { 'content-type': 'application/x-protobuf' }, body: Uint8Array.of(255, 255, 255, 0, 1, 2) }),
  '204 to everything': () => ({ status: 204, headers: ELASTIC }),
  'a redirect': () => ({ status: 302, headers: { location: 'http://127.0.0.1:1/elsewhere' } }),
  'too large': () => ({ status: 413, headers: ELASTIC, body: '{"error":"too large"}' }),
  'a refusal': () => ({ status: 400, headers: ELASTIC, body: '{"error":{"type":"x","reason":"never"}}' }),
  'a refusal of what is large, as a proxy in between makes it': ({ body }) => ({ status: body.length > 400 ? 413 : 200, headers: ELASTIC, body: '{}' }),
  overload: () => ({ status: 429, headers: { ...ELASTIC, 'retry-after': '1' }, body: '{}' }),
  failure: () => ({ status: 500, headers: ELASTIC, body: 'oops' }),
  'an unknown status': () => ({ status: 799 }),
  'cut connections': () => 'cut',
  silence: () => 'silence',
  'an answer of ten megabytes': () => ({ status: 400, headers: ELASTIC, body: 'x'.repeat(10_000_000) }),
};

/** What has to hold of every outcome (component.ts). */
function assertSettlesEachOnce(outcome: Outcome, batch: Batch, what: string): void {
  if (outcome.kind === 'retryable') {
    assert.notEqual(outcome.reason, '', what);
    return;
  }
  const named = [...outcome.retry.items, ...outcome.rejected.map(({ item }) => item)];
  assert.equal(new Set(named).size, named.length, `${what}: an item is named twice`);
  assert.ok(named.every((item) => Number.isInteger(item) && item >= 0 && item < batch.items), `${what}: an item is not of the batch`);
  assert.ok(outcome.delivered >= 0 && outcome.duplicate >= 0, what);
  assert.equal(outcome.delivered + outcome.duplicate + named.length, batch.items, `${what}: ${JSON.stringify(outcome).slice(0, 300)}`);
  assert.ok(outcome.rejected.every(({ reason }) => reason !== ''), what);
}

describe('contract: every exporter settles every item exactly once', function () {
  this.timeout(180_000);
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'signalbox-contract-'))));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const exporters = builtinRegistry().exporters;
  const random = new RandomTelemetry();
  const batches = (signals: readonly string[]): Batch[] =>
    [batchOf('default', random.logs(6, secondsAgoNs(60)), random.logs(3, secondsAgoNs(50))), batchOf('team', random.traces(7, secondsAgoNs(60))), batchOf('default', random.metrics([secondsAgoNs(60)]))].filter(({ signal }) => signals.includes(signal));

  it('knows every exporter that there is', () => {
    assert.deepEqual(exporters.map(({ type }) => type).filter((type) => !(type in SECTIONS)), []);
  });

  for (const factory of exporters) {
    const section = SECTIONS[factory.type];
    if (section === null || section === undefined) continue;
    describe(factory.type, () => {
      for (const [name, answer] of Object.entries(BAD)) {
        it(`whatever the destination does: ${name}`, async () => {
          const destination = await httpDestination(answer);
          const exporter: Exporter = factory.create(factory.parseConfig(section(destination.url, dir), detachedPlace('test')), testContext({ dataDir: dir }));
          try {
            for (const batch of batches(factory.signals)) {
              const outcome = await exporter.export(batch, AbortSignal.timeout(name === 'silence' ? 300 : 60_000));
              assertSettlesEachOnce(outcome, batch, `seed ${random.seed}, ${batch.signal}`);
              if (['a page with 200', 'a redirect', 'overload', 'failure', 'cut connections', 'silence'].includes(name)) {
                const rejected = outcome.kind === 'retryable' ? [] : outcome.rejected.filter(({ reason }) => reason.includes(' '));
                assert.deepEqual(rejected, [], `seed ${random.seed}, ${batch.signal}: nothing is given up for what may mend itself`);
                assert.ok(outcome.kind === 'retryable' || outcome.delivered === 0, `seed ${random.seed}, ${batch.signal}: nothing counts as delivered`);
              }
            }
            assert.ok(destination.seen.length < 2000, `${destination.seen.length} requests`);
          } finally {
            await exporter.shutdown();
            await destination.close();
          }
        });
      }

      it('whatever it is: nobody there', async () => {
        const exporter = factory.create(factory.parseConfig(section('http://127.0.0.1:1', dir), detachedPlace('test')), testContext({ dataDir: dir }));
        for (const batch of batches(factory.signals)) {
          const outcome = await exporter.export(batch, AbortSignal.timeout(60_000));
          assertSettlesEachOnce(outcome, batch, batch.signal);
          assert.ok(outcome.kind === 'retryable' ? outcome.unknown !== true : outcome.delivered === 0, `${batch.signal}: nothing can have arrived: ${JSON.stringify(outcome).slice(0, 300)}`);
        }
        await exporter.shutdown();
      });
    });
  }

  describe('over TLS to a server that cannot prove who it is', () => {
    const CERTIFICATES = { expired: ['IP:127.0.0.1', true], 'of another host': ['DNS:elsewhere.test', false], 'by nobody that is trusted': ['IP:127.0.0.1', false] } as const;
    const WORDS = { expired: /expired/i, 'of another host': /127\.0\.0\.1|altnames|does not match/i, 'by nobody that is trusted': /self.signed|unable to verify/i } as const;

    for (const [what, [names, expired]] of Object.entries(CERTIFICATES)) {
      it(`nothing is sent, nothing is lost, and the reason is told: a certificate ${what}`, async function () {
        let certificate: Certificate;
        try {
          certificate = makeCertificate(dir, 'server', names, expired);
        } catch {
          console.warn('      skipped: openssl is not there');
          return this.skip();
        }
        let received = 0;
        const server = createTlsServer({ key: readFileSync(certificate.keyFile), cert: readFileSync(certificate.certFile), ALPNProtocols: ['h2', 'http/1.1'] }, (socket) => {
          socket.on('error', () => undefined).on('data', (bytes: Buffer) => (received += bytes.length));
        });
        server.on('tlsClientError', () => undefined);
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
        const tls = what === 'by nobody that is trusted' ? {} : { ca_file: certificate.certFile };
        try {
          for (const factory of exporters) {
            const section = SECTIONS[factory.type];
            if (section === null || section === undefined) continue;
            const exporter = factory.create(factory.parseConfig({ ...section(url, dir), tls }, detachedPlace('test')), testContext({ dataDir: dir }));
            for (const batch of batches(factory.signals)) {
              const outcome = await exporter.export(batch, AbortSignal.timeout(60_000));
              assertSettlesEachOnce(outcome, batch, `${factory.type} ${batch.signal}`);
              const told = outcome.kind === 'retryable' ? outcome : { ...outcome.retry, reason: outcome.retry.reason ?? '' };
              // What the exporter itself cannot express is a word; all else waits.
              const lost = outcome.kind === 'retryable' ? [] : outcome.rejected.filter(({ reason }) => reason.includes(' '));
              assert.ok(outcome.kind === 'retryable' || outcome.delivered + outcome.duplicate + lost.length === 0, `${factory.type} ${batch.signal}: ${JSON.stringify(outcome).slice(0, 300)}`);
              assert.match(told.reason, WORDS[what as keyof typeof WORDS], `${factory.type} ${batch.signal}`);
              assert.notEqual(told.unknown, true, `${factory.type} ${batch.signal}: nothing can have arrived`);
            }
            await exporter.shutdown();
          }
          assert.equal(received, 0, 'not a byte of anything');
        } finally {
          await new Promise((resolve) => server.close(resolve));
        }
      });
    }
  });
});
