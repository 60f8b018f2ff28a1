import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { snapshotPath } from '../../derive/snapshot-file.js';
import { DecisionCache, type CachedDecision } from './decision-cache.js';
import { keepDecisions, readKeptDecisions } from './decision-memory.js';
import { TraceKey } from '../trace-key.js';
import { DecisionReasons } from '../records/decision-reason.js';

const id = (n: number): string => Buffer.from(n.toString(16).padStart(32, '0'), 'hex').toString('latin1');
const reasons = new DecisionReasons();
const decision = (sampled: boolean, n = 0): CachedDecision => ({
  reason: reasons.of({ sampled, policy: sampled ? 'p' : '', verdicts: [{ policy: 'p', verdict: sampled ? 'sampled' : 'not_sampled' }] }, n === 7), spans: n, durationMs: n * 1.5, decidedMs: 1_700_000_000_000 + n,
});

class Cache extends DecisionCache {
  constructor(sampledCacheSize: number, notSampledCacheSize: number) {
    super({ sampledCacheSize, notSampledCacheSize }, new TraceKey());
  }

  add(tenant: string, n: number, { reason, spans, durationMs, decidedMs }: CachedDecision): void {
    this.key.read(tenant, Buffer.from(id(n), 'latin1'), 0);
    this.remember(reason, spans, durationMs, decidedMs);
  }

  ask(tenant: string, n: number): CachedDecision | null {
    this.key.read(tenant, Buffer.from(id(n), 'latin1'), 0);
    return this.get();
  }

  /** Of each kind by itself, what goes first comes first. */
  list(): unknown[] {
    return this.kinds.flatMap((kind) => {
      const found: unknown[] = [];
      for (let entry = kind.oldest; entry >= 0; entry = kind.newer(entry)) {
        const bytes = Buffer.alloc(16);
        kind.index.writeId(entry, bytes, 0);
        found.push([this.key.tenantName(kind.index.tenantOf(entry)), bytes.readUInt32BE(12), kind.decision(entry)]);
      }
      return found;
    });
  }
}

describe('sampling/decision-cache', () => {
  it('lets go of those first that were not asked for longest, of each kind by itself', () => {
    const cache = new Cache(2, 100);
    for (let n = 0; n < 100; n++) cache.add('default', n, decision(n % 10 === 0, n));
    assert.deepEqual(cache.list().slice(0, 3), [['default', 80, decision(true, 80)], ['default', 90, decision(true, 90)], ['default', 1, decision(false, 1)]]);
    assert.ok(cache.ask('default', 80));
    cache.add('default', 100, decision(true));
    assert.deepEqual([cache.ask('default', 90), cache.ask('default', 80)?.reason.sampled, cache.ask('default', 100)?.reason.sampled], [null, true, true]);
    assert.equal(cache.size, 2 + 90);
    for (let n = 1000; n < 5000; n++) cache.add('default', n, decision(true));
    assert.deepEqual([cache.ask('default', 4997), cache.ask('default', 4998)?.reason.sampled, cache.size], [null, true, 92]);
    cache.clear();
    for (let n = 0; n < 5; n++) cache.add('default', n, decision(true));
    assert.deepEqual([cache.size, cache.ask('default', 2), cache.ask('default', 3)?.reason.sampled], [2, null, true]);
  });

  it('keeps the first decision, and tenants apart', () => {
    const cache = new Cache(10, 10);
    cache.add('a', 1, decision(true));
    cache.add('a', 1, decision(false));
    cache.add('b', 1, decision(false));
    assert.deepEqual([cache.ask('a', 1)?.reason.sampled, cache.ask('b', 1)?.reason.sampled, cache.ask('c', 1)], [true, false, null]);
  });

  it('goes by what was asked for in any order, as a list would', () => {
    const cache = new Cache(50, 0);
    let listed: number[] = [];
    let seed = 7;
    const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
    for (let step = 0; step < 20_000; step++) {
      const n = random(80);
      const known = listed.includes(n);
      if (random(2) === 0) {
        assert.equal(cache.ask('default', n) !== null, known);
        if (known) listed = [...listed.filter((each) => each !== n), n];
      } else {
        cache.add('default', n, decision(true, n));
        if (!known) listed = [...listed, n].slice(-50);
      }
    }
    assert.deepEqual(cache.list(), listed.map((n) => ['default', n, decision(true, n)]));
  });

  it('is on disk as it was, for the journal that it belongs to', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'signalbox-decisions-'));
    try {
      const place = { dataDir, reader: 'traces⇢tail_sampling', journalId: 'j1' };
      assert.equal(await readKeptDecisions(place), null);
      const cache = new Cache(100, 100);
      for (let n = 0; n < 60; n++) cache.add(n % 2 === 0 ? 'default' : 'größer', n, decision(n % 3 === 0, n));
      await keepDecisions(place, 4711, cache);
      const kept = await readKeptDecisions(place);
      assert.ok(kept !== null && kept !== 'damaged');
      assert.equal(kept.position, 4711);
      assert.deepEqual([kept.find('größer', id(7)), kept.find('default', id(7)), kept.find('other', id(7))], [decision(false, 7), null, null]);
      const again = new Cache(100, 100);
      kept.each((tenant, bytes, at, told) => again.add(tenant, bytes.readUInt32BE(at + 12), told));
      assert.deepEqual(again.list(), cache.list());
      assert.equal(again.size, 60);
      assert.equal(await readKeptDecisions({ ...place, journalId: 'j2' }), 'damaged');
      await writeFile(snapshotPath(dataDir, place.reader), 'SBXD and more that is none of it');
      assert.equal(await readKeptDecisions(place), 'damaged');
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});
