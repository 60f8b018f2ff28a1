import assert from 'node:assert/strict';
import { Cursor } from './cursor.js';
import { SMALL, input, payloadOf, testScope, until } from './testing/fixture.test.js';
import { acceptedItems } from './frame.js';
import type { FrameSignal } from './frame.js';
import { Journal } from './journal.js';
import { Ledger, readLedger } from './ledger.js';
import type { LedgerChange, LedgerRow } from './ledger.js';
import { HeaderTrail } from './header-trail.js';
import { JournalReader } from './reader.js';
import { takes } from './selection.js';

/** Of the tenants t0 to t4; t2's frames have none, as those of an older program. */
const ORIGINS = ['a', 'b', '', 'a', 'b'];

describe('The ledger', function () {
  this.timeout(180_000);
  const scope = testScope();

  async function open(settings = {}): Promise<{ dir: string; journal: Journal }> {
    const dir = scope.dir();
    const journal = await Journal.open({ ...SMALL, dir, ...settings });
    scope.defer(() => journal.close());
    return { dir, journal };
  }

  async function cursorOf(dir: string, reader: string, signals: readonly FrameSignal[], origins?: readonly string[], trail?: HeaderTrail): Promise<Cursor> {
    const cursor = await Cursor.open({ dir, reader, signals, from: 'beginning', ...(origins === undefined ? {} : { origins }), ...(trail === undefined ? {} : { trail }) });
    scope.defer(() => cursor.close());
    return cursor;
  }

  const unbalanced = (rows: readonly LedgerRow[]): readonly LedgerRow[] => rows.filter((row) => !row.balanced);

  it('is balanced at every moment while frames are appended, evicted, read and committed', async () => {
    const { dir, journal } = await open({ maxBytes: 1 << 20, housekeepingMs: 10 });
    const ledger = new Ledger(dir);
    scope.defer(() => ledger.close());
    let appended = 0;
    let working = true;
    const shared = new HeaderTrail(200);
    const appends = (async () => {
      for (; working && appended < 4000; appended += 5) {
        await Promise.all([0, 1, 2, 3, 4].map((i) => journal.append(input({ tenant: `t${i}`, signal: i % 2 === 0 ? 'traces' : 'logs', origin: ORIGINS[i]!, items: 7, rejected: i === 4 ? [1, 2] : [], payload: payloadOf(i, 1500) }))));
      }
      working = false;
    })();
    const follow = async (name: string, signals: readonly FrameSignal[], pauseMs: number, origins?: readonly string[]): Promise<void> => {
      // One with a trail of its own, the others with one that is shared, and too short for the slowest.
      const reader = await JournalReader.open(dir, name === 'all' ? {} : { trail: shared });
      const cursor = await cursorOf(dir, name, signals, origins, reader.trail);
      let at = cursor.position;
      while (working || at < reader.durable()) {
        const { frames, next, evicted } = await reader.read(at, { maxBytes: 20_000, wants: (header) => takes({ signals, origins: origins === undefined ? null : { traces: origins, logs: origins } }, header.signal, header.origin) });
        const changes: LedgerChange[] = [...evicted];
        for (const frame of frames) changes.push({ tenant: frame.tenant, signal: frame.signal, origin: frame.origin, delivered: acceptedItems(frame) });
        await cursor.commit({ position: next, changes });
        at = next;
        await new Promise((resolve) => setTimeout(resolve, working ? pauseMs : 0));
      }
      await reader.close();
    };
    let looks = 0;
    const looking = (async () => {
      while (working) {
        assert.deepEqual(unbalanced(await ledger.read()), []);
        assert.deepEqual(unbalanced(await readLedger(dir)), []);
        looks++;
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    })();
    await Promise.all([appends, looking, follow('all', ['traces', 'logs'], 0), follow('traces', ['traces'], 1), follow('slow', ['logs'], 30), follow('some', ['traces', 'logs'], 5, ['a'])]);
    const rows = await readLedger(dir);
    assert.deepEqual(await ledger.read(), rows);
    assert.deepEqual(unbalanced(rows), []);
    assert.ok(looks > 5);
    for (const row of rows) {
      assert.equal(row.queued, 0);
      assert.equal(row.oldestQueuedNs, null);
      assert.equal(row.lagBytes, 0);
      assert.equal(row.accepted, (appended / 5) * (row.tenant === 't4' ? 5 : 7));
    }
    assert.deepEqual(rows.map((row) => `${row.reader} ${row.tenant} ${row.signal}`), ['all t0 traces', 'all t1 logs', 'all t2 traces', 'all t3 logs', 'all t4 traces', 'slow t1 logs', 'slow t3 logs', 'some t0 traces', 'some t2 traces', 'some t3 logs', 'traces t0 traces', 'traces t2 traces', 'traces t4 traces']);
  });

  it('shows a reader that settles too little or too much', async () => {
    const { dir, journal } = await open();
    await journal.append(input({ items: 10 }));
    const short = await cursorOf(dir, 'short', ['traces']);
    const long = await cursorOf(dir, 'long', ['traces']);
    await short.commit({ position: journal.durable, changes: [{ tenant: 'default', signal: 'traces', delivered: 9 }] });
    await long.commit({ position: journal.durable, changes: [{ tenant: 'default', signal: 'traces', delivered: 10, dropped: { filtered: 1 } }] });
    await journal.append(input({ items: 10 }));
    assert.deepEqual((await readLedger(dir)).map(({ reader, balanced }) => ({ reader, balanced })), [{ reader: 'long', balanced: false }, { reader: 'short', balanced: false }]);
  });

  it('shows a frame that says another number of items than the writer counted', async () => {
    const { dir, journal } = await open();
    await cursorOf(dir, 'r', ['traces']);
    await journal.append(input({ items: 10 }));
    // The writer's count goes wrong by what a fault in it would do.
    (journal as unknown as { writer: { accepted: { add(tenant: string, signal: string, origin: string, items: number): void } } }).writer.accepted.add('default', 'traces', '', 5);
    await journal.append(input({ items: 10 }));
    assert.deepEqual((await readLedger(dir)).map(({ accepted, queued, balanced }) => ({ accepted, queued, balanced })), [{ accepted: 25, queued: 20, balanced: false }]);
  });

  it('tells when the oldest waiting frame was received and how far behind a reader is', async () => {
    const { dir, journal } = await open();
    const cursor = await cursorOf(dir, 'r', ['traces', 'logs']);
    await journal.append(input({ items: 1, receivedNs: 5n }));
    const first = journal.durable;
    await journal.append(input({ items: 1, receivedNs: 7n }));
    await journal.append(input({ signal: 'logs', items: 1, receivedNs: 6n }));
    assert.deepEqual((await readLedger(dir)).map(({ signal, oldestQueuedNs, lagBytes }) => ({ signal, oldestQueuedNs, lagBytes })), [{ signal: 'traces', oldestQueuedNs: 5n, lagBytes: journal.durable }, { signal: 'logs', oldestQueuedNs: 6n, lagBytes: journal.durable }]);
    await cursor.commit({ position: first, changes: [{ tenant: 'default', signal: 'traces', delivered: 1 }] });
    assert.deepEqual((await readLedger(dir)).map(({ signal, oldestQueuedNs }) => ({ signal, oldestQueuedNs })), [{ signal: 'traces', oldestQueuedNs: 7n }, { signal: 'logs', oldestQueuedNs: 6n }]);
  });

  it('keeps what it counted of whole segments, and is right all the same when they are recycled', async () => {
    const { dir, journal } = await open({ maxBytes: 512 << 10, housekeepingMs: 10 });
    const ledger = new Ledger(dir);
    scope.defer(() => ledger.close());
    await cursorOf(dir, 'dead', ['traces']);
    let items = 0;
    await until('eviction', async () => {
      for (let i = 0; i < 10; i++) await journal.append(input({ items: ++items % 5, payload: payloadOf(i, 9000) }));
      assert.deepEqual(unbalanced(await ledger.read()), []);
      return journal.stats().oldest > 0;
    });
    const [row] = await ledger.read();
    assert.ok(row!.dropped['evicted']! > 0 && row!.queued > 0);
    assert.deepEqual(await readLedger(dir), [row]);
  });

  it('is empty without readers, and before the first frame', async () => {
    const { dir, journal } = await open();
    assert.deepEqual(await readLedger(dir), []);
    await cursorOf(dir, 'r', ['traces']);
    assert.deepEqual(await readLedger(dir), []);
    await journal.append(input());
    assert.equal((await readLedger(dir)).length, 1);
  });
});
