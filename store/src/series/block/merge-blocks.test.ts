import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import { ChunkReader } from '../chunk/chunk.js';
import { SampleBuffer } from '../chunk/sample-buffer.js';
import { HeadSamples } from '../head/head-samples.js';
import { SeriesHead } from '../head/series-head.js';
import { random, randomHistogram } from '../random-samples.test.js';
import { Block } from './block.js';
import { BlockWriter } from './block-writer.js';
import { ChunkWindow } from './chunk-window.js';
import { mergeBlocks } from './merge-blocks.js';
import { writeHead } from './write-head.js';

const TENANT = 't';
const signal = new AbortController().signal;

describe('blocks that become one', () => {
  let dir: string;
  beforeEach(async () => { dir = await mkdtemp(join(tmpdir(), 'signalbox-merge-')); });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  const histogramAt = (i: number, kind: string): NativeHistogram | null => (kind === 'histogram' || (kind === 'mixed' && i % 500 > 450) ? randomHistogram(i % 7) : null);

  /** Samples from one number to another, of each kind. */
  async function write(name: string, from: number, to: number): Promise<string> {
    const head = new HeadSamples(new SeriesHead({ maxSeries: 10, idleMs: Infinity }), 0, 0);
    for (const kind of ['float', 'histogram', 'mixed']) {
      const ref = head.seriesOf(TENANT, [['__name__', kind]]);
      for (let i = from; i < to; i++) head.tenant(TENANT).add(ref, i * 1000, i, histogramAt(i, kind) === null ? 0x4050_0000 : 0x7ff8_0000, histogramAt(i, kind));
    }
    const path = join(dir, name);
    const writer = await BlockWriter.create(path);
    await writeHead(writer, TENANT, head.tenant(TENANT), head.head.order(head.tenant(TENANT).series), signal);
    await writer.finish();
    await writer.close();
    return path;
  }

  /** Of each series: how many samples its chunks have, after a look at every sample. */
  async function countsOf(path: string, samples: number): Promise<Record<string, number[]>> {
    const block = await Block.open(path);
    try {
      const part = block.parts.get(TENANT);
      assert.ok(part);
      const index = await block.index(part);
      const window = new ChunkWindow(block, part, index);
      const found: Record<string, number[]> = {};
      for (let series = 0; series < index.seriesCount; series++) {
        const kind = index.labels(series)[0][1];
        const buffer = new SampleBuffer();
        const { seriesChunks, chunkCount } = index.columns;
        found[kind] = [...chunkCount.subarray(seriesChunks[series], seriesChunks[series + 1])];
        for (let chunk = seriesChunks[series]; chunk < seriesChunks[series + 1]; chunk++) {
          const bytes = await window.chunk(chunk);
          assert.ok(new ChunkReader().read(bytes, 0, bytes.length, -Infinity, Infinity, buffer));
        }
        assert.equal(buffer.length, samples);
        for (let i = 0; i < samples; i++) {
          const histogram = histogramAt(i, kind);
          assert.equal(buffer.times[i], i * 1000);
          if (histogram === null) assert.deepEqual([buffer.words[2 * i], buffer.words[2 * i + 1]], [i, 0x4050_0000]);
          else assert.deepEqual(buffer.histograms?.[i]?.sum, histogram.sum);
        }
      }
      return found;
    } finally {
      await block.close();
    }
  }

  async function merged(bounds: readonly number[]): Promise<Record<string, number[]>> {
    const paths: string[] = [];
    for (let i = 1; i < bounds.length; i++) paths.push(await write(`${i}.block`, bounds[i - 1], bounds[i]));
    const target = join(dir, 'merged.block');
    await mergeBlocks(paths, target, 0, signal);
    return countsOf(target, bounds[bounds.length - 1]);
  }

  it('have their short chunks joined, those of histograms up to a third of the others', async () => {
    const { float, histogram, mixed } = await merged([0, 240, 480, 720, 960, 1200, 1440]);
    assert.deepEqual(float, [720, 720]);
    assert.deepEqual(histogram, [240, 240, 240, 240, 240, 240]);
    assert.ok(mixed.every((count) => count <= 720));
  });

  it('keep chunks that are nearly full as they are', async () => {
    assert.deepEqual((await merged([0, 600, 1300, 1400])).float, [600, 700, 100]);
  });

  it('have the same samples whatever the lengths', async () => {
    const bounds = [0];
    while (bounds.length < 9) bounds.push(bounds[bounds.length - 1] + 1 + random(900));
    const { float } = await merged(bounds);
    assert.ok(float.every((count) => count <= 720), float.join());
  });
});
