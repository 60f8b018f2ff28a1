import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { SeriesReader } from '@signalbox/query/readers';
import type { Labels } from '@signalbox/signals/prometheus/types';
import { pathsOf, type StoredFile } from '../../files/stored-file.js';
import { context } from '../../store-fixture.test.js';
import { BlockCache } from '../block/block-cache.js';
import { BlockWriter } from '../block/block-writer.js';
import { writeHead } from '../block/write-head.js';
import { HeadSamples } from '../head/head-samples.js';
import { SeriesHead } from '../head/series-head.js';
import { random } from '../random-samples.test.js';
import { StoreSeriesReader } from './series-reader.js';

const TENANT = 'default';
const NS_PER_MS = 1_000_000n;

interface Held {
  readonly timeMs: number;
  readonly value: string;
}

/** Blocks and what is in memory as a catalog would show them, with every change done by hand. */
class Shown {
  readonly head = new SeriesHead({ maxSeries: 100_000, idleMs: Infinity });
  hot = new HeadSamples(this.head, 0, 0);
  inHot: Held[] = [];
  files: { file: StoredFile; held: Held[] }[] = [];
  readonly reader: SeriesReader;
  readonly blocks: BlockCache;
  private numbers = 0;

  constructor(private readonly dir: string) {
    this.blocks = new BlockCache(dir, 1 << 20);
    this.reader = new StoreSeriesReader({
      catalog: { acquire: () => ({ view: { files: this.files.map(({ file }) => file), generations: [{ samples: this.hot }] }, release: () => undefined }) }, blocks: this.blocks, logger: { debug() { /* unused */ }, info() { /* unused */ }, warn() { /* unused */ }, error(text) { throw new Error(text); } },
    });
  }

  add(timeMs: number, value: string): void {
    const labels: Labels = [['__name__', 'x'], ...(value === '' ? [] : [['id', value] as const]), ['n', String(random(3))]];
    this.hot.tenant(TENANT).add(this.hot.seriesOf(TENANT, labels), timeMs, 1, 2, null);
    this.inHot.push({ timeMs, value });
  }

  async flush(): Promise<void> {
    const name = { kind: 'samples' as const, number: ++this.numbers };
    const { data } = pathsOf(this.dir, name);
    await mkdir(dirname(data), { recursive: true });
    const writer = await BlockWriter.create(data);
    const samples = this.hot.tenant(TENANT);
    await writeHead(writer, TENANT, samples, this.head.order(samples.series), new AbortController().signal);
    const { rows, bytes, minMs, maxMs } = await writer.finish();
    await writer.close();
    const file: StoredFile = { ...name, rows, bytes, minNs: BigInt(minMs) * NS_PER_MS, maxNs: BigInt(maxMs) * NS_PER_MS, receivedFromNs: 0n, receivedToNs: 0n, tenants: [TENANT], merges: 0, sequence: this.numbers };
    this.files.push({ file, held: this.inHot });
    this.hot = new HeadSamples(this.head, 0, 0);
    this.inHot = [];
  }

  expected(startMs: number, endMs: number): string[] {
    const all = [...this.files.flatMap(({ held }) => held), ...this.inHot];
    return [...new Set(all.filter(({ timeMs, value }) => value !== '' && timeMs >= startMs && timeMs <= endMs).map(({ value }) => value))].sort((a, b) => (a < b ? -1 : 1));
  }
}

describe('values of a label', () => {
  let dir: string;
  let shown: Shown;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'signalbox-values-'));
    shown = new Shown(dir);
  });
  afterEach(async () => {
    await shown.blocks.close();
    await rm(dir, { recursive: true, force: true });
  });

  const values = (startMs = -Infinity, endMs = Infinity): Promise<readonly string[]> => shown.reader.labelValues(context(), 'id', [], startMs, endMs);

  it('are those of what is there now, whatever was there when they were asked for before', async () => {
    let timeMs = 1_700_000_000_000;
    for (let round = 0; round < 120; round++) {
      const move = random(6);
      if (move < 3) for (let i = random(30); i >= 0; i--) shown.add((timeMs += random(2000)), random(10) === 0 ? '' : `v${random(random(2) === 0 ? 2000 : 30)}`);
      else if (move === 3 && shown.inHot.length > 0) await shown.flush();
      else if (move === 4 && shown.files.length > 3) shown.files.splice(random(shown.files.length), 1);
      assert.deepEqual([...(await values())], shown.expected(-Infinity, Infinity));
    }
  });

  it('are those with samples between the times, also where these cut through blocks', async () => {
    // One sample a series: a block says of each series whether it has samples then, to the chunk.
    let timeMs = 1_700_000_000_000;
    const firstMs = timeMs;
    for (let i = 0; i < 400; i++) {
      shown.add((timeMs += 1000), `v${String(i).padStart(4, '0')}`);
      if (i % 60 === 59) await shown.flush();
      if (i % 10 !== 0) continue;
      const [startMs, endMs] = [firstMs + random(timeMs - firstMs), firstMs + random(timeMs - firstMs + 2000)].sort((a, b) => a - b);
      assert.deepEqual([...(await values(startMs, endMs))], shown.expected(startMs, endMs));
      assert.deepEqual([...(await values(startMs))], shown.expected(startMs, Infinity));
    }
  });

  it('are the very same row as long as nothing has come', async () => {
    for (let i = 0; i < 50; i++) shown.add(1000 + i, `v${i}`);
    await shown.flush();
    const first = await values();
    assert.equal(await values(), first);
    shown.add(5000, 'v7');
    assert.equal(await values(), first);
    shown.add(5000, 'w');
    assert.deepEqual([...(await values())], [...first, 'w']);
    assert.equal(first.length, 50, 'what was answered stays as it was');
  });

  it('of more series in memory than are sorted by themselves come in order', async () => {
    for (let i = 0; i < 3000; i++) shown.add(1000 + i, `v${(i * 7919) % 3000}`);
    assert.deepEqual([...(await values())], shown.expected(-Infinity, Infinity));
    assert.deepEqual([...(await values(1500, 3500))], shown.expected(1500, 3500));
  });
});
