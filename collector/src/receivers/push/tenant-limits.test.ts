import assert from 'node:assert/strict';
import { encodeWriteV2 } from '@signalbox/signals/prometheus/remote-write/encode';
import { compressSync } from 'snappy';
import type { ReceiverFactory } from '../../component.js';
import { loki } from '../loki/index.js';
import { prometheusremotewrite } from '../prometheusremotewrite/index.js';
import { zipkin } from '../zipkin/index.js';
import { startReceiver, type Started } from './fixture.test.js';

const ITEMS = 10_000;

const JSON_TYPE = { 'content-type': 'application/json' };
/** Pushes of so many items, and how they are sent. */
const PUSHES = [
  { factory: loki, path: '/loki/api/v1/push', headers: JSON_TYPE, body: JSON.stringify({ streams: [{ stream: { a: 'b' }, values: Array.from({ length: ITEMS }, (_, i) => [`${1_700_000_000_000_000_000n + BigInt(i)}`, 'line']) }] }) },
  { factory: zipkin, path: '/api/v2/spans', headers: JSON_TYPE, body: JSON.stringify(Array.from({ length: ITEMS }, (_, i) => ({ traceId: '5982fe77008310cc', id: (i + 1).toString(16).padStart(16, '0'), name: 'n' }))) },
  {
    factory: prometheusremotewrite, path: '/prometheus/api/v1/write', headers: { 'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request', 'content-encoding': 'snappy' },
    body: compressSync(Buffer.from(encodeWriteV2({ series: [{ labels: [['__name__', 'a']], timesMs: Float64Array.from({ length: ITEMS }, (_, i) => i), values: new Float64Array(ITEMS), startsMs: null, histograms: [], exemplars: [], metadata: null }] }))),
  },
] as const;

describe('receivers of pushes with limits of tenants', () => {
  for (const { factory, path, headers, body } of PUSHES) {
    it(`${factory.type} tells a tenant that sends too much to come again, and nobody else`, async () => {
      const mounted = factory.type !== 'zipkin';
      const started: Started = await startReceiver(factory as ReceiverFactory<unknown>, { config: { tenant_limits: { items_per_second: 10, burst: '1s' }, ...(mounted ? {} : { endpoint: '127.0.0.1:0' }) } });
      try {
        const url = mounted ? started.mountedUrl : `http://${started.receiver.endpoints()[0]!.address}`;
        const post = (tenant: string): Promise<Response> => fetch(`${url}${path}`, { method: 'POST', headers: { ...headers, 'x-scope-orgid': tenant }, body });
        assert.ok((await post('blue')).ok, 'a request that is larger than the burst comes through');
        const refused = await post('blue');
        assert.equal(refused.status, 429);
        assert.ok(Number(refused.headers.get('retry-after')) > 500);
        assert.match(await refused.text(), /the tenant 'blue' sends more than 10 items a second; .*SBX_RECEIVER_TENANT_LIMIT/);
        assert.ok((await post('green')).ok);
        assert.deepEqual((await started.frames()).map(({ tenant, items }) => `${tenant} ${items}`), [`blue ${ITEMS}`, `green ${ITEMS}`]);
        assert.match(started.metrics.expose(), new RegExp(`signalbox_receiver_tenant_limited_requests_total\\{receiver="${factory.type}",tenant="blue",limit="items_per_second"\\} 1`));
        assert.match(started.metrics.expose(), /signalbox_intake_in_flight_bytes 0/);
      } finally {
        await started.close();
      }
    });
  }
});
