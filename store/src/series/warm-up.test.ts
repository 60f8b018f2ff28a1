import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { warmUpSeries } from '@signalbox/query/warm-up/series';
import { KeptLog } from '../store-fixture.test.js';
import { openWarmUpStore } from './warm-up.js';

describe('a store to warm up with', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'signalbox-warm-up-'));
    await mkdir(join(dir, 'tmp'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('answers the series that it was given, from a block and from memory, and leaves nothing behind', async () => {
    const series = warmUpSeries(1_700_000_000_000);
    const log = new KeptLog();
    const store = await openWarmUpStore(dir, 'somebody', series, log);
    const select = { startMs: 0, endMs: Number.MAX_SAFE_INTEGER, matchers: [{ name: '__name__', op: '=~' as const, value: '.+' }], maxSeries: 1000, maxSamples: 1_000_000 };
    const read = await store.reader.select({ tenant: 'somebody', signal: new AbortController().signal }, select);
    assert.equal(read.length, series.length);
    for (const { labels, timesMs, values, histograms } of series) {
      const found = read.find((one) => JSON.stringify(one.labels) === JSON.stringify(labels));
      assert.deepEqual([...(found?.timesMs ?? [])], [...timesMs]);
      assert.deepEqual([...(found?.values ?? [])].filter((_, i) => (histograms?.[i] ?? null) === null), [...values].filter((_, i) => (histograms?.[i] ?? null) === null));
      assert.deepEqual(found?.histograms?.map((histogram) => histogram?.count), histograms?.map((histogram) => histogram?.count));
    }
    assert.deepEqual(log.lines, []);
    await store.close();
    assert.deepEqual(await readdir(join(dir, 'tmp')), []);
  });
});
