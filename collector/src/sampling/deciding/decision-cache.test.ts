import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { snapshotPath } from '../../derive/snapshot-file.js';
import { DecisionCache, type CachedDecision } from './decision-cache.js';
import { keepDecisions, readKeptDecisions } from './decision-memory.js';
import { DecisionReasons } from '../records/decision-reason.js';

const id = (n: number): string => Buffer.from(n.toString(16).padStart(32, '0'), 'hex').toString('latin1');
const reasons = new DecisionReasons();
const decision = (sampled: boolean, n = 0): CachedDecision => ({
  reason: reasons.of({ sampled, policy: sampled ? 'p' : '', verdicts: [{ policy: 'p', verdict: sampled ? 'sampled' : 'not_sampled' }] }, n === 7), spans: n, durationMs: n * 1.5, decidedMs: 1_700_000_000_000 + n,
});

describe('sampling/decision-cache', () => {
  it('lets go of those first that were not asked for longest, of each kind by itself', () => {
    const cache = new DecisionCache({ sampledCacheSize: 2, notSampledCacheSize: 100 });
    for (let n = 0; n < 100; n++) cache.remember('default', id(n), decision(n % 10 === 0));
    const sampled = (): number[] => Array.from({ length: 100 }, (_, n) => n).filter((n) => n % 10 === 0 && [...cache.entries()].some(([key]) => key === `${id(n)}default`));
    assert.deepEqual(sampled(), [80, 90]);
    assert.ok(cache.get('default', id(80)));
    cache.remember('default', id(100), decision(true));
    assert.deepEqual([cache.get('default', id(90)), cache.get('default', id(80))?.reason.sampled, cache.get('default', id(100))?.reason.sampled], [null, true, true]);
    assert.equal(cache.size, 2 + 90);
    for (let n = 1000; n < 5000; n++) cache.remember('default', id(n), decision(true));
    assert.deepEqual([cache.get('default', id(4997)), cache.get('default', id(4998))?.reason.sampled, cache.size], [null, true, 92]);
    cache.clear();
    for (let n = 0; n < 5; n++) cache.remember('default', id(n), decision(true));
    assert.deepEqual([cache.size, cache.get('default', id(2)), cache.get('default', id(3))?.reason.sampled], [2, null, true]);
  });

  it('keeps the first decision, and tenants apart', () => {
    const cache = new DecisionCache({ sampledCacheSize: 10, notSampledCacheSize: 10 });
    cache.remember('a', id(1), decision(true));
    cache.remember('a', id(1), decision(false));
    cache.remember('b', id(1), decision(false));
    assert.deepEqual([cache.get('a', id(1))?.reason.sampled, cache.get('b', id(1))?.reason.sampled, cache.get('c', id(1))], [true, false, null]);
  });

  it('is on disk as it was, for the journal that it belongs to', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'signalbox-decisions-'));
    try {
      const place = { dataDir, reader: 'traces⇢tail_sampling', journalId: 'j1' };
      assert.equal(await readKeptDecisions(place), null);
      const cache = new DecisionCache({ sampledCacheSize: 100, notSampledCacheSize: 100 });
      for (let n = 0; n < 60; n++) cache.remember(n % 2 === 0 ? 'default' : 'größer', id(n), decision(n % 3 === 0, n));
      await keepDecisions(place, 4711, cache);
      const kept = await readKeptDecisions(place);
      assert.ok(kept !== null && kept !== 'damaged');
      assert.equal(kept.position, 4711);
      assert.deepEqual([kept.find('größer', id(7)), kept.find('default', id(7)), kept.find('other', id(7))], [decision(false, 7), null, null]);
      const again = new DecisionCache({ sampledCacheSize: 100, notSampledCacheSize: 100 });
      kept.each((tenant, of, told) => again.remember(tenant, of, told));
      assert.deepEqual([...again.entries()], [...cache.entries()]);
      assert.equal(await readKeptDecisions({ ...place, journalId: 'j2' }), 'damaged');
      await writeFile(snapshotPath(dataDir, place.reader), 'SBXD and more that is none of it');
      assert.equal(await readKeptDecisions(place), 'damaged');
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});
