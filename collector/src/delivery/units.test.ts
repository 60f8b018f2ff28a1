import assert from 'node:assert/strict';
import type { Frame, FrameHeader } from '@signalbox/journal/frame';
import { encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import type { Batch, BatchPart, SignalData } from '../component.js';
import { span, traces } from '../receivers/otlp/fixture.test.js';
import { backoffMs } from './sending/backoff.js';
import { Batcher } from './reading/batcher.js';
import { CircuitBreaker } from './sending/breaker.js';
import { DecodeCache, type CacheReader } from './reading/decode-cache.js';
import { decodeFrame, FrameUndecodable } from './reading/decode.js';
import { selectItems } from './reading/select.js';
import { Settlement, TrackedFrame } from './accounting/settlement.js';

const never = new AbortController().signal;

function frame(position: number, items: number, change: Partial<Frame> = {}): Frame {
  const payload = Buffer.from(encodeTraces(traces(Array.from({ length: items }, (_, i) => span(position + i)))));
  return { position, next: position + 10, signal: 'traces', encoding: 'otlp', tenant: 'default', items, rejected: [], receivedNs: 1n, batchId: '', origin: '', payloadBytes: payload.length, payload, ...change };
}

describe('delivery/backoff', () => {
  const settings = { initial_interval: 100, max_interval: 1000, multiplier: 2, randomization_factor: 0.5 };
  const cases: readonly (readonly [failures: number, asked: number | undefined, random: number, ms: number])[] = [
    [1, undefined, 0.5, 100], [2, undefined, 0.5, 200], [4, undefined, 0.5, 800], [5, undefined, 0.5, 1000], [1000, undefined, 0.5, 1000],
    [1, undefined, 0, 50], [1, undefined, 1, 150], [5, undefined, 1, 1000], [1, 5000, 0.5, 5000], [4, 10, 0.5, 800],
  ];
  for (const [failures, asked, random, ms] of cases) it(`waits ${ms} ms after ${failures} failures, asked for ${asked}`, () => assert.equal(backoffMs(failures, settings, asked, random), ms));
});

describe('delivery/breaker', () => {
  it('opens after failures in a row, lets one probe through, and doubles its time', async () => {
    let nowMs = 0;
    const breaker = new CircuitBreaker({ failures: 3, min_open: 100, max_open: 250 }, () => nowMs);
    assert.deepEqual([breaker.failure(), breaker.failure()], [false, false]);
    assert.equal(breaker.success(), false);
    assert.deepEqual([breaker.failure(), breaker.failure(), breaker.failure()], [false, false, true]);
    assert.equal(breaker.state, 'open');
    nowMs = 100;
    assert.equal(await breaker.admit(never), true);
    assert.equal(breaker.state, 'half-open');
    const second = breaker.admit(never);
    assert.equal(breaker.failure(), false);
    assert.equal(breaker.state, 'open');
    nowMs = 300;
    breaker.cancel();
    assert.equal(breaker.success(), true);
    assert.equal(await second, true);
    assert.equal(breaker.state, 'closed');
  });

  it('lets go of who waits when it is stopped', async () => {
    const breaker = new CircuitBreaker({ failures: 1, min_open: 60_000, max_open: 60_000 }, () => 0);
    breaker.failure();
    const stop = new AbortController();
    const waiting = breaker.admit(stop.signal);
    stop.abort();
    assert.equal(await waiting, false);
  });

  it('lets another probe through when the first was not sent', async () => {
    let nowMs = 0;
    const breaker = new CircuitBreaker({ failures: 1, min_open: 10, max_open: 10 }, () => nowMs);
    breaker.failure();
    nowMs = 10;
    assert.equal(await breaker.admit(never), true);
    const second = breaker.admit(never);
    breaker.cancel();
    assert.equal(await second, true);
  });
});

describe('delivery/batcher', () => {
  const add = (batcher: Batcher, made: Frame, nowMs = 0): void => batcher.add({ frame: made, tracked: new TrackedFrame(made) }, nowMs);
  const positions = (batch: ReturnType<Batcher['next']>): number[] | null => batch && batch.map((pending) => pending.frame.position);

  it('closes a batch when it is full by items, and never splits a frame', () => {
    const batcher = new Batcher({ max_items: 5, max_bytes: 1e6, max_wait: 100 });
    for (const [position, items] of [[0, 2], [10, 2], [20, 2], [30, 9], [40, 1]] as const) add(batcher, frame(position, items));
    assert.deepEqual([positions(batcher.next(0)), positions(batcher.next(0)), positions(batcher.next(0)), positions(batcher.next(0))], [[0, 10], [20], [30], null]);
    assert.equal(batcher.dueInMs(40), 60);
    assert.deepEqual(positions(batcher.next(100)), [40]);
    assert.equal(batcher.dueInMs(0), null);
  });

  it('keeps tenants apart, and lets them hold no more than a batch together', () => {
    const payload = Buffer.alloc(100);
    const batcher = new Batcher({ max_items: 1000, max_bytes: 250, max_wait: 100 });
    for (const [position, tenant] of [[0, 'a'], [10, 'b'], [20, 'a'], [30, 'c']] as const) add(batcher, frame(position, 1, { tenant, payload }));
    assert.deepEqual(positions(batcher.next(0)), [0, 20]);
    assert.equal(batcher.next(0), null);
    assert.deepEqual([positions(batcher.next(100)), positions(batcher.next(100))], [[10], [30]]);
  });
});

describe('delivery/settlement', () => {
  const header = (position: number, items: number, tenant = 'default'): FrameHeader => frame(position, items, { tenant });

  it('moves over a run without gaps alone, with the counts of that run', () => {
    const settlement = new Settlement(0);
    const [a, b, c] = [settlement.track(header(0, 2)), settlement.track(header(10, 3)), settlement.track(header(20, 1, 'blue'))];
    assert.equal(settlement.take(), null);
    b.deliver(3);
    c.drop('rejected', 1);
    assert.equal(settlement.take(), null);
    a.deliver(1);
    assert.equal(settlement.take(), null);
    a.drop('too_old', 1);
    const settled = settlement.take();
    assert.equal(settled!.position, 30);
    assert.deepEqual(settled!.changes.map(({ tenant, delivered, dropped }) => ({ tenant, delivered, dropped })), [
      { tenant: 'default', delivered: 4, dropped: { too_old: 1 } },
      { tenant: 'blue', delivered: 0, dropped: { rejected: 1 } },
    ]);
    assert.equal(settlement.take(), null);
    assert.equal(settlement.waiting, 0);
  });

  it('passes over foreign frames, and takes losses along', () => {
    const settlement = new Settlement(0);
    const only = settlement.track(header(0, 1));
    settlement.pass(500, [{ tenant: 'default', signal: 'traces', dropped: { evicted: 7 } }]);
    assert.equal(settlement.take(), null);
    only.deliver(1);
    const settled = settlement.take();
    assert.equal(settled!.position, 500);
    assert.deepEqual(settled!.changes[0]!.dropped, { evicted: 7 });
    settlement.pass(600, []);
    assert.deepEqual(settlement.take(), { position: 600, changes: [] });
  });

  it('hands in again what could not be committed', () => {
    const settlement = new Settlement(0);
    settlement.track(header(0, 2)).deliver(2);
    const settled = settlement.take()!;
    settlement.giveBack(settled);
    settlement.track(header(10, 3)).deliver(3);
    const again = settlement.take()!;
    assert.equal(again.position, 20);
    assert.equal(again.changes[0]!.delivered, 5);
    settlement.giveBack({ position: 20, changes: [] });
    assert.equal(settlement.take()!.position, 20);
  });

  it('settles a frame without items at once, and no item twice', () => {
    const settlement = new Settlement(0);
    settlement.track(header(0, 0));
    assert.equal(settlement.take()!.position, 10);
    const tracked = new TrackedFrame(header(10, 2));
    tracked.deliver(1);
    assert.throws(() => tracked.deliver(2), RangeError);
  });
});

describe('delivery/decode', () => {
  it('leaves rejected items out and knows the ordinals of the rest', () => {
    const part = decodeFrame(frame(0, 4, { rejected: [0, 2] }));
    assert.deepEqual([...part.ordinals], [1, 3]);
    assert.equal(part.items, 2);
  });

  it('refuses what it cannot read, or what holds another number of items than it says', () => {
    assert.throws(() => decodeFrame(frame(0, 1, { payload: Buffer.from('nonsense') })), (error) => error instanceof FrameUndecodable && error.reason === 'undecodable');
    assert.throws(() => decodeFrame(frame(0, 2, { items: 3 })), /holds 2 items, its header says 3/);
    assert.throws(() => decodeFrame(frame(0, 1, { encoding: 'prometheus' })), (error) => error instanceof FrameUndecodable && error.reason === 'unsupported_encoding');
  });

  it('is done once for readers that are near each other', () => {
    const [a, b, ahead, other] = [{ position: 50, wants: () => true }, { position: 0, wants: () => true }, { position: 900, wants: () => true }, { position: 0, wants: () => false }] as const satisfies readonly CacheReader[];
    const cache = new DecodeCache();
    for (const reader of [a, b, ahead, other]) cache.join(reader);
    const made = frame(40, 2);
    const part = cache.decode(made, a);
    assert.equal(cache.decode(made, b), part);
    assert.notEqual(cache.decode(made, b), part, 'forgotten when all have come');
    const small = new DecodeCache(10);
    small.join(b);
    assert.notEqual(small.decode(made, a), small.decode(made, b), 'too large to keep');
  });
});

describe('delivery/select', () => {
  const part = (position: number, data: SignalData, items: number): BatchPart => ({ position, receivedNs: 0n, data, items, ordinals: Uint32Array.from({ length: items }, (_, i) => i + 100) });

  it('picks spans across parts, and drops what is left empty', () => {
    const group = (...numbers: number[]) => ({ resource: null, schemaUrl: '', scopeSpans: [{ scope: null, schemaUrl: '', spans: numbers.map((i) => span(i)) }] });
    const batch: Batch = {
      tenant: 'default',
      signal: 'traces',
      items: 6,
      parts: [part(0, { signal: 'traces', traces: { resourceSpans: [group(0, 1), group(2)] } }, 3), part(10, { signal: 'traces', traces: { resourceSpans: [group(3)] } }, 1), part(20, { signal: 'traces', traces: { resourceSpans: [group(4, 5)] } }, 2)],
    };
    const selected = selectItems(batch, [1, 4, 5]);
    assert.deepEqual(selected.parts.map(({ position, items, ordinals }) => ({ position, items, ordinals: [...ordinals] })), [{ position: 0, items: 1, ordinals: [101] }, { position: 20, items: 2, ordinals: [100, 101] }]);
    assert.equal(selected.parts[1], batch.parts[2]);
    const [first] = selected.parts;
    assert.ok(first!.data.signal === 'traces');
    assert.deepEqual(first!.data.traces.resourceSpans, [group(1)]);
  });

  it('picks data points within a metric', () => {
    const point = (value: number) => ({ attributes: [], startNs: 0n, timeNs: 0n, flags: 0, value, exemplars: [] });
    const metric = (name: string, ...values: number[]) => ({ name, description: '', unit: '', metadata: [], values: { type: 'gauge' as const, dataPoints: values.map(point) } });
    const none = { name: 'none', description: '', unit: '', metadata: [], values: { type: 'none' as const } };
    const data: SignalData = { signal: 'metrics', metrics: { resourceMetrics: [{ resource: null, schemaUrl: '', scopeMetrics: [{ scope: null, schemaUrl: '', metrics: [metric('a', 1, 2), none, metric('b', 3)] }] }] } };
    const selected = selectItems({ tenant: 't', signal: 'metrics', items: 3, parts: [part(0, data, 3)] }, [1]);
    const [kept] = selected.parts;
    assert.ok(kept!.data.signal === 'metrics');
    assert.deepEqual(kept!.data.metrics.resourceMetrics[0]!.scopeMetrics[0]!.metrics, [metric('a', 2)]);
  });
});
