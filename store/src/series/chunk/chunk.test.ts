import assert from 'node:assert/strict';
import { STALE_NAN_BITS, type NativeHistogram } from '@signalbox/signals/prometheus/types';
import { random, share } from '../random-samples.test.js';
import { ByteSink } from './byte-sink.js';
import { ChunkReader, chunkEnd, writeChunk } from './chunk.js';
import { SampleBuffer } from './sample-buffer.js';

const FLOAT = new Float64Array(1);
const WORDS = new Uint32Array(FLOAT.buffer);
const STALE = new Uint32Array(new BigUint64Array([STALE_NAN_BITS]).buffer);

function add(buffer: SampleBuffer, timeMs: number, value: number | 'stale' | NativeHistogram): void {
  if (typeof value === 'object') return buffer.add(timeMs, 0, 0x7ff80000, value);
  FLOAT[0] = value === 'stale' ? 0 : value;
  if (value === 'stale') buffer.add(timeMs, STALE[0], STALE[1], null);
  else buffer.add(timeMs, WORDS[0], WORDS[1], null);
}

function histogram(floats: boolean): NativeHistogram {
  const count = (): number => (floats ? share() * 100 : random(1000));
  const buckets = (n: number) => ({ offsets: Int32Array.from({ length: n }, (_, i) => i * 2 - 3), counts: Float64Array.from({ length: n }, count) });
  return {
    schema: random(2) ? 3 : -53, zeroThreshold: 1e-128, zeroCount: count(), count: count(), sum: share() < 0.1 ? NaN : share(), positive: buckets(random(4)), negative: buckets(random(2)),
    customBounds: random(2) ? Float64Array.of(0.1, 1, Infinity) : null, counterReset: (['unknown', 'reset', 'no', 'gauge'] as const)[random(4)],
  };
}

const KINDS: readonly (() => (i: number) => number | 'stale' | NativeHistogram)[] = [
  () => { let v = random(1e6); return () => (v += random(200)); },
  () => { let v = 0; return () => (v = share() < 0.05 ? 0 : v + random(1e9)); },
  () => () => share() * 10 ** (random(600) - 300) * (random(2) ? 1 : -1),
  () => { let v = 100; return () => (v += share() - 0.5); },
  () => () => Math.round(share() * 1e4) / 100,
  () => () => [0, -0, NaN, Infinity, -Infinity, Number.MAX_VALUE, Number.MIN_VALUE, 2 ** 53, -(2 ** 53), 0.1][random(10)],
  () => () => (random(8) ? 3.25 : 'stale'),
  () => () => random(3) * 1.1,
  () => () => histogram(false),
  () => () => histogram(random(2) === 1),
  () => (i) => (i % 40 < 20 ? histogram(false) : random(2) ? i : 'stale'),
];

function roundTrip(samples: SampleBuffer, startMs = -Infinity, endMs = Infinity): SampleBuffer {
  const sink = new ByteSink();
  const ends: [number, number][] = [];
  for (let from = 0; from < samples.length; ) {
    const to = chunkEnd(samples, from);
    const at = sink.length;
    writeChunk(sink, samples, from, to);
    ends.push([at, sink.length]);
    from = to;
  }
  const out = new SampleBuffer();
  const reader = new ChunkReader();
  for (const [from, to] of ends) assert.ok(reader.read(sink.bytes.subarray(0, sink.length), from, to, startMs, endMs, out));
  return out;
}

function shown(samples: SampleBuffer, startMs = -Infinity, endMs = Infinity): unknown[] {
  return Array.from({ length: samples.length }, (_, i) => [samples.times[i], samples.histograms?.[i] ?? [samples.words[2 * i], samples.words[2 * i + 1]]]).filter(([time]) => Number(time) >= startMs && Number(time) <= endMs);
}

describe('chunks', () => {
  for (const [kind, make] of KINDS.entries()) {
    it(`keep every bit of random samples, kind ${kind}`, () => {
      for (let round = 0; round < 60; round++) {
        const of = make();
        const samples = new SampleBuffer();
        let timeMs = random(2) ? 0 : 1_700_000_000_000 + random(1e9);
        const step = random(3);
        for (let i = 0, n = 1 + random(round % 20 === 0 ? 2500 : 500); i < n; i++) {
          add(samples, timeMs, of(i));
          timeMs += step === 0 ? 15_000 : step === 1 ? 15_000 + random(20) : 1 + random(random(20) ? 1000 : 1e12);
        }
        assert.deepEqual(shown(roundTrip(samples)), shown(samples));
        const a = samples.times[random(samples.length)] - random(2);
        const b = samples.times[random(samples.length)] + random(2);
        assert.deepEqual(shown(roundTrip(samples, a, b)), shown(samples, a, b));
      }
    });
  }

  it('take at most two bytes a sample for counters and six for drifting floats', () => {
    for (const [kind, most] of [[0, 1.5], [3, 5.96], [4, 2.1]] as const) {
      const of = KINDS[kind]();
      const samples = new SampleBuffer();
      for (let i = 0; i < 720; i++) add(samples, 1_700_000_000_000 + i * 15_000, of(i));
      assert.equal(chunkEnd(samples, 0), 720);
      const sink = new ByteSink();
      writeChunk(sink, samples, 0, 720);
      assert.ok(sink.length / 720 <= most, `kind ${kind}: ${sink.length / 720}`);
    }
  });

  it('are never longer than they may be, and none is short beside another one', () => {
    for (const of of [KINDS[3](), KINDS[8]()]) {
      const samples = new SampleBuffer();
      for (let i = 0; i < 3000; i++) {
        add(samples, i * 1000, of(i));
        const full = samples.histograms === null ? 720 : 240;
        const ends: number[] = [];
        for (let from = 0; from < samples.length; from = ends[ends.length - 1]) ends.push(chunkEnd(samples, from));
        const counts = ends.map((end, at) => end - (ends[at - 1] ?? 0));
        assert.ok(counts.every((count) => count <= full && (counts.length === 1 || count * 2 >= full)), counts.join());
        i += random(60);
      }
    }
  });

  it('answer that damaged bytes are none, or with samples, but never crash or hang', () => {
    const samples = new SampleBuffer();
    for (let i = 0; i < 100; i++) add(samples, i * 1000, i < 50 ? i * 1.5 : histogram(false));
    const sink = new ByteSink();
    writeChunk(sink, samples, 0, 50);
    const second = sink.length;
    writeChunk(sink, samples, 50, 100);
    const reader = new ChunkReader();
    for (let round = 0; round < 2000; round++) {
      const bytes = sink.bytes.slice(0, sink.length);
      bytes[random(bytes.length)] = random(256);
      reader.read(bytes, 0, second, -Infinity, Infinity, new SampleBuffer());
      reader.read(bytes, second, second + random(bytes.length - second), -Infinity, Infinity, new SampleBuffer());
    }
  });
});

describe('a sample buffer', () => {
  it('brings samples into order; of one time the first one stands', () => {
    const samples = new SampleBuffer();
    for (const [timeMs, value] of [[3, 30], [1, 10], [3, 31], [2, 20], [1, 11]] as const) add(samples, timeMs, value);
    samples.settle();
    assert.deepEqual([...samples.times.subarray(0, samples.length)], [1, 2, 3]);
    assert.deepEqual([...samples.values.subarray(0, samples.length)], [10, 20, 30]);
  });
});
