import assert from 'node:assert/strict';
import { DEFAULT_STORE_SETTINGS } from '../settings.js';
import { planMerge } from './merge-plan.js';
import { planRetention } from './retention.js';
import type { StoredFile } from './stored-file.js';

const HOUR_NS = 3_600_000_000_000n;

function file(number: number, fields: Partial<StoredFile> = {}): StoredFile {
  const at = BigInt(number) * 30_000_000_000n;
  return { kind: 'spans', number, rows: 1000, bytes: 60_000, minNs: at, maxNs: at, receivedFromNs: at, receivedToNs: at + 29_000_000_000n, tenants: ['default'], merges: 0, ...fields };
}

const files = (count: number, fields: Partial<StoredFile> = {}): StoredFile[] => Array.from({ length: count }, (_, i) => file(i + 1, fields));
const numbers = (list: readonly StoredFile[] | null): number[] | null => list && list.map((f) => f.number);

describe('planMerge', () => {
  const settings = { ...DEFAULT_STORE_SETTINGS.merge, minFiles: 4, maxFiles: 6, maxRows: 100_000 };

  it('waits for enough files of about the same size', () => {
    assert.equal(planMerge(files(3), settings), null);
    assert.deepEqual(numbers(planMerge(files(4), settings)), [1, 2, 3, 4]);
    assert.deepEqual(numbers(planMerge(files(9), settings)), [1, 2, 3, 4, 5, 6]);
    assert.equal(planMerge([...files(3), file(4, { rows: 20_000 })], settings), null);
  });

  it('never mixes kinds, exceeds the rows, or covers too much time', () => {
    assert.equal(planMerge([...files(3), file(4, { kind: 'logs' })], settings), null);
    assert.deepEqual(numbers(planMerge(files(6, { rows: 30_000 }), settings)), [1, 2, 3], 'fewer files that fill one');
    assert.equal(planMerge(files(3, { rows: 40_000 }).slice(0, 1), settings), null);
    assert.equal(planMerge(files(9, { rows: 60_000 }), settings), null);
    const spread = files(4).map((f, i) => ({ ...f, receivedFromNs: BigInt(i) * 12n * HOUR_NS, receivedToNs: BigInt(i) * 12n * HOUR_NS + 1n }));
    assert.equal(planMerge(spread, settings), null);
  });

  it('leaves few files, however many come, and writes a row again only some times', () => {
    let all: StoredFile[] = [];
    let next = 1;
    for (let i = 0; i < 2000; i++) {
      all.push(file(next++, { rows: 300 + ((i * 7919) % 900) }));
      for (let plan = planMerge(all, DEFAULT_STORE_SETTINGS.merge); plan; plan = planMerge(all, DEFAULT_STORE_SETTINGS.merge)) {
        const run = plan;
        all = all.filter((f) => !run.includes(f));
        all.push({ ...file(next++), rows: run.reduce((sum, f) => sum + f.rows, 0), receivedFromNs: run[0].receivedFromNs, receivedToNs: run[run.length - 1].receivedToNs, merges: Math.max(...run.map((f) => f.merges)) + 1 });
      }
      assert.ok(all.length < 50, `${all.length} files after ${i + 1}`);
    }
    assert.ok(Math.max(...all.map((f) => f.merges)) <= 5);
  });
});

describe('planRetention', () => {
  const settings = { ...DEFAULT_STORE_SETTINGS.retention, ageMs: 60_000, maxBytes: 1_000_000_000 };
  const roomy = { totalBytes: 1e12, freeBytes: 9e11 };
  const gone = (...args: Parameters<typeof planRetention>): string[] => planRetention(...args).map(({ file: f, reason }) => `${f.number} ${reason}`);

  it('takes what is too old, by arrival', () => {
    assert.deepEqual(gone(files(5), settings, 180_000, roomy), ['1 age', '2 age', '3 age']);
    assert.deepEqual(gone(files(5), { ...settings, ageMs: 'off' }, 1e12, roomy), []);
  });

  it('takes the oldest beyond the cap', () => {
    assert.deepEqual(gone(files(5), { ...settings, ageMs: 'off', maxBytes: 200_000 }, 0, roomy), ['1 bytes', '2 bytes']);
  });

  it('takes the oldest when the disk is nearly full, but not the last bit', () => {
    const big = files(5, { bytes: 40_000_000 });
    assert.deepEqual(gone(big, { ...settings, ageMs: 'off' }, 0, { totalBytes: 1e9, freeBytes: 5e7 }), ['1 free_space', '2 free_space']);
    assert.deepEqual(gone(big, { ...settings, ageMs: 'off' }, 0, { totalBytes: 1e9, freeBytes: 0 }), ['1 free_space', '2 free_space', '3 free_space']);
  });
});
