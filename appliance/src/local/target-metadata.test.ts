import assert from 'node:assert/strict';
import type { ScrapedMetadata } from '@signalbox/collector/component';
import { gatherTargetMetadata } from './target-metadata.js';

const scraped = (tenant: string, targets: number, families: number): ScrapedMetadata => ({
  tenant, targets: Array.from({ length: targets }, (_, t) => ({ labels: { instance: `h${t}` }, families: () => Array.from({ length: families }, (_, f) => ({ name: `m${f}`, type: 'gauge', help: 'Help.', unit: '' })) })),
});

describe('what targets say of their metrics', () => {
  const ask = (query: Record<string, string>, most?: number) => gatherTargetMetadata([scraped('a', 3, 4), scraped('b', 1, 1), scraped('a', 1, 1)], new URLSearchParams({ tenant: 'a', ...query }), most);

  it('is of one tenant, whichever receivers scrape for it', async () => {
    assert.equal((await ask({})).entries.length, 13);
    assert.deepEqual((await ask({ tenant: 'b' })).entries, [{ target: { instance: 'h0' }, metric: 'm0', type: 'gauge', help: 'Help.', unit: '' }]);
    assert.deepEqual((await ask({ tenant: 'c' })).entries, []);
  });

  it('is of the metric and the targets that are asked for, and of no further target than it takes', async () => {
    assert.deepEqual((await ask({ metric: 'm3', matchers: JSON.stringify([{ name: 'instance', op: '!=', value: 'h1' }]) })).entries.map(({ target }) => target['instance']), ['h0', 'h2']);
    assert.equal((await ask({ limit: '5' })).entries.length, 8);
    assert.equal((await ask({ limit: '0' })).entries.length, 0);
  });

  it('is not told where it is too much, and can be narrowed', async () => {
    assert.deepEqual(await ask({}, 500), { entries: [], isWhole: false });
    assert.equal((await ask({ metric: 'm0' }, 500)).isWhole, true);
  });
});
