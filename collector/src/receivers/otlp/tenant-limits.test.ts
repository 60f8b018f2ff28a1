import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { decodeStatus } from '@signalbox/signals/otlp/response';
import { detachedPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';
import { startReceiver, traceRequest, type Setup, type Started } from './fixture.test.js';
import { Refusal } from '../requests/refusal.js';
import { TenantLimits, tenantLimitsSchema } from '../requests/tenant-limits.js';

const EXPORT = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';

function limitsOf(settings: Record<string, unknown>) {
  const clock = { nowMs: 0 };
  const limited: string[] = [];
  const config = parseSection(tenantLimitsSchema, settings, detachedPlace('(test)', ['tenant_limits']));
  const limits = new TenantLimits(config, { monotonicMs: () => clock.nowMs, retryAfterMs: 500, limited: (tenant, limit) => void limited.push(`${tenant} ${limit}`) });
  /** Whether a request comes through; else how long to wait. */
  const send = (tenant: string, items: number, bytes = 0): number => {
    try {
      const share = limits.enter(tenant);
      try {
        share?.charge(items, bytes);
      } finally {
        share?.leave();
      }
      return 0;
    } catch (error) {
      assert.ok(error instanceof Refusal && error.reason === 'tenant_limit' && error.retryAfterMs !== null);
      return error.retryAfterMs;
    }
  };
  return { limits, clock, limited, send };
}

describe('receivers/otlp limits of tenants', () => {
  it('lets through what the rate allows over any time, and all that waits as it is told', () => {
    const requests = fc.array(fc.record({ items: fc.integer({ min: 1, max: 500 }), afterMs: fc.integer({ min: 0, max: 3000 }) }), { maxLength: 100 });
    fc.assert(fc.property(requests, fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 100, max: 10_000 }), (all, rate, burstMs) => {
      const { clock, send } = limitsOf({ items_per_second: rate, burst: `${burstMs}ms` });
      let accepted = 0;
      let last = 0;
      for (const { items, afterMs } of all) {
        clock.nowMs += afterMs;
        const waitMs = send('a', items);
        if (waitMs === 0) {
          accepted += last = items;
        } else if (afterMs % 2 === 0) {
          clock.nowMs += waitMs;
          assert.equal(send('a', items), 0, 'the wait that was told is enough');
          accepted += last = items;
        }
        // The last one that came through may be in advance.
        assert.ok(accepted - last <= rate * (clock.nowMs + burstMs) / 1000 + 1, `${accepted} of ${rate}/s in ${clock.nowMs} ms`);
      }
    }));
  });

  it('limits bytes as well as items, tenant by tenant, and some otherwise', () => {
    const { send, limited } = limitsOf({ bytes_per_second: '1KiB', burst: '1s', overrides: { big: { bytes_per_second: 'off' }, small: { items_per_second: 1 } } });
    assert.equal(send('a', 1, 3072), 0);
    assert.equal(send('a', 1, 1), 2001);
    assert.equal(send('b', 1, 1), 0);
    for (let i = 0; i < 10; i++) assert.equal(send('big', 1000, 1e9), 0);
    assert.deepEqual([send('small', 1, 1), send('small', 1, 1)], [0, 1]);
    assert.deepEqual(limited, ['a bytes_per_second', 'small items_per_second']);
  });

  it('limits what is in flight, of requests and of bytes, and lets a large one through alone', () => {
    const { limits, limited } = limitsOf({ max_in_flight_requests: 2, max_in_flight_bytes: 1000 });
    const [first, second] = [limits.enter('a')!, limits.enter('a')!];
    assert.throws(() => limits.enter('a'), /the tenant 'a' has 2 requests in flight; try again in 1 s \(setting: tenant_limits\.max_in_flight_requests.*SBX_RECEIVER_TENANT_LIMIT/);
    assert.ok(limits.enter('b'));
    first.take(800);
    assert.throws(() => second.take(300), /max_in_flight_bytes/);
    second.leave();
    first.take(5000);
    first.give(5800);
    first.leave();
    assert.ok(limits.enter('a'));
    assert.deepEqual(limited, ['a max_in_flight_requests', 'a max_in_flight_bytes']);
  });

  it('gives back what was not kept, and costs nothing where nothing is limited', () => {
    const { limits, send } = limitsOf({ items_per_second: 10, burst: '1s' });
    const share = limits.enter('a')!;
    share.charge(1000, 1);
    share.refund(1000, 1);
    share.leave();
    assert.equal(send('a', 5), 0);
    assert.equal(limitsOf({}).limits.enter('a'), null);
  });

  it('keeps count of so many tenants at most', () => {
    const { send } = limitsOf({ items_per_second: 1, burst: '1s' });
    for (let i = 0; i < 10_001; i++) send(`tenant ${i}`, 100);
    assert.ok(send('tenant 10000', 1) > 0);
    assert.equal(send('tenant 0', 1), 0, 'the oldest is forgotten');
  });

  const mistakes: readonly (readonly [settings: Record<string, unknown>, message: RegExp])[] = [
    [{ items_per_second: 0 }, /items_per_second: expected a whole number from 1 on, or off/],
    [{ bytes_per_second: 'much' }, /expected a size/],
    [{ overrides: { a: { items: 1 } } }, /unknown key 'items'/],
  ];
  for (const [settings, message] of mistakes) it(`says what is wrong with ${JSON.stringify(settings)}`, () => assert.throws(() => limitsOf(settings), message));

  describe('at the receiver', () => {
    let started: Started | undefined;
    const start = async (setup: Setup): Promise<Started> => (started = await startReceiver(setup));
    afterEach(async () => {
      await started?.close();
      started = undefined;
    });
    const limited = { config: { tenant_limits: { items_per_second: 10, burst: '1s' } } };

    it('are told to senders over HTTP, which may come again', async () => {
      const { httpUrl, frames, metrics } = await start(limited);
      const post = (tenant: string): Promise<Response> => fetch(`${httpUrl}/v1/traces`, { method: 'POST', headers: { 'content-type': 'application/x-protobuf', 'x-scope-orgid': tenant }, body: new Uint8Array(traceRequest(10_000)) });
      assert.equal((await post('blue')).status, 200);
      const refused = await post('blue');
      assert.equal(refused.status, 429);
      assert.ok(Number(refused.headers.get('retry-after')) > 500);
      const status = decodeStatus(new Uint8Array(await refused.arrayBuffer()));
      assert.equal(status.code, 8);
      assert.ok(status.retryDelayMs! > 500_000);
      assert.match(status.message, /the tenant 'blue' sends more than 10 items a second; try again in \d+ s \(setting: tenant_limits\.items_per_second/);
      assert.equal((await post('green')).status, 200);
      assert.deepEqual((await frames()).map(({ tenant, items }) => `${tenant} ${items}`), ['blue 10000', 'green 10000']);
      assert.match(metrics.expose(), /signalbox_receiver_refused_requests_total\{receiver="otlp",transport="http",reason="tenant_limit"\} 1/);
      assert.match(metrics.expose(), /signalbox_receiver_tenant_limited_requests_total\{receiver="otlp",tenant="blue",limit="items_per_second"\} 1/);
      assert.match(metrics.expose(), /signalbox_intake_in_flight_bytes 0/);
    });

    it('are told to senders over gRPC, with RetryInfo, and hold for both transports together', async () => {
      const { grpcPort, httpUrl } = await start(limited);
      const client = new Client(`127.0.0.1:${grpcPort}`, credentials.createInsecure());
      const call = (): Promise<ServiceError | null> => new Promise((resolve) => {
        client.makeUnaryRequest(EXPORT, (m: Buffer) => m, (b: Buffer) => b, traceRequest(10_000), new Metadata(), { deadline: Date.now() + 60_000 }, (error) => resolve(error));
      });
      assert.equal(await call(), null);
      const error = await call();
      client.close();
      assert.equal(error?.code, 8);
      const [details] = error.metadata.get('grpc-status-details-bin');
      assert.ok(decodeStatus(details as Buffer).retryDelayMs! > 500_000);
      assert.equal((await fetch(`${httpUrl}/v1/traces`, { method: 'POST', headers: { 'content-type': 'application/x-protobuf' }, body: new Uint8Array(traceRequest(1)) })).status, 429);
    });

    it('count what is in flight until it is on disk', async () => {
      let arrived: (() => void) | undefined;
      let release: (() => void) | undefined;
      const inside = new Promise<void>((resolve) => (arrived = resolve));
      const stuck = new Promise<void>((resolve) => (release = resolve));
      const { httpUrl, frames } = await start({ config: { tenant_limits: { max_in_flight_requests: 1 } }, appender: (journal) => ({ append: async (input) => (arrived!(), await stuck, journal.append(input)) }) });
      const post = (tenant: string): Promise<number> => fetch(`${httpUrl}/v1/traces`, { method: 'POST', headers: { 'content-type': 'application/x-protobuf', 'x-scope-orgid': tenant }, body: new Uint8Array(traceRequest(1)) }).then(({ status }) => status);
      const first = post('blue');
      await inside;
      assert.equal(await post('blue'), 429);
      const other = post('green');
      release!();
      assert.deepEqual(await Promise.all([first, other]), [200, 200]);
      assert.equal(await post('blue'), 200);
      assert.equal((await frames()).length, 3);
    });
  });
});
