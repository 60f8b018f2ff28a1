import assert from 'node:assert/strict';
import { mkdtemp, rm, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Matcher } from '@signalbox/query/readers';
import { RE2JS } from 're2js';
import type { Labels } from '@signalbox/signals/prometheus/types';
import { Turn } from '../../duckdb/turn.js';
import { Block, BlockDamaged } from '../block/block.js';
import { BlockWriter } from '../block/block-writer.js';
import { HeadOrder } from '../head/head-order.js';
import { HeadSeries, NO_SERIES } from '../head/head-series.js';
import type { LabelIndex } from '../head/label-index.js';
import { matchSeries } from './match-series.js';
import { random, randomLabels, randomMatcher } from '../random-samples.test.js';
import { SampleLog } from '../head/sample-log.js';
import { compareLabels } from '../head/series-id.js';
import { TenantSamples } from '../head/tenant-samples.js';
import { valueTest } from './value-test.js';
import { writeHead } from '../block/write-head.js';

/** What a matcher means, said as plainly as can be. */
function meets({ name, op, value }: Matcher): (labels: Labels) => boolean {
  const regexp = op === '=' || op === '!=' ? null : RE2JS.compile(`^(?:${value})$`, RE2JS.DOTALL);
  return (labels) => {
    const actual = labels.find(([label]) => label === name)?.[1] ?? '';
    const equal = regexp === null ? actual === value : regexp.matches(actual);
    return op === '=' || op === '=~' ? equal : !equal;
  };
}

async function check(index: LabelIndex): Promise<void> {
  const all = Array.from({ length: index.seriesCount }, (_, series) => index.labels(series));
  for (let i = 0; i < 150; i++) {
    const matchers = Array.from({ length: random(5) }, randomMatcher);
    const found = await matchSeries(index, matchers.map(valueTest), new Turn());
    const meetAll = matchers.map(meets);
    assert.deepEqual([...found], all.flatMap((labels, series) => (meetAll.every((meet) => meet(labels)) ? [series] : [])), JSON.stringify(matchers));
  }
}

describe('the index of series', () => {
  let dir: string;
  beforeEach(async () => { dir = await mkdtemp(join(tmpdir(), 'signalbox-block-')); });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  function filled(): { samples: TenantSamples; series: HeadSeries } {
    const series = new HeadSeries(100_000);
    const samples = new TenantSamples(series, new SampleLog(), 10, 10);
    for (let i = 0; i < 700; i++) samples.add(series.ref(randomLabels()), i, 0, 0, null);
    return { samples, series };
  }

  async function written(): Promise<string> {
    const { samples, series } = filled();
    const path = join(dir, 'a.block');
    const writer = await BlockWriter.create(path);
    await writeHead(writer, 't', samples, new HeadOrder(series), new AbortController().signal);
    await writer.finish();
    await writer.close();
    return path;
  }

  it('of the head finds what a scan finds', async () => {
    await check(filled().series);
  });

  it('of the head finds it too where some of its pairs are sorted', async () => {
    const { series, samples } = filled();
    await new HeadOrder(series).update();
    for (let i = 0; i < 20; i++) samples.add(series.ref([['__name__', `new_${i % 3}`], ['job', `api-${i}`]]), i, 0, 0, null);
    await check(series);
  });

  it('of a block finds what a scan finds, in the order of labels', async () => {
    const block = await Block.open(await written());
    const part = block.parts.get('t');
    assert.ok(part);
    const index = await block.index(part);
    await block.close();
    await check(index);
    for (let series = 1; series < index.seriesCount; series++) assert.ok(compareLabels(index.labels(series - 1), index.labels(series)) < 0);
  });

  it('gives a series one number, and none beyond the limit', () => {
    const series = new HeadSeries(50);
    const seen = new Map<string, number>();
    for (let i = 0; i < 3000; i++) {
      const labels = randomLabels();
      const ref = series.ref(labels);
      const known = seen.get(JSON.stringify(labels));
      if (known !== undefined) assert.equal(ref, known);
      else if (seen.size === 50) assert.equal(ref, NO_SERIES);
      else seen.set(JSON.stringify(labels), ref);
    }
    for (const [text, ref] of seen) assert.deepEqual(series.labels(ref), JSON.parse(text));
  });

  it('tells of a block that is damaged, cut off or newer', async () => {
    const path = await written();
    const good = await readFile(path);
    const read = async (bytes: Buffer): Promise<void> => {
      await writeFile(path, bytes);
      const block = await Block.open(path);
      try {
        for (const part of block.parts.values()) await block.index(part);
      } finally {
        await block.close();
      }
    };
    await read(good);
    const contents = good.length - 16 - good.readUInt32LE(good.length - 16);
    for (const at of [0, 6, contents - 3, contents + 5, good.length - 1]) {
      const bytes = Buffer.from(good);
      bytes[at] ^= 0x55;
      await assert.rejects(read(bytes), (error) => error instanceof BlockDamaged, `at ${at}`);
    }
    for (const length of [0, 10, 100, good.length - 1]) await assert.rejects(read(good.subarray(0, length)), (error) => error instanceof BlockDamaged);
  });
});
