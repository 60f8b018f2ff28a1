import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { SMALL, input, payloadOf, readDir, segmentFiles, testScope, until } from './testing/fixture.test.js';
import { JournalError } from './errors.js';
import { Journal } from './journal.js';
import type { JournalSettings } from './journal.js';

const failsWith = (code: string, text: RegExp) => (error: unknown): boolean => {
  assert.ok(error instanceof JournalError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, text);
  return true;
};

describe('Journal', () => {
  const scope = testScope();

  async function open(settings: Partial<JournalSettings> & { dir: string }): Promise<Journal> {
    const journal = await Journal.open({ ...SMALL, ...settings });
    scope.defer(() => journal.close());
    return journal;
  }

  it('reads back what was appended, header and payload', async () => {
    const dir = scope.dir();
    const journal = await open({ dir });
    const inputs = [
      input({ payload: payloadOf(1), items: 3, rejected: [0, 2], receivedNs: 1_763_719_813_123_456_789n, batchId: 'b-1', origin: 'otlp' }),
      input({ signal: 'logs', tenant: 'Ärger-部門', payload: new Uint8Array(0), items: 0 }),
      input({ signal: 'metrics', encoding: 'prometheus', payload: payloadOf(3, 40_000), items: 7 }),
    ];
    const appended: { readonly position: number }[] = [];
    for (const each of inputs) appended.push(await journal.append(each));
    const { frames, next } = await readDir(dir);
    assert.equal(next, journal.durable);
    assert.deepEqual(frames.map((frame) => ({ ...frame, payload: frame.payload.toString('hex') })), inputs.map((each, i) => ({
      signal: each.signal, encoding: each.encoding, tenant: each.tenant, items: each.items, rejected: each.rejected, receivedNs: each.receivedNs,
      batchId: each.batchId ?? '', origin: each.origin ?? '', position: appended[i]!.position, next: appended[i + 1]?.position ?? journal.durable,
      payloadBytes: each.payload.length, payload: Buffer.from(each.payload).toString('hex'),
    })));
    assert.equal(appended[0]!.position, 0);
  });

  it('keeps the order of a burst that takes several batches, segments and more buffers than one writev takes', async () => {
    const dir = scope.dir();
    const journal = await open({ dir, segmentBytes: 1 << 20 });
    const count = 3000;
    const results = await Promise.all(Array.from({ length: count }, (_, i) => journal.append(input({ payload: payloadOf(i, i % 7 === 0 ? 17_000 : 50) }))));
    const { frames } = await readDir(dir);
    assert.deepEqual(frames.map((frame) => frame.payload.readUInt32LE(0)), Array.from({ length: count }, (_, i) => i));
    assert.deepEqual(frames.map((frame) => frame.position), results.map((each) => each.position));
    assert.ok(journal.stats().syncs < count / 10, 'appends share syncs');
    assert.ok(journal.stats().segments > 1);
  });

  it('goes on where it was after close', async () => {
    const dir = scope.dir();
    const first = await open({ dir });
    await first.append(input({ payload: payloadOf(1) }));
    await first.close();
    const second = await open({ dir });
    assert.equal(second.id, first.id);
    assert.equal(second.durable, first.durable);
    await second.append(input({ payload: payloadOf(2) }));
    assert.deepEqual((await readDir(dir)).frames.map((frame) => frame.payload.readUInt32LE(0)), [1, 2]);
  });

  it('writes what was handed in before close, and refuses afterwards', async () => {
    const dir = scope.dir();
    const journal = await open({ dir });
    const pending = Promise.all(Array.from({ length: 50 }, (_, i) => journal.append(input({ payload: payloadOf(i, 5000) }))));
    const closing = journal.close();
    await assert.rejects(journal.append(input()), failsWith('SBX_JOURNAL_CLOSED', /closed/));
    await pending;
    await closing;
    assert.equal((await readDir(dir)).frames.length, 50);
  });

  it('takes a frame as large as a segment', async () => {
    const dir = scope.dir();
    const journal = await open({ dir });
    await journal.append(input({ payload: payloadOf(1) }));
    await journal.append(input({ payload: payloadOf(2, (64 << 10) - 100) }));
    await journal.append(input({ payload: payloadOf(3) }));
    assert.deepEqual((await readDir(dir)).frames.map((frame) => frame.payload.readUInt32LE(0)), [1, 2, 3]);
    await assert.rejects(journal.append(input({ payload: payloadOf(4, 64 << 10) })), failsWith('SBX_JOURNAL_FRAME_INVALID', /segments of the journal allow 65536.*smaller batches.*journal\.segment_bytes/));
  });

  it('names what is wrong with a frame', async () => {
    const journal = await open({ dir: scope.dir() });
    await assert.rejects(journal.append(input({ tenant: '' })), failsWith('SBX_JOURNAL_FRAME_INVALID', /tenant/));
    await assert.rejects(journal.append(input({ tenant: 'x'.repeat(256) })), failsWith('SBX_JOURNAL_FRAME_INVALID', /256 bytes/));
    await assert.rejects(journal.append(input({ tenant: 'a\0b' })), failsWith('SBX_JOURNAL_FRAME_INVALID', /NUL/));
    await assert.rejects(journal.append(input({ batchId: 'x'.repeat(1025) })), failsWith('SBX_JOURNAL_FRAME_INVALID', /batch id/));
    await assert.rejects(journal.append(input({ items: 2, rejected: [2] })), failsWith('SBX_JOURNAL_FRAME_INVALID', /ordinal 2/));
    await assert.rejects(journal.append(input({ items: 1.5 })), failsWith('SBX_JOURNAL_FRAME_INVALID', /1\.5/));
    assert.equal(journal.stats().refusedFrames, 6);
    assert.equal(journal.durable, 0);
  });

  it('bounds the number of tenants, over restarts too', async () => {
    const dir = scope.dir();
    const journal = await open({ dir, maxTenants: 2 });
    await journal.append(input({ tenant: 'a' }));
    await journal.append(input({ tenant: 'b' }));
    await assert.rejects(journal.append(input({ tenant: 'c' })), failsWith('SBX_JOURNAL_TENANTS', /"c".*2.*journal\.max_tenants/));
    await journal.close();
    const again = await open({ dir, maxTenants: 2 });
    await again.append(input({ tenant: 'a' }));
    await assert.rejects(again.append(input({ tenant: 'c' })), failsWith('SBX_JOURNAL_TENANTS', /max_tenants/));
  });

  describe('batch ids', () => {
    it('appends a batch once per tenant', async () => {
      const dir = scope.dir();
      const journal = await open({ dir });
      const first = await journal.append(input({ batchId: 'x' }));
      assert.deepEqual(await journal.append(input({ batchId: 'x' })), { position: first.position, duplicate: true });
      assert.equal((await journal.append(input({ batchId: 'x', tenant: 'other' }))).duplicate, false);
      assert.equal((await readDir(dir)).frames.length, 2);
    });

    it('lets a retry that overtakes share the outcome', async () => {
      const dir = scope.dir();
      const journal = await open({ dir });
      const [a, b] = await Promise.all([journal.append(input({ batchId: 'x' })), journal.append(input({ batchId: 'x' }))]);
      assert.deepEqual([a.duplicate, b.duplicate, a.position === b.position], [false, true, true]);
      assert.equal((await readDir(dir)).frames.length, 1);
    });

    it('remembers over a restart, from earlier segments too', async () => {
      const dir = scope.dir();
      const journal = await open({ dir });
      const positions: number[] = [];
      for (let i = 0; i < 40; i++) positions.push((await journal.append(input({ batchId: `b${i}`, payload: payloadOf(i, 9000) }))).position);
      assert.ok(journal.stats().segments > 3);
      await journal.close();
      const again = await open({ dir });
      for (let i = 0; i < 40; i++) assert.deepEqual(await again.append(input({ batchId: `b${i}` })), { position: positions[i], duplicate: true });
    });

    it('forgets by number and by age', async () => {
      let nowNs = 1_000_000_000_000n;
      const journal = await open({ dir: scope.dir(), batchMemory: { maxEntries: 3, maxAgeMs: 1000 }, nowNs: () => nowNs });
      for (const batchId of ['a', 'b', 'c', 'd']) await journal.append(input({ batchId, receivedNs: nowNs }));
      assert.equal((await journal.append(input({ batchId: 'd', receivedNs: nowNs }))).duplicate, true);
      assert.equal((await journal.append(input({ batchId: 'a', receivedNs: nowNs }))).duplicate, false);
      nowNs += 2_000_000_000n;
      assert.equal((await journal.append(input({ batchId: 'd', receivedNs: nowNs }))).duplicate, false);
    });
  });

  describe('refuses to open', () => {
    it('a directory in use, naming the process', async () => {
      const dir = scope.dir();
      await open({ dir });
      await assert.rejects(Journal.open({ ...SMALL, dir }), failsWith('SBX_JOURNAL_IN_USE', new RegExp(`in use by this process \\(pid ${process.pid}\\).*another data directory`)));
    });

    it('a directory under a file', async () => {
      const dir = scope.dir();
      fs.writeFileSync(join(dir, 'file'), '');
      await assert.rejects(Journal.open({ ...SMALL, dir: join(dir, 'file', 'journal') }), failsWith('SBX_JOURNAL_NOT_WRITABLE', /not writable.*chown/));
      await assert.rejects(Journal.open({ ...SMALL, dir: join(dir, 'file') }), failsWith('SBX_JOURNAL_NOT_WRITABLE', /not writable/));
    });

    it('a newer format, and leaves it untouched', async () => {
      const dir = scope.dir();
      const content = '{"version":3,"id":"00000000-0000-4000-8000-000000000000"}\n';
      fs.writeFileSync(join(dir, 'journal.json'), content);
      await assert.rejects(Journal.open({ ...SMALL, dir }), failsWith('SBX_JOURNAL_NEWER', /format version 3, this program knows up to 2: upgrade/));
      assert.deepEqual(fs.readdirSync(dir), ['journal.json']);
    });

    it('settings out of range', async () => {
      const dir = scope.dir();
      await assert.rejects(Journal.open({ dir, maxBytes: 1000 }), failsWith('SBX_JOURNAL_SETTINGS', /journal\.max_bytes is 1000/));
      await assert.rejects(Journal.open({ dir, maxBytes: 1 << 20, segmentBytes: 1 << 20 }), failsWith('SBX_JOURNAL_SETTINGS', /journal\.segment_bytes/));
      await assert.rejects(Journal.open({ dir, minFreeShare: 1.5 }), failsWith('SBX_JOURNAL_SETTINGS', /journal\.min_free_share/));
      assert.deepEqual(fs.readdirSync(dir), []);
    });

    it('and after a refusal lets the directory go', async () => {
      const dir = scope.dir();
      const journal = await open({ dir });
      await assert.rejects(Journal.open({ ...SMALL, dir }));
      await journal.append(input());
      await journal.close();
      await (await open({ dir })).append(input());
    });
  });

  describe('retention', () => {
    it('keeps all up to maxBytes when there is no reader, then recycles the oldest', async () => {
      const dir = scope.dir();
      const journal = await open({ dir, maxBytes: 512 << 10, housekeepingMs: 10 });
      for (let i = 0; i < 60; i++) await journal.append(input({ payload: payloadOf(i, 20_000) }));
      await until('within maxBytes', () => journal.stats().bytes <= 512 << 10);
      assert.ok(journal.stats().oldest > 0);
      assert.ok(segmentFiles(dir).length <= 8);
      const numbers = (await readDir(dir, journal.stats().oldest)).frames.map((frame) => frame.payload.readUInt32LE(0));
      assert.equal(numbers.at(-1), 59);
      assert.ok(numbers.length >= 10, `${numbers.length} kept`);
      assert.deepEqual(numbers, Array.from({ length: numbers.length }, (_, i) => 60 - numbers.length + i));
    });
  });
});
