import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { STALE_NAN_BITS, type Labels, type NativeHistogram, type PrometheusExemplar, type PrometheusMetadata } from '@signalbox/signals/prometheus/types';
import { ChunkReader } from '../chunk/chunk.js';
import { SampleBuffer } from '../chunk/sample-buffer.js';
import { HeadSamples } from '../head/head-samples.js';
import { SeriesHead } from '../head/series-head.js';
import { Block } from './block.js';
import { decodeRest } from './block-rest.js';
import { BlockWriter } from './block-writer.js';
import { ChunkWindow } from './chunk-window.js';
import { mergeBlocks } from './merge-blocks.js';
import { writeHead } from './write-head.js';

/*
 * fixtures/version-1.block and version-2.block were written by `write` below, by the program as it was at the commits 50255b5 and 4d4420c, the
 * last before the format became what follows: this file, put into a checkout of such a commit, writes to the path that WRITE_BLOCK names.
 */
const FIXTURES = join(import.meta.dirname, 'fixtures');

/** A value's 64 bits, or a histogram. */
type Value = bigint | NativeHistogram;
interface Series {
  readonly labels: Labels;
  readonly valueAt: (i: number) => Value;
  readonly samples: number;
}

const T0 = 1_700_000_000_000;
const bitsOf = (value: number): bigint => new BigUint64Array(Float64Array.of(value).buffer)[0];
/** The same from any program: whole numbers alone. */
const scrambled = (i: number): number => (Math.imul(i + 1, 0x9e3779b1) ^ Math.imul(i + 7, 0x85ebca6b)) >>> 0;
const timeAt = (i: number): number => T0 + i * 15_000 + (i % 40 === 39 ? 7 : 0);
const ODD = [STALE_NAN_BITS, bitsOf(NaN), bitsOf(Infinity), bitsOf(-Infinity), bitsOf(-0), bitsOf(5e-324), 0x7ff8_0000_dead_beefn];

function histogramAt(i: number, custom: boolean, fractions: boolean): NativeHistogram {
  const n = 1 + (Math.floor(i / 20) % 3);
  const counts = Float64Array.from({ length: n }, (_, bucket) => i * (bucket + 1) + (fractions ? 0.25 : 0));
  const negative = custom ? [] : [i % 5];
  const zeroCount = custom ? 0 : i % 3;
  return {
    schema: custom ? -53 : 3, zeroThreshold: custom ? 0 : 0.001, zeroCount, count: [...counts, ...negative].reduce((sum, count) => sum + count, zeroCount), sum: i / 4 - 3,
    counterReset: (['unknown', 'reset', 'no', 'gauge'] as const)[Math.floor(i / 30) % 4], customBounds: custom ? Float64Array.of(0.5, 1, 2.5) : null,
    positive: { offsets: Int32Array.from({ length: n }, (_, bucket) => bucket * 2), counts },
    negative: { offsets: Int32Array.from(negative, () => -2), counts: Float64Array.from(negative) },
  };
}

const series = (name: string, samples: number, valueAt: (i: number) => Value, ...more: (readonly [string, string])[]): Series => ({ labels: [['__name__', name], ...more], samples, valueAt });

const TENANTS: Readonly<Record<string, readonly Series[]>> = {
  default: [
    series('requests_total', 300, (i) => bitsOf(i * 7 + (scrambled(i) % 5)), ['code', '200'], ['path', '/größe "x"\n']),
    series('requests_total', 300, (i) => bitsOf(Math.floor(i / 50)), ['code', '500'], ['path', '/größe "x"\n']),
    series('up', 250, () => bitsOf(1)),
    series('temperature', 120, (i) => bitsOf((scrambled(i) % 4000) / 100)),
    series('scattered', 60, (i) => bitsOf(scrambled(i) / 3)),
    series('growing', 250, (i) => bitsOf(1e6 + i * 0.37)),
    series('seconds_total', 250, (i) => bitsOf(i * 0.1 + scrambled(Math.floor(i / 32)) / 2 ** 33)),
    series('odd', 56, (i) => (i % 8 < 7 ? ODD[i % 8] : bitsOf(i))),
    series('duration', 300, (i) => histogramAt(i, false, false)),
    series('duration_custom', 100, (i) => histogramAt(i, true, false)),
    series('duration_fractions', 60, (i) => histogramAt(i, false, true)),
    series('changing', 120, (i) => (i % 60 < 30 ? bitsOf(i / 8) : histogramAt(i, i % 2 === 0, false))),
  ],
  other: [series('up', 3, (i) => bitsOf(i % 2)), series('alone', 1, () => STALE_NAN_BITS)],
};
const EXEMPLARS: readonly PrometheusExemplar[] = [
  { labels: [['trace_id', '0af7651916cd43dd8448eb211c80319c']], value: 0.5, timeMs: T0 },
  { labels: [['span_id', 'b7ad6b7169203331'], ['trace_id', '0af7651916cd43dd8448eb211c80319c']], value: -0, timeMs: T0 + 1 },
  { labels: [], value: Infinity, timeMs: T0 + 2 },
];
const METADATA: readonly PrometheusMetadata[] = [{ name: 'requests', type: 'counter', help: 'Requests that were answered.', unit: '' }, { name: 'duration', type: 'histogram', help: '', unit: 'seconds' }];

async function write(path: string): Promise<void> {
  const head = new HeadSamples(new SeriesHead({ maxSeries: 100, idleMs: Infinity }), 10, 10);
  const writer = await BlockWriter.create(path);
  for (const [tenant, all] of Object.entries(TENANTS)) {
    for (const { labels, samples, valueAt } of all) {
      const ref = head.seriesOf(tenant, labels);
      for (let i = 0; i < samples; i++) {
        const value = valueAt(i);
        if (typeof value === 'bigint') head.tenant(tenant).add(ref, timeAt(i), Number(value & 0xffff_ffffn), Number(value >> 32n), null);
        else head.tenant(tenant).add(ref, timeAt(i), 0, 0x7ff8_0000, value);
      }
      if (tenant === 'default' && labels[0][1] === 'duration') head.addExemplars(tenant, ref, EXEMPLARS);
    }
    if (tenant === 'default') for (const each of METADATA) head.addMetadata(tenant, each);
    await writeHead(writer, tenant, head.tenant(tenant), head.head.order(head.tenant(tenant).series), new AbortController().signal);
  }
  await writer.finish();
  await writer.close();
}

/** Looks at every sample of the block, at exemplars and metadata; answers which forms its chunks have. */
async function checkBlock(path: string): Promise<ReadonlySet<number>> {
  const forms = new Set<number>();
  const block = await Block.open(path);
  try {
    assert.deepEqual([...block.parts.keys()].sort(), Object.keys(TENANTS).sort());
    for (const [tenant, part] of block.parts) {
      const expected = new Map(TENANTS[tenant].map((each) => [JSON.stringify(each.labels), each]));
      const index = await block.index(part);
      const window = new ChunkWindow(block, part, index);
      const { seriesChunks, chunkCount } = index.columns;
      assert.equal(index.seriesCount, expected.size);
      for (let number = 0; number < index.seriesCount; number++) {
        const labels = index.labels(number);
        const { samples, valueAt } = expected.get(JSON.stringify(labels)) ?? assert.fail(`no series ${JSON.stringify(labels)} was written`);
        const buffer = new SampleBuffer();
        for (let chunk = seriesChunks[number]; chunk < seriesChunks[number + 1]; chunk++) {
          const bytes = await window.chunk(chunk);
          forms.add(bytes[0]);
          const before = buffer.length;
          assert.ok(new ChunkReader().read(bytes, 0, bytes.length, -Infinity, Infinity, buffer));
          assert.equal(buffer.length - before, chunkCount[chunk]);
        }
        assert.equal(buffer.length, samples, JSON.stringify(labels));
        for (let i = 0; i < samples; i++) {
          const value = valueAt(i);
          const histogram = buffer.histograms?.[i] ?? null;
          const found: Value = histogram ?? (BigInt(buffer.words[2 * i + 1]) << 32n) | BigInt(buffer.words[2 * i]);
          assert.deepEqual([buffer.times[i], found], [timeAt(i), value], `sample ${i} of ${JSON.stringify(labels)}`);
        }
      }
      const { exemplars, metadata } = decodeRest(index.rest());
      assert.deepEqual(metadata, tenant === 'default' ? METADATA : []);
      assert.deepEqual(exemplars.map(({ exemplar }) => exemplar), tenant === 'default' ? EXEMPLARS : []);
      for (const { series: number } of exemplars) assert.deepEqual(index.labels(number), [['__name__', 'duration']]);
    }
  } finally {
    await block.close();
  }
  return forms;
}

describe('blocks of earlier versions', () => {
  let dir: string;
  before(async () => { dir = await mkdtemp(join(tmpdir(), 'signalbox-old-blocks-')); });
  after(() => rm(dir, { recursive: true, force: true }));

  const versionOf = async (path: string): Promise<number> => (await readFile(path)).readUInt16LE(6);

  for (const [version, forms] of [[1, [0, 2, 8, 9, 15]], [2, [0, 2, 8, 10, 15]]] as const) {
    const path = join(FIXTURES, `version-${version}.block`);

    it(`are read whole: version ${version}`, async () => {
      assert.equal(await versionOf(path), version);
      const found = await checkBlock(path);
      assert.deepEqual(forms.filter((form) => !found.has(form)), [], `forms ${[...found].join()}`);
    });

    it(`are merged with others into one of today: version ${version}`, async () => {
      const empty = join(dir, `empty-${version}.block`);
      const writer = await BlockWriter.create(empty);
      await writer.finish();
      await writer.close();
      const merged = join(dir, `merged-${version}.block`);
      await mergeBlocks([path, empty], merged, 10, new AbortController().signal);
      assert.ok(await versionOf(merged) > version);
      await checkBlock(merged);
    });
  }

  it('have what the program writes today', async () => {
    const path = process.env['WRITE_BLOCK'] ?? join(dir, 'today.block');
    await write(path);
    await checkBlock(path);
  });
});
