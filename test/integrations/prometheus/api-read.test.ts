import assert from 'node:assert/strict';
import { compressSync, uncompressSync } from 'snappy';
import { Reader } from '@signalbox/signals/otlp/protobuf/reader';
import { Writer } from '@signalbox/signals/otlp/protobuf/writer';
import { bothSides } from '../../sidebyside/both-sides.js';
import type { Side } from '../../sidebyside/sides.js';
import type { Point, PointSeries } from '../../sidebyside/write-request.js';

const START_MS = 1_700_000_000_000;
const STEP_MS = 15_000;
const POINTS = 20;

interface Asked {
  readonly startMs: number;
  readonly endMs: number;
  /** The operator by its number: `=`, `!=`, `=~`, `!~`. */
  readonly matchers: readonly (readonly [op: number, name: string, value: string])[];
}

const whole = (...matchers: Asked['matchers']): Asked => ({ startMs: START_MS, endMs: START_MS + POINTS * STEP_MS, matchers });

/** A prometheus.ReadRequest; which forms of answer are accepted, in the order of preference. */
function readRequest(queries: readonly Asked[], accepted: readonly number[]): Uint8Array {
  const writer = new Writer();
  for (const type of [...accepted].reverse()) writer.setInt64(0x10, BigInt(type)); // 2 accepted_response_types
  for (const { startMs, endMs, matchers } of [...queries].reverse()) {
    const end = writer.mark();
    for (const [op, name, value] of [...matchers].reverse()) {
      const matcherEnd = writer.mark();
      writer.string(0x1a, value); // 3 value
      writer.string(0x12, name); // 2 name
      writer.uint32(0x08, op); // 1 type
      writer.message(0x1a, matcherEnd); // 3 matchers
    }
    writer.setInt64(0x10, BigInt(endMs)); // 2 end_timestamp_ms
    writer.setInt64(0x08, BigInt(startMs)); // 1 start_timestamp_ms
    writer.message(0x0a, end); // 1 queries
  }
  return new Uint8Array(compressSync(Buffer.from(writer.finish())));
}

/** The messages that a message has in its first field, which is all that there is in an answer of samples. */
function parts(bytes: Uint8Array): Uint8Array[] {
  const reader = new Reader(bytes, 2);
  const found: Uint8Array[] = [];
  while (reader.pos < bytes.length) {
    assert.equal(reader.tag(bytes.length), 0x0a);
    found.push(reader.blob(bytes.length));
  }
  return found;
}

function data(): PointSeries[] {
  const series = (labels: Record<string, string>, value: (i: number) => Point['value']): PointSeries => ({
    labels: Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)), points: Array.from({ length: POINTS }, (_, i) => ({ timeMs: START_MS + i * STEP_MS, value: value(i) })),
  });
  const native = (i: number, custom: boolean, counterReset: 'unknown' | 'gauge' = 'unknown'): Point['value'] => ({
    schema: custom ? -53 : 1, zeroThreshold: custom ? 0 : 0.001, zeroCount: custom ? 0 : i, count: 3 * i + 3 + (custom ? 0 : i), sum: i / 3, counterReset, customBounds: custom ? Float64Array.of(0.5, 2) : null,
    positive: { offsets: Int32Array.of(0, 2), counts: Float64Array.of(i + 1, 2 * i + 2) }, negative: { offsets: new Int32Array(), counts: new Float64Array() },
  });
  return [
    series({ __name__: 'requests_total', job: 'api' }, (i) => i * 7 + 1),
    series({ __name__: 'requests_total', job: 'żółw' }, (i) => (i === 9 ? 'stale' : i === 10 ? NaN : i === 11 ? -Infinity : -(i + 1) / 7)),
    series({ __name__: 'native', kind: 'exponential' }, (i) => native(i, false)),
    series({ __name__: 'native', kind: 'falling' }, (i) => native(i % 7, false)),
    series({ __name__: 'native', kind: 'gauge' }, (i) => native(i % 7, false, 'gauge')),
    series({ __name__: 'native', kind: 'custom' }, (i) => native(i, true)),
  ];
}

describe('integration: remote read beside Prometheus itself', function reads() {
  this.timeout(120_000);
  const sides = bothSides({ data: data() });

  const read = async ({ url, headers }: Side, queries: readonly Asked[], accepted: readonly number[]) => {
    const response = await fetch(`${url}/api/v1/read`, {
      method: 'POST', body: readRequest(queries, accepted), headers: { ...headers, 'content-encoding': 'snappy', 'content-type': 'application/x-protobuf', 'x-prometheus-remote-read-version': '0.1.0' },
    });
    return { status: response.status, type: response.headers.get('content-type'), body: Buffer.from(await response.arrayBuffer()) };
  };
  const both = (queries: readonly Asked[], accepted: readonly number[]) => Promise.all([read(sides.theirs, queries, accepted), read(sides.ours.side, queries, accepted)]);

  /** Series by query, as bytes; Prometheus has them in the order of its storage. */
  const samples = (body: Buffer): string[][] => parts(uncompressSync(body) as Buffer).map((result) => parts(result).map((one) => Buffer.from(one).toString('hex')).sort());

  const named = (name: string) => whole([0, '__name__', name]);
  const asks: Readonly<Record<string, readonly [queries: readonly Asked[], accepted: readonly number[], series: readonly number[]]>> = {
    'floats': [[named('requests_total')], [], [2]],
    'native histograms, with what is known of resets': [[named('native')], [0], [4]],
    'several queries': [[named('requests_total'), named('nothing'), whole([2, '__name__', 'n.*'], [3, 'kind', 'g.+'])], [0, 1], [2, 0, 3]],
    'what is not so': [[whole([1, 'kind', 'custom'], [1, '__name__', 'requests_total'])], [7, 0], [3]],
    'a query that names nothing': [[whole()], [0], [0]],
    'no query': [[], [], []],
  };
  for (const [what, [queries, accepted, counts]] of Object.entries(asks)) {
    it(`answers samples of ${what}`, async () => {
      const [expected, actual] = await both(queries, accepted);
      assert.deepEqual([actual.status, actual.type], [expected.status, expected.type], actual.body.toString());
      assert.deepEqual(samples(actual.body), samples(expected.body));
      assert.deepEqual(samples(actual.body).map((result) => result.length), counts);
    });
  }

  it('refuses matchers that are none', async () => {
    for (const matcher of [[9, 'job', 'api'], [2, 'job', '('], [3, 'job', 'a{2000}']] as const) {
      for (const accepted of [[0], [1]]) {
        const [expected, actual] = await both([whole(matcher)], accepted);
        assert.deepEqual([actual.status, actual.type, actual.body.toString()], [expected.status, expected.type, expected.body.toString()], matcher.join(' '));
        assert.equal(actual.status, 500);
      }
    }
  });
});
