import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { COMPRESSIONS } from '@signalbox/collector/receivers/requests/decompress';
import { startReceiver, traceRequest, type Started } from '@signalbox/collector/receivers/otlp/fixture.test';
import { makeCertificates, type Certificates } from '@signalbox/collector/security/fixture.test';
import { startOtelcol, type RunningOtelcol } from '../../servers/otelcol/start.js';
import { requireServer } from '../../servers/require-server.js';
import { eventually } from '../eventually.js';

const REQUESTS = 500;
const AT_ONCE = 20;
const SPANS = 10;

describe('integration: OpenTelemetry Collector → otlp receiver, with mTLS', function () {
  this.timeout(240_000);
  let certificates: Certificates;
  let receiver: Started;
  let collector: RunningOtelcol;
  const ways = ['otlp/gzip', 'otlp/none', 'otlphttp/gzip', 'otlphttp/json', ...(COMPRESSIONS.includes('zstd') ? ['otlp/zstd', 'otlphttp/zstd'] : [])];

  before(async function () {
    requireServer(this, 'otelcol');
    const made = await makeCertificates();
    if (made === null) {
      console.warn('      skipped: openssl is not there');
      return this.skip();
    }
    certificates = made;
    const file = (name: string): string => certificates.file(name);
    const listens = { tls: { cert_file: file('server.pem'), key_file: file('server.key'), client_ca_file: file('ca.pem') } };
    // Whoever pings at all between calls would be sent away.
    receiver = await startReceiver({ config: { grpc: { ...listens, keepalive: { enforcement_policy: { min_time: '1h', permit_without_stream: false } } }, http: listens } });
    const sends = { timeout: '60s', tls: { ca_file: file('ca.pem'), cert_file: file('client.pem'), key_file: file('client.key') }, sending_queue: { enabled: true, num_consumers: 10, block_on_overflow: true }, retry_on_failure: { enabled: true, initial_interval: '100ms' } };
    collector = await startOtelcol({
      logLevel: 'info',
      exporters: Object.fromEntries(ways.map((way) => {
        const [type, kind] = way.split('/');
        const how = kind === 'json' ? { encoding: 'json' } : { compression: kind };
        return [way, { ...sends, ...how, headers: { 'x-scope-orgid': way.replace('/', '-') }, endpoint: `https://127.0.0.1:${type === 'otlp' ? receiver.grpcPort : receiver.httpPort}` }];
      })),
    });
  });
  after(async () => {
    await collector?.stop();
    await receiver?.close();
    certificates?.remove();
  });

  it('takes all that comes, in every encoding, and sends no connection away', async () => {
    const body = new Uint8Array(traceRequest(SPANS));
    for (let sent = 0; sent < REQUESTS; sent += AT_ONCE) {
      const statuses = await Promise.all(Array.from({ length: AT_ONCE }, async () => (await fetch(`${collector.http}/v1/traces`, { method: 'POST', headers: { 'content-type': 'application/x-protobuf' }, body })).status));
      assert.ok(statuses.every((status) => status === 200), statuses.join());
    }
    const spansOf = async (): Promise<Record<string, number>> => {
      const spans: Record<string, number> = {};
      for (const { tenant, items } of await receiver.frames()) spans[tenant] = (spans[tenant] ?? 0) + items;
      return spans;
    };
    await eventually(async () => assert.deepEqual(await spansOf(), Object.fromEntries(ways.map((way) => [way.replace('/', '-'), REQUESTS * SPANS]))), 120_000);
    const said = collector.log === undefined ? '' : readFileSync(collector.log, 'utf8');
    assert.match(said, /Everything is ready/);
    assert.doesNotMatch(said, /too_many_pings|GOAWAY|ENHANCE_YOUR_CALM|Exporting failed/);
    assert.doesNotMatch(receiver.metrics.expose(), /signalbox_receiver_refused_requests/);
  });
});
