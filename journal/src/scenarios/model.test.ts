import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { Cursor } from '../cursor.js';
import { crashCopy, input, overwrite, payloadOf, readAll, testScope } from '../testing/fixture.test.js';
import type { FrameSignal } from '../frame.js';
import { Journal } from '../journal.js';
import { readLedger } from '../ledger.js';
import { JournalReader } from '../reader.js';
import { SegmentFile } from '../segments/segment-file.js';
import { sequenceOf } from '../storage/layout.js';

/** What the journal must look like: a list of frames, and where the reader is. */
interface Model {
  readonly frames: { number: number; tenant: string; signal: FrameSignal; items: number; rejected: number; bytes: number; next: number }[];
  committed: number;
}

type Step =
  | { readonly kind: 'append'; readonly sizes: readonly number[] }
  | { readonly kind: 'restart' }
  | { readonly kind: 'crash'; readonly tail: 'nothing' | 'garbage' | 'stale' | 'truncated'; readonly tailBytes: number; readonly position: 'kept' | 'lost' | 'torn'; readonly cursor: 'kept' | 'torn' }
  | { readonly kind: 'deliver'; readonly share: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('append' as const), sizes: fc.array(fc.oneof(fc.integer({ min: 8, max: 300 }), fc.integer({ min: 8, max: 40_000 })), { minLength: 1, maxLength: 12 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('crash' as const), tail: fc.constantFrom('nothing' as const, 'garbage' as const, 'stale' as const, 'truncated' as const), tailBytes: fc.integer({ min: 1, max: 5000 }), position: fc.constantFrom('kept' as const, 'kept' as const, 'lost' as const, 'torn' as const), cursor: fc.constantFrom('kept' as const, 'torn' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('deliver' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }) },
);

const SIGNALS = ['traces', 'logs', 'metrics'] as const;
const originOf = (number: number): string => ['', 'otlp', 'otlp/b'][Math.floor(number / 3) % 3]!;

describe('The journal and a simple model of it', function () {
  this.timeout(240_000);
  const scope = testScope();

  it('agree through any sequence of appends, deliveries, restarts and crashes', async () => {
    // Before mocha's time is over, so that a failure is told with what shrinking has found until then.
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 25 }), run), { numRuns: 60, interruptAfterTimeLimit: 180_000 });
  });

  async function run(steps: readonly Step[]): Promise<void> {
    let dir = scope.dir();
    const settings = { maxBytes: 256 << 20, segmentBytes: 96 << 10, minFreeShare: 0, housekeepingMs: 60_000 };
    let journal = await Journal.open({ dir, ...settings });
    let cursor = await openCursor(dir);
    const model: Model = { frames: [], committed: 0 };
    try {
      for (const each of steps) {
        if (each.kind === 'append') await append(journal, model, each.sizes);
        else if (each.kind === 'deliver') await deliver(cursor, model, each.share);
        else {
          if (each.kind === 'crash') {
            const copy = scope.dir();
            crashCopy(dir, copy);
            await cursor.close();
            await journal.close();
            dir = copy;
            await tamper(dir, journal.durable, each);
          } else {
            await cursor.close();
            await journal.close();
          }
          journal = await Journal.open({ dir, ...settings });
          cursor = await openCursor(dir);
          if (each.kind === 'crash' && each.cursor === 'torn') forgetLastCommit(model, cursor.position);
          assert.equal(cursor.position, model.frames[model.committed - 1]?.next ?? 0);
        }
        await compare(dir, journal, model);
      }
    } finally {
      await cursor.close();
      await journal.close();
    }
  }

  const openCursor = (dir: string): Promise<Cursor> => Cursor.open({ dir, reader: 'r', signals: SIGNALS, from: 'beginning' });

  async function append(journal: Journal, model: Model, sizes: readonly number[]): Promise<void> {
    await Promise.all(sizes.map(async (bytes) => {
      const number = model.frames.length;
      const frame = { number, tenant: `t${number % 4}`, signal: SIGNALS[number % 3]!, items: 1 + (number % 6), rejected: number % 6 === 5 ? 2 : 0, bytes, next: NaN };
      model.frames.push(frame);
      const { position } = await journal.append(input({ tenant: frame.tenant, origin: originOf(number), signal: frame.signal, items: frame.items, rejected: frame.rejected === 2 ? [0, 3] : [], payload: payloadOf(number, bytes) }));
      const before = model.frames[number - 1];
      if (before !== undefined) before.next = position;
    }));
    model.frames.at(-1)!.next = journal.durable;
  }

  async function deliver(cursor: Cursor, model: Model, share: number): Promise<void> {
    const until = model.committed + Math.floor((model.frames.length - model.committed) * share);
    if (until === model.committed) return;
    const changes = model.frames.slice(model.committed, until).map(({ tenant, signal, items, rejected, number }) =>
      number % 7 === 0 ? { tenant, signal, origin: originOf(number), dropped: { filtered: items - rejected } } : { tenant, signal, origin: originOf(number), delivered: items - rejected });
    await cursor.commit({ position: model.frames[until - 1]!.next, changes });
    model.committed = until;
  }

  function forgetLastCommit(model: Model, position: number): void {
    while (model.committed > 0 && model.frames[model.committed - 1]!.next > position) model.committed--;
  }

  /** Everything behind `durable` may be anything after a crash, and the position file and the newest cursor record may be torn. */
  async function tamper(dir: string, durable: number, crash: Step & { kind: 'crash' }): Promise<void> {
    const live = await segments(dir);
    const [first, last] = [live[0]!, live.at(-1)!];
    const offset = last.header.dataOffset + durable - last.header.base;
    if (crash.tail === 'garbage') overwrite(last.path, offset, Buffer.from(Array.from({ length: crash.tailBytes }, (_, i) => (i * 131 + crash.tailBytes) & 0xff)));
    if (crash.tail === 'stale') overwrite(last.path, offset, fs.readFileSync(last.path).subarray(last.header.dataOffset, last.header.dataOffset + crash.tailBytes));
    if (crash.tail === 'truncated') fs.truncateSync(last.path, offset);
    if (crash.position === 'lost') fs.rmSync(join(dir, 'position'));
    if (crash.position === 'torn') overwrite(join(dir, 'position'), 20, Buffer.alloc(5, 0x5a));
    if (crash.cursor === 'torn') tearNewest(join(dir, 'cursors', 'r.cursor'), first.header.base);
  }

  /**
   * Harms the newer of the two records, as a torn write does; the other is the commit before. Where segments behind that one are
   * recycled, the newer one was on disk before they were, and no crash can tear it.
   */
  function tearNewest(path: string, oldest: number): void {
    const bytes = fs.readFileSync(path);
    const slotBytes = bytes.length / 2;
    const [a, b] = [bytes.readUInt32LE(16), bytes.readUInt32LE(slotBytes + 16)];
    if (a === 0 || b === 0 || bytes.readBigUInt64LE((a > b ? slotBytes : 0) + 24) < oldest) return;
    overwrite(path, (a > b ? 0 : slotBytes) + 50, Buffer.alloc(9, 0x5a));
  }

  /** Those with frames, in order: the first ones may be recycled by now, and that made ready for later has not begun. */
  async function segments(dir: string): Promise<readonly SegmentFile[]> {
    const live: SegmentFile[] = [];
    for (const sequence of fs.readdirSync(dir).flatMap((name) => sequenceOf(name) ?? []).sort((a, b) => a - b)) {
      const file = await SegmentFile.open(dir, sequence);
      await file?.close();
      if (file !== null) live.push(file);
    }
    return live;
  }

  async function compare(dir: string, journal: Journal, model: Model): Promise<void> {
    const reader = await JournalReader.open(dir);
    try {
      const start = model.frames[model.committed - 1]?.next ?? 0;
      for (const [from, expected] of [[0, model.frames], [start, model.frames.slice(model.committed)]] as const) {
        const { frames, lost, next } = await readAll(reader, from, () => true, 50_000);
        if (from < journal.stats().oldest) continue; // recycled by now, since it is delivered
        assert.deepEqual(lost, []);
        assert.equal(next, from === journal.durable ? from : journal.durable);
        assert.deepEqual(frames.map((frame) => ({ number: frame.payload.readUInt32LE(0), tenant: frame.tenant, signal: frame.signal, items: frame.items, rejected: frame.rejected.length, bytes: frame.payloadBytes, next: frame.next })), expected);
        for (const frame of frames) assert.equal(frame.origin, originOf(frame.payload.readUInt32LE(0)));
        for (const frame of frames) assert.ok(frame.payload.equals(payloadOf(frame.payload.readUInt32LE(0), frame.payloadBytes)));
      }
    } finally {
      await reader.close();
    }
    for (const row of await readLedger(dir)) {
      assert.equal(row.balanced, true, `${row.tenant} ${row.signal}`);
      const mine = (frame: Model['frames'][number]): boolean => frame.tenant === row.tenant && frame.signal === row.signal;
      const items = (sum: number, frame: Model['frames'][number]): number => sum + frame.items - frame.rejected;
      assert.equal(row.accepted, model.frames.filter(mine).reduce(items, 0));
      assert.equal(row.queued, model.frames.slice(model.committed).filter(mine).reduce(items, 0));
    }
  }
});
