import assert from 'node:assert/strict';
import type { JournalSettings } from '@signalbox/journal/journal';
import { readLedger } from '@signalbox/journal/ledger';
import { encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import type { Outcome } from '../component.js';
import { span, traces } from '../receivers/otlp/fixture.test.js';
import { createWorld, later, namesOf, numbered, taken, until, type World } from './fixture.test.js';

const RETRY = 'retry_on_failure: { initial_interval: 5ms, max_interval: 20ms }, circuit_breaker: { min_open: 5ms, max_open: 20ms }';
const BOTH = 'traces: { receivers: [otlp], exporters: [a, b] }';

describe('delivery', () => {
  let world: World;
  const begin = async (settings?: Partial<JournalSettings>): Promise<World> => (world = await createWorld(settings));
  afterEach(() => world.close());

  const settled = (reader = 'traces→a'): Promise<void> => until('the ledger is settled', async () => (await world.ledger(reader)).queued === 0);

  it('delivers everything in order, before and after it started, and the ledger balances', async () => {
    const { append, start, destinations, ledger, metrics } = await begin();
    for (let i = 0; i < 20; i++) await append(5);
    await append(0, { signal: 'logs' });
    await start();
    for (let i = 0; i < 20; i++) await append(5);
    await settled();
    assert.deepEqual(destinations.a.names, numbered(200));
    const row = await ledger();
    assert.deepEqual({ ...row, lagBytes: 0 }, { reader: 'traces→a', tenant: 'default', signal: 'traces', accepted: 200, delivered: 200, queued: 0, dropped: {}, redelivered: 0, outcomeUnknown: 0, lagBytes: 0, oldestQueuedNs: null, balanced: true });
    assert.match(metrics.expose(), /otelcol_exporter_sent_spans_total\{exporter="a",pipeline="traces"\} 200/);
  });

  it('takes the frames of its own receivers alone, and the ledger balances for each', async () => {
    const { append, start, destinations, ledger } = await begin();
    await append(1);
    for (let i = 0; i < 5; i++) {
      await append(2, { origin: 'otlp' });
      await append(3, { origin: 'otlp/b' });
      await append(4, { origin: 'gone' });
    }
    await start(undefined, 'traces: { receivers: [otlp], exporters: [a] }, traces/b: { receivers: [otlp, otlp/b], exporters: [b] }');
    await until('both settled', async () => (await ledger('traces→a')).delivered === 11 && (await ledger('traces/b→b')).delivered === 26);
    assert.deepEqual(destinations.a.names.slice(0, 5), ['s0', 's1', 's2', 's10', 's11']);
    for (const row of [await ledger('traces→a'), await ledger('traces/b→b')]) assert.deepEqual([row.balanced, row.queued, row.accepted], [true, 0, row.delivered]);
  });

  it('tells of items that wait for a receiver that is not listed any more', async () => {
    const { append, start, destinations, lines, ledger } = await begin();
    destinations.a.answer = () => later();
    await append(3, { origin: 'otlp' });
    const before = await start();
    await until('it was tried', () => destinations.a.calls.length > 0);
    await before.stop(100);
    await append(2, { origin: 'otlp/b' });
    destinations.a.answer = taken;
    await start(undefined, 'traces: { receivers: [otlp/b], exporters: [a] }');
    await until('the rest is delivered', async () => (await ledger()).delivered === 2);
    assert.match(lines.join(''), /SBX_DELIVERY_LEFT/);
    assert.deepEqual(destinations.a.names, ['s3', 's4']);
    assert.ok((await ledger()).balanced);
  });

  it('counts the time that a batch may wait from the arrival of what is in it, and fills the batches of a backlog', async () => {
    const { append, start, destinations } = await begin();
    const receivedNs = BigInt(Date.now() - 3_600_000) * 1_000_000n;
    for (let i = 0; i < 10; i++) await append(4, { receivedNs });
    // Longer than the test waits for anything.
    await start(`batch: { max_items: 12, max_wait: 10m }, ${RETRY}`);
    await settled();
    assert.deepEqual(destinations.a.calls.map((batch) => batch.items), [12, 12, 12, 4]);
    await append(5, { receivedNs });
    await settled();
    assert.deepEqual(destinations.a.names, numbered(45));
  });

  it('gathers frames into batches by items, bytes and time', async () => {
    const { append, start, destinations } = await begin();
    for (let i = 0; i < 10; i++) await append(4);
    await start(`batch: { max_items: 10, max_wait: 30ms }, ${RETRY}`);
    await settled();
    assert.deepEqual(destinations.a.calls.map((batch) => batch.items), [8, 8, 8, 8, 8]);
    assert.deepEqual(destinations.a.calls[0]!.parts.map(({ items }) => items), [4, 4]);
  });

  it('keeps tenants apart', async () => {
    const { append, start, destinations, dir } = await begin();
    for (let i = 0; i < 6; i++) await append(1, { tenant: i % 2 === 0 ? 'blue' : 'green' });
    await start(`batch: { max_wait: 20ms }, ${RETRY}`);
    await until('all arrived', () => destinations.a.names.length === 6);
    assert.deepEqual(destinations.a.calls.map(({ tenant }) => tenant).sort(), ['blue', 'green']);
    assert.deepEqual(destinations.a.calls.flatMap((batch) => (batch.tenant === 'blue' ? namesOf(batch) : [])), ['s0', 's2', 's4']);
    await until('both settled', async () => (await readLedger(dir)).every((row) => row.queued === 0 && row.delivered === 3 && row.balanced));
  });

  it('sends again the part that was not taken, and only that', async () => {
    const { append, start, destinations, ledger } = await begin();
    for (let i = 0; i < 3; i++) await append(3);
    const retryOdd = (items: number): Outcome => {
      const odd = Array.from({ length: items }, (_, i) => i).filter((i) => i % 2 === 1);
      return { kind: 'settled', delivered: items - odd.length, duplicate: 0, retry: { items: odd, reason: 'busy' }, rejected: [] };
    };
    destinations.a.answer = (batch, call) => (call <= 2 ? retryOdd(batch.items) : taken(batch));
    await start(`batch: { max_wait: 20ms }, ${RETRY}`);
    await settled();
    assert.deepEqual(destinations.a.calls.map(namesOf), [numbered(9), ['s1', 's3', 's5', 's7'], ['s3', 's7']]);
    assert.deepEqual(destinations.a.calls[2]!.parts.map(({ position, ordinals }) => [position > 0, [...ordinals]]), [[true, [0]], [true, [1]]]);
    assert.equal((await ledger()).delivered, 9);
  });

  it('drops what the destination refuses, with the reason in the ledger', async () => {
    const { append, start, destinations, ledger, lines, metrics } = await begin();
    await append(4);
    await append(2);
    destinations.a.answer = (batch) => ({ kind: 'settled', delivered: batch.items - 3, duplicate: 0, retry: { items: [] }, rejected: [{ item: 0, reason: 'too_old' }, { item: 1, reason: 'entry too far behind, oldest acceptable is 12:00' }, { item: 4, reason: 'too_old: oldest acceptable is 12:00' }] });
    await start(`batch: { max_wait: 20ms }, ${RETRY}`);
    await settled();
    const row = await ledger();
    assert.deepEqual([row.delivered, row.dropped, row.balanced], [3, { too_old: 1, dead_lettered_too_old: 1, dead_lettered_rejected: 1 }, true]);
    assert.match(lines.join(''), /SBX_DELIVERY_REJECTED.*oldest acceptable/);
    assert.match(metrics.expose(), /otelcol_exporter_send_failed_spans_total\{exporter="a",pipeline="traces",reason="too_old"\} 2/);
  });

  it('does not let a dead destination harm another, and catches up when it is back', async () => {
    const { append, start, destinations, ledger, metrics, lines } = await begin();
    destinations.a.answer = () => later();
    await start(undefined, BOTH);
    for (let i = 0; i < 30; i++) await append(10);
    await settled('traces→b');
    assert.deepEqual(destinations.b.names, numbered(300));
    await until('the circuit is open', () => /signalbox_exporter_circuit_open\{exporter="a",pipeline="traces"\} 1/.test(metrics.expose()));
    const waiting = await ledger();
    assert.deepEqual([waiting.delivered, waiting.queued, waiting.balanced], [0, 300, true]);
    assert.equal(new Set(destinations.a.calls).size, 1, 'only one batch is tried');
    destinations.a.answer = taken;
    await settled();
    assert.deepEqual(destinations.a.names, numbered(300));
    assert.match(metrics.expose(), /signalbox_exporter_circuit_open\{exporter="a",pipeline="traces"\} 0/);
    assert.ok(lines.length < 20, `few lines about it, not ${lines.length}`);
    assert.match(lines.join(''), /takes data again/);
  });

  it('waits as long as the destination asks', async () => {
    const { append, start, destinations } = await begin();
    await append(1);
    const times: number[] = [];
    destinations.a.answer = (batch, call) => (times.push(performance.now()), call === 1 ? { kind: 'retryable', reason: 'slow down', afterMs: 150 } : taken(batch));
    await start();
    await settled();
    assert.ok(times[1]! - times[0]! >= 145, `${times[1]! - times[0]!} ms`);
  });

  it('counts what nobody knows: attempts without an answer, and what may have arrived twice', async () => {
    const { append, start, destinations, ledger } = await begin();
    await append(5);
    destinations.a.answer = (batch, call) => (call === 1 ? later(true) : call === 2 ? { kind: 'settled', delivered: 2, duplicate: 2, retry: { items: [0] }, rejected: [] } : taken(batch));
    await start();
    await settled();
    const row = await ledger();
    assert.deepEqual([row.delivered, row.outcomeUnknown, row.redelivered, row.balanced], [5, 5, 3, true]);
  });

  it('ends an attempt that takes too long, and counts it as unknown', async () => {
    const { append, start, destinations, ledger } = await begin();
    await append(2);
    const reasons: unknown[] = [];
    destinations.a.answer = (batch, call, signal) =>
      call > 1 ? taken(batch) : new Promise((resolve) => signal.addEventListener('abort', () => (reasons.push(signal.reason), resolve(later(true)))));
    await start(`timeout: 30ms, batch: { max_wait: 0s }, ${RETRY}`);
    await settled();
    assert.match(String(reasons[0]), /no answer within 30 ms/);
    assert.deepEqual([(await ledger()).outcomeUnknown, (await ledger()).delivered], [2, 2]);
  });

  it('goes on when an exporter does not even end when told to', async () => {
    const { append, start, destinations } = await begin();
    await append(2);
    destinations.a.answer = (batch, call) => (call > 1 ? taken(batch) : new Promise(() => undefined));
    await start(`timeout: 10ms, batch: { max_wait: 0s }, ${RETRY}`);
    await settled();
    assert.equal(destinations.a.calls.length, 2);
  });

  type Lie = readonly [what: string, answer: (items: number) => Outcome];
  const lies: readonly Lie[] = [
    ['throws', () => { throw new TypeError('undefined is not a function'); }],
    ['counts too few', (items) => ({ kind: 'settled', delivered: items - 1, duplicate: 0, retry: { items: [] }, rejected: [] })],
    ['counts too many', (items) => ({ kind: 'settled', delivered: items, duplicate: 0, retry: { items: [0] }, rejected: [] })],
    ['names an item that is not there', (items) => ({ kind: 'settled', delivered: items - 1, duplicate: 0, retry: { items: [items] }, rejected: [] })],
    ['names an item twice', (items) => ({ kind: 'settled', delivered: items - 2, duplicate: 0, retry: { items: [0] }, rejected: [{ item: 0, reason: 'x' }] })],
  ];
  for (const [what, answer] of lies) {
    it(`loses nothing to an exporter that ${what}`, async () => {
      const { append, start, destinations, ledger, lines } = await begin();
      await append(4);
      destinations.a.answer = (batch, call) => (call <= 2 ? answer(batch.items) : taken(batch));
      await start();
      await settled();
      assert.deepEqual(destinations.a.calls.map(namesOf), [numbered(4), numbered(4), numbered(4)]);
      const row = await ledger();
      assert.deepEqual([row.delivered, row.dropped, row.balanced], [4, {}, true]);
      assert.match(lines.join(''), /SBX_DELIVERY_EXPORTER/);
    });
  }

  it('gives up where it is told to, and says so', async () => {
    const { append, start, destinations, ledger, lines } = await begin();
    await append(3);
    destinations.a.answer = () => later();
    const delivery = await start('batch: { max_wait: 0s }, retry_on_failure: { enabled: false }');
    await settled();
    assert.deepEqual((await ledger()).dropped, { not_retried: 3 });
    await delivery.stop();
    await append(2);
    await start('batch: { max_wait: 0s }, retry_on_failure: { initial_interval: 5ms, max_interval: 20ms, max_elapsed_time: 60ms }, circuit_breaker: { min_open: 1ms, max_open: 1ms }');
    await settled();
    const row = await ledger();
    assert.deepEqual([row.dropped, row.balanced], [{ not_retried: 3, retries_over: 2 }, true]);
    assert.match(lines.join(''), /SBX_DELIVERY_DROPPED/);
  });

  it('drops a frame that cannot be read, for this exporter, and goes on', async () => {
    const { append, start, destinations, ledger, lines } = await begin();
    await append(2);
    await append(7, { payload: Buffer.from('this is no protobuf') });
    await append(2, { encoding: 'prometheus' });
    await append(2, { items: 3 });
    await append(2);
    await start();
    await settled();
    assert.deepEqual(destinations.a.names, ['s0', 's1', 's13', 's14']);
    const row = await ledger();
    assert.deepEqual([row.delivered, row.dropped, row.balanced], [4, { undecodable: 10, unsupported_encoding: 2 }, true]);
    assert.match(lines.join(''), /SBX_DELIVERY_UNDECODABLE/);
  });

  it('leaves out the items that were rejected when they were received', async () => {
    const { append, start, destinations, ledger } = await begin();
    await append(4, { rejected: [0, 3] });
    await append(1, { rejected: [0] });
    await append(1);
    await start();
    await settled();
    assert.deepEqual(destinations.a.names, ['s1', 's2', 's5']);
    assert.deepEqual([(await ledger()).accepted, (await ledger()).delivered], [3, 3]);
  });

  it('runs processors and books what they drop', async () => {
    const { append, start, destinations, ledger } = await begin();
    await append(4);
    await append(1);
    await append(1);
    await start(undefined, 'traces: { receivers: [otlp], processors: [odd], exporters: [a] }');
    await settled();
    assert.deepEqual(destinations.a.names, ['s0', 's2', 's4']);
    assert.deepEqual([(await ledger()).delivered, (await ledger()).dropped], [3, { filtered: 3 }]);
  });

  it('goes on after a restart where it was, without loss and without doing settled work again', async () => {
    const { append, start, destinations, ledger } = await begin();
    for (let i = 0; i < 10; i++) await append(10);
    destinations.a.answer = (batch, call) => (call <= 4 ? taken(batch) : later());
    const first = await start(`batch: { max_items: 10, max_wait: 0s }, ${RETRY}`);
    await until('it is stuck', () => destinations.a.calls.length > 6);
    await first.stop();
    const between = await ledger();
    assert.deepEqual([between.delivered, between.queued, between.balanced], [40, 60, true]);
    assert.equal(destinations.a.shutdowns, 1);

    destinations.a.answer = taken;
    await start();
    await settled();
    assert.deepEqual(destinations.a.names, numbered(100));
    assert.equal((await ledger()).delivered, 100);
  });

  it('commits over a run without gaps alone, with several consumers', async () => {
    const { append, start, destinations, ledger } = await begin();
    for (let i = 0; i < 8; i++) await append(10);
    destinations.a.answer = (batch) => (namesOf(batch)[0] === 's20' ? later() : taken(batch));
    const first = await start('batch: { max_items: 10, max_wait: 0s }, sending_queue: { num_consumers: 3 }, retry_on_failure: { initial_interval: 5ms, max_interval: 20ms }, circuit_breaker: { failures: 1000 }');
    await until('all others arrived', () => destinations.a.names.length === 70);
    await first.stop();
    const between = await ledger();
    assert.deepEqual([between.delivered, between.queued, between.balanced], [20, 60, true]);
    destinations.a.answer = taken;
    await start();
    await settled();
    assert.equal(new Set(destinations.a.names).size, 80);
    assert.deepEqual([(await ledger()).delivered, (await ledger()).balanced], [80, true]);
  });

  it('waits for an exporter that cannot start yet', async () => {
    const { append, start, destinations, lines } = await begin();
    await append(1);
    let attempts = 0;
    destinations.a.startAnswer = async () => {
      if (++attempts < 3) throw new Error('not yet');
    };
    await start(undefined, BOTH);
    await settled('traces→b');
    await settled();
    assert.equal(attempts, 3);
    assert.match(lines.join(''), /SBX_DELIVERY_START/);
  });

  it('stops within its time, whatever the exporter does', async () => {
    const { append, start, destinations, ledger } = await begin();
    await append(3);
    destinations.a.answer = (_batch, _call, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(later(true))));
    const delivery = await start();
    await until('it is called', () => destinations.a.calls.length === 1);
    await delivery.stop(20);
    const row = await ledger();
    assert.deepEqual([row.delivered, row.queued, row.balanced], [0, 3, true]);
  });

  it('lets an attempt under way end when it stops, and books it', async () => {
    const { append, start, destinations, ledger } = await begin();
    await append(3);
    let release: (() => void) | undefined;
    destinations.a.answer = (batch) => new Promise((resolve) => (release = () => resolve(taken(batch))));
    const delivery = await start();
    await until('it is called', () => release !== undefined);
    const stopped = delivery.stop();
    release!();
    await stopped;
    assert.equal((await ledger()).delivered, 3);
  });

  it('books what the journal lost before it could be delivered', async () => {
    const { append, start, destinations, ledger, lines } = await begin({ maxBytes: 2 ** 20, segmentBytes: 256 * 1024, housekeepingMs: 20 });
    destinations.a.answer = () => later();
    const delivery = await start();
    let frames = 0;
    for (; frames < 60; frames++) await append(200);
    await until('segments were recycled', async () => (await ledger()).dropped['evicted'] !== undefined);
    await delivery.stop();
    destinations.a.answer = taken;
    await start();
    await settled();
    const row = await ledger();
    assert.equal(row.accepted, frames * 200);
    assert.ok(row.delivered > 0 && row.dropped['evicted']! > 0 && row.balanced, JSON.stringify({ ...row, oldestQueuedNs: null }));
    assert.match(lines.join(''), /SBX_DELIVERY_EVICTED/);
  });

  it('drops the oldest beyond its quota, with the reason in the ledger, while the destination is dead and when it is back', async () => {
    const { append, start, destinations, ledger, metrics } = await begin();
    destinations.a.answer = () => later();
    await start(`batch: { max_wait: 0s }, ${RETRY}, sending_queue: { max_bytes: 1MiB }`, BOTH);
    const filler = { payload: Buffer.from(encodeTraces(traces([span(0, { name: 'filler', attributes: [{ key: 'x', value: 'x'.repeat(200_000) }] })]))), items: 1 };
    for (let i = 0; i < 20; i++) await append(1, filler);
    await until('the oldest is gone', async () => (await ledger()).dropped['over_quota']! > 0);
    for (let i = 0; i < 5; i++) await append(10);
    await until('no more than the quota waits', async () => (await ledger()).lagBytes < 1.5 * 2 ** 20);
    const waiting = await ledger();
    assert.ok(waiting.balanced && waiting.queued > 50);
    destinations.a.answer = taken;
    await settled();
    const row = await ledger();
    assert.ok(row.balanced && row.dropped['over_quota']! >= 14 && row.accepted === 70);
    assert.equal(destinations.a.names.filter((name) => name !== 'filler').length, 50);
    assert.match(metrics.expose(), /otelcol_exporter_send_failed_spans_total\{exporter="a",pipeline="traces",reason="over_quota"\} 1/);
    assert.deepEqual((await ledger('traces→b')).dropped['over_quota'], undefined);
  });

  it('begins with what arrives from now on, where it is told to', async () => {
    const { append, start, destinations } = await begin();
    await append(5);
    await start('start_at: end, batch: { max_wait: 0s }');
    await append(2);
    await until('the new arrived', () => destinations.a.names.length === 2);
    assert.deepEqual(destinations.a.names, ['s5', 's6']);
  });

  it('tells of readers that are not configured any more', async () => {
    const { start, lines } = await begin();
    await (await start(undefined, BOTH)).stop();
    await start();
    assert.match(lines.join(''), /SBX_DELIVERY_FORGOTTEN.*traces→b/);
  });
});
