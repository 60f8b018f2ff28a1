import assert from 'node:assert/strict';
import { OtlpError } from '../../otlp/error.js';
import { Writer } from '../../otlp/protobuf/writer.js';
import { STALE_NAN_BITS } from '../types.js';
import { countExemplars, countHistograms, countSamples } from './count.js';
import { decodeWriteV1, decodeWriteV2 } from './decode.js';
import { encodeWriteV2 } from './encode.js';
import { randomFrom, randomRequest } from './fixture.test.js';
import { bitsOf, isStale } from './sample-bits.js';
import type { WriteRequest } from './types.js';

/** With samples as bits: NaNs of different bits are equal to deepStrictEqual. */
function bits(request: WriteRequest): unknown {
  return request.series.map((series) => ({ ...series, values: [...bitsOf(series.values.slice())] }));
}

type Write = (writer: Writer) => void;

function message(writer: Writer, tag: number, write: Write): void {
  const end = writer.mark();
  write(writer);
  writer.message(tag, end);
}

/** A version 1 request of one series whose labels are as given. */
function v1(labels: readonly (readonly [string, string | Uint8Array])[], write?: Write): Uint8Array {
  const writer = new Writer();
  message(writer, 0x0a, () => {
    if (write) write(writer);
    else sample(writer, 1, 1000);
    for (const [name, value] of [...labels].reverse()) {
      message(writer, 0x0a, () => {
        if (typeof value === 'string') writer.string(0x12, value);
        else writer.setBytes(0x12, value);
        writer.string(0x0a, name);
      });
    }
  });
  return writer.finish();
}

function sample(writer: Writer, value: number, timeMs: number): void {
  message(writer, 0x12, () => {
    writer.setInt64(0x10, BigInt(timeMs));
    writer.setDouble(0x09, value);
  });
}

function v2(symbols: readonly string[], refs: readonly number[]): Uint8Array {
  const writer = new Writer();
  message(writer, 0x2a, () => {
    sample(writer, 1, 1000);
    for (const ref of [...refs].reverse()) writer.setUint32(0x08, ref);
  });
  for (const symbol of [...symbols].reverse()) writer.setString(0x22, symbol);
  return writer.finish();
}

describe('remote write', () => {
  it('reads what it writes', () => {
    for (let seed = 0; seed < 500; seed++) {
      const request = randomRequest(randomFrom(seed));
      const decoded = decodeWriteV2(encodeWriteV2(request));
      assert.deepStrictEqual(decoded.problems, [], `seed ${seed}`);
      assert.deepStrictEqual(bits(decoded), bits(request), `seed ${seed}`);
      assert.equal(countSamples(decoded), countSamples(request));
      assert.equal(countExemplars(decoded), countExemplars(request));
      assert.equal(countHistograms(decoded), countHistograms(request));
    }
  });

  it('throws its own error, or reads, whatever the bytes', () => {
    const random = randomFrom(7);
    for (let seed = 0; seed < 400; seed++) {
      const bytes = Buffer.from(encodeWriteV2(randomRequest(randomFrom(seed))));
      for (let i = 0; i < 20; i++) {
        const mutant = Buffer.from(bytes.subarray(0, random() < 0.5 ? bytes.length : Math.floor(random() * bytes.length)));
        for (let n = 0; n < 3 && mutant.length > 0; n++) mutant[Math.floor(random() * mutant.length)] = Math.floor(random() * 256);
        for (const decode of [decodeWriteV1, decodeWriteV2]) {
          try {
            decode(mutant);
          } catch (error) {
            assert.ok(error instanceof OtlpError, String(error));
            assert.match(error.message, /at byte \d+$/);
          }
        }
      }
    }
  });

  it('keeps the bits of the stale marker, in floats and histograms', () => {
    const writer = new Writer();
    message(writer, 0x0a, () => {
      message(writer, 0x22, () => {
        writer.setInt64(0x78, 2000n);
        writer.setFixed64(0x19, STALE_NAN_BITS);
      });
      message(writer, 0x12, () => {
        writer.setInt64(0x10, 2000n);
        writer.setFixed64(0x09, STALE_NAN_BITS);
      });
      sample(writer, NaN, 1000);
      message(writer, 0x0a, () => {
        writer.string(0x12, 'up');
        writer.string(0x0a, '__name__');
      });
    });
    const once = decodeWriteV1(writer.finish());
    const again = decodeWriteV2(encodeWriteV2(once));
    for (const { series } of [once, again]) {
      assert.deepStrictEqual([0, 1].map((i) => isStale(series[0].values, i)), [false, true]);
      assert.deepStrictEqual(series[0].histograms, [{ timeMs: 2000, startMs: 0, histogram: null }]);
    }
  });

  it('sorts labels and leaves out empty ones', () => {
    const { series, problems } = decodeWriteV1(v1([['z', '1'], ['__name__', 'up'], ['a', ''], ['b', '2']]));
    assert.deepStrictEqual(problems, []);
    assert.deepStrictEqual(series[0].labels, [['__name__', 'up'], ['b', '2'], ['z', '1']]);
  });

  for (const { what, labels, text } of [
    { what: 'without a name', labels: [['a', 'b']], text: 'invalid metric name or labels, got {a="b"}' },
    { what: 'with an empty name', labels: [['__name__', '']], text: 'invalid metric name or labels, got {__name__=""}' },
    { what: 'with a label without a name', labels: [['__name__', 'up'], ['', 'x']], text: 'invalid metric name or labels, got {""="x", __name__="up"}' },
    { what: 'with a label twice', labels: [['__name__', 'up'], ['a', '1'], ['a', '2']], text: 'invalid labels for series, labels {__name__="up", a="1", a="2"}, duplicated label a' },
    { what: 'with a name in another alphabet', labels: [['ключ', 'x\n'], ['a', '1'], ['a', '1'], ['__name__', 'up']], text: 'invalid labels for series, labels {__name__="up", a="1", a="1", "ключ"="x\\n"}, duplicated label a' },
  ] as const) {
    it(`refuses a series ${what}, and only that`, () => {
      const decoded = decodeWriteV1(Buffer.concat([v1(labels), v1([['__name__', 'good']])]));
      assert.deepStrictEqual(decoded.problems, [{ text, items: 1, kind: 'labels' }]);
      assert.deepStrictEqual(decoded.series.map(({ labels: [name] }) => name), [['__name__', 'good']]);
    });
  }

  it('refuses a series with text that is not UTF-8, not the request', () => {
    const decoded = decodeWriteV1(v1([['__name__', 'up'], ['a', Buffer.from([0xff, 0xfe])]]));
    assert.deepStrictEqual([decoded.series.length, decoded.problems.length], [0, 1]);
  });

  it('names references that lead nowhere', () => {
    const symbols = ['', '__name__', 'up'];
    assert.equal(decodeWriteV2(v2(symbols, [1, 7])).problems[0]?.text, 'parsing labels for series [1 7]: labelRefs 1 (name) = 7 (value) outside of symbols table (size 3)');
    assert.equal(decodeWriteV2(v2(symbols, [1, 2, 1])).problems[0]?.text, 'parsing labels for series [1 2 1]: invalid labelRefs length 3');
  });

  it('refuses histograms as Prometheus does, and keeps the others of the series', () => {
    const request = randomRequest(randomFrom(3));
    const histogram = { schema: 0, zeroThreshold: 0, zeroCount: 0, count: 3, sum: 1, positive: { offsets: Int32Array.of(1), counts: Float64Array.of(3) }, negative: { offsets: new Int32Array(0), counts: new Float64Array(0) }, customBounds: null, counterReset: 'unknown' } as const;
    const bad = { ...histogram, positive: { offsets: Int32Array.of(1), counts: Float64Array.of(-1.5) } };
    const labels = [['__name__', 'h']] as const;
    const series = { ...request.series[0], labels, timesMs: new Float64Array(0), values: new Float64Array(0), startsMs: null, exemplars: [], metadata: null };
    const decoded = decodeWriteV2(encodeWriteV2({ series: [{ ...series, histograms: [bad, histogram, { ...histogram, schema: 60 }].map((h) => ({ timeMs: 5, startMs: 0, histogram: h })) }] }));
    assert.deepStrictEqual(decoded.problems.map(({ text }) => text), [
      'positive side: bucket number 1 has observation count of -1.5: histogram has a bucket whose observation count is negative for series {__name__="h"}',
      'histogram has an invalid schema, which must be between -4 and 8 for exponential buckets, or -53 for custom buckets, got schema 60 for series {__name__="h"}',
    ]);
    assert.deepStrictEqual(decoded.series[0].histograms.map((h) => h.histogram), [histogram]);
  });

  it('merges the buckets of schemas that Prometheus does not keep', () => {
    const histogram = { schema: 10, zeroThreshold: 0, zeroCount: 0, count: 10, sum: 1, positive: { offsets: Int32Array.of(-4, -3, 0, 1, 4, 5), counts: Float64Array.of(1, 1, 2, 2, 2, 2) }, negative: { offsets: new Int32Array(0), counts: new Float64Array(0) }, customBounds: null, counterReset: 'unknown' } as const;
    const decoded = decodeWriteV2(encodeWriteV2({ series: [{ labels: [['__name__', 'h']], timesMs: new Float64Array(0), values: new Float64Array(0), startsMs: null, histograms: [{ timeMs: 5, startMs: 0, histogram }], exemplars: [], metadata: null }] }));
    assert.deepStrictEqual(decoded.series[0].histograms[0].histogram?.schema, 8);
    assert.deepStrictEqual(decoded.series[0].histograms[0].histogram?.positive, { offsets: Int32Array.of(-1, 0, 1, 2), counts: Float64Array.of(1, 3, 4, 2) });
  });

  it('gives families their metadata, and keeps that of others', () => {
    const writer = new Writer();
    for (const [family, type] of [['rpc_seconds', 3], ['other', 1]] as const) {
      message(writer, 0x1a, () => {
        writer.string(0x2a, 'seconds');
        writer.string(0x22, `help of ${family}`);
        writer.string(0x12, family);
        writer.uint32(0x08, type);
      });
    }
    const { series } = decodeWriteV1(Buffer.concat([v1([['__name__', 'rpc_seconds_bucket'], ['le', '1']]), writer.finish()]));
    assert.deepStrictEqual(series.map(({ labels, metadata, timesMs }) => [labels[0][1], metadata, timesMs.length]), [
      ['rpc_seconds_bucket', { type: 'histogram', help: 'help of rpc_seconds', unit: 'seconds' }, 1],
      ['other', { type: 'counter', help: 'help of other', unit: 'seconds' }, 0],
    ]);
  });

  it('ends at its limits', () => {
    const three = Buffer.concat([v1([['__name__', 'a'], ['l', 'a long value']]), v1([['__name__', 'b']]), v1([['__name__', 'c']])]);
    assert.throws(() => decodeWriteV1(three, { maxSeries: 2 }), /more than 2 series at byte \d+/);
    assert.throws(() => decodeWriteV1(three, { maxItems: 2 }), /more than 2 samples/);
    assert.throws(() => decodeWriteV1(three, { maxLabels: 3 }), /more than 3 labels/);
    assert.equal(decodeWriteV1(three, { maxLabelsPerSeries: 1 }).problems.length, 1);
    assert.equal(decodeWriteV1(three, { maxLabelValueLength: 8 }).problems.length, 1);
    assert.deepStrictEqual(decodeWriteV1(three, { minTimeMs: 1001 }).problems.map(({ text, items }) => [text, items]).at(0), ['out of bounds for series {__name__="a", l="a long value"}', 1]);
  });
});
