import assert from 'node:assert/strict';
import { compressSync } from 'snappy';
import { difference } from '../../sidebyside/equal-answers.js';
import type { Side } from '../../sidebyside/sides.js';
import type { RawHistogram, RawPoint } from './raw-histograms.js';
import { rawWrite } from './raw-histograms.js';
import { writtenSides } from './written-sides.js';

/** One of integers: 1, 2 and 2 observations in buckets, 1 at zero. */
const int = (changed: RawHistogram = {}): RawHistogram => ({ countInt: 6, sum: 10, schema: 0, zeroThreshold: 0.001, zeroInt: 1, spans: [[0, 2], [1, 1]], deltas: [1, 1, 0], ...changed });
const float = (changed: RawHistogram = {}): RawHistogram => ({ countFloat: 6, sum: 10, schema: 0, zeroThreshold: 0.001, zeroFloat: 1, spans: [[0, 2], [1, 1]], counts: [1, 2, 2], ...changed });
const custom = (changed: RawHistogram = {}): RawHistogram => ({ countInt: 6, sum: 10, schema: -53, spans: [[0, 3]], deltas: [1, 1, 1], bounds: [1, 2], ...changed });
const later = (seconds: number, more: number, changed: RawHistogram = {}): RawHistogram => int({ timeMs: seconds * 1000, countInt: 6 + more, zeroInt: 1 + more, ...changed });
const gone: RawHistogram = { countInt: 0, zeroInt: 0, sum: 'stale', timeMs: 90_000 };

/** What is written under a name, request by request. */
const CASES: Readonly<Record<string, readonly (readonly RawPoint[])[]>> = {
  of_integers: [[int()]], of_floats: [[float()]], below_zero: [[int({ countInt: 9, negativeSpans: [[-1, 2]], negativeDeltas: [1, 1] })]],
  ...Object.fromEntries([-6, -5, -4, -1, 1, 8, 9, 10, 20, 52, 53, -52, 127].map((schema) => [`schema_${schema < 0 ? 'minus_' : ''}${Math.abs(schema)}`, [[int({ schema, spans: [[1, 2], [1, 1]] })]]])),
  finer_than_kept: [[int({ schema: 10, spans: [[-7, 2], [3, 1]], countInt: 9, negativeSpans: [[2, 2]], negativeDeltas: [1, 1] })]], finer_floats: [[float({ schema: 11, spans: [[-7, 2], [3, 1]] })]],
  integers_then_floats: [[int(), float({ timeMs: 120_000, countFloat: 8, counts: [2, 3, 2] })]], floats_then_integers: [[float(), int({ timeMs: 120_000 })]],
  stale: [[int()], [gone]], stale_of_floats: [[float()], [{ countFloat: 0, zeroFloat: 0, sum: 'stale', timeMs: 90_000 }]], stale_with_buckets: [[int()], [int({ sum: 'stale', timeMs: 90_000 })]], stale_for_a_while: [[int()], [gone], [later(100, 1)]],
  same_again: [[int()], [int()]], twice_in_one: [[int(), later(60, 1)]], out_of_order: [[int({ timeMs: 90_000 })], [later(60, -1)]], out_of_order_in_one: [[int({ timeMs: 90_000 }), later(60, -1)]],
  ...Object.fromEntries([1, 2, 3].map((hint) => [`hint_${hint}`, [[int({ hint }), later(90, 2, { hint }), later(100, 1, { hint })]]])), hints_that_change: [[int({ hint: 3 }), later(90, 2)]],
  count_too_low: [[int({ countInt: 5 })]], count_too_high: [[int({ countInt: 7 })]], some_no_numbers: [[int({ countInt: 7, sum: NaN })]], float_count_too_low: [[float({ countFloat: 5 })]], float_count_too_high: [[float({ countFloat: 7 })]], floats_some_no_numbers: [[float({ countFloat: 7, sum: NaN })]],
  bucket_below_zero: [[int({ deltas: [1, -3, 0] })]], float_bucket_below_zero: [[float({ counts: [1, -2, 2] })]], count_below_zero: [[float({ countFloat: -6 })]], zero_count_below_zero: [[float({ zeroFloat: -1 })]],
  count_no_number: [[float({ countFloat: NaN, counts: [NaN, 2, 2] })]], count_infinite: [[float({ countFloat: Infinity, counts: [Infinity, 2, 2] })]],
  spans_too_short: [[int({ spans: [[0, 2]] })]], spans_too_long: [[int({ spans: [[0, 4]] })]], span_backwards: [[int({ spans: [[0, 2], [-1, 1]] })]], span_of_nothing: [[int({ spans: [[0, 2], [0, 0], [1, 1]] })]], spans_below_one: [[int({ spans: [[-5, 2], [1, 1]] })]],
  ...Object.fromEntries([-1, NaN, Infinity, 1.5, 0].map((zeroThreshold, i) => [`threshold_${i}`, [[int({ zeroThreshold })]]])),
  empty_buckets: [[int({ spans: [[0, 4]], deltas: [1, -1, 2, 0] })]], empty: [[{ countInt: 0, zeroInt: 0 }]], empty_of_floats: [[{ countFloat: 0, zeroFloat: 0 }]], without_fields: [[{}]], zero_alone: [[{ countInt: 3, zeroInt: 3, zeroThreshold: 0.5 }]],
  custom: [[custom()]], custom_floats: [[{ countFloat: 6, sum: 10, schema: -53, spans: [[0, 3]], counts: [1, 2, 3], bounds: [1, 2] }]], custom_without_bounds: [[custom({ bounds: [], spans: [[0, 1]], deltas: [6] })]], custom_gap: [[custom({ bounds: [1, 2, 3, 4], spans: [[0, 1], [2, 2]] })]],
  ...Object.fromEntries([[2, 1], [1, 1], [1, Infinity], [1, NaN], [-Infinity, 1], [-Infinity, -Infinity]].map((bounds, i) => [`custom_bounds_${i}`, [[custom({ bounds })]]])),
  custom_too_many: [[custom({ spans: [[0, 4]], deltas: [1, 0, 1, 0] })]], custom_zero: [[custom({ zeroInt: 1, countInt: 7 })]], custom_threshold: [[custom({ zeroThreshold: 0.1 })]], custom_negative: [[custom({ negativeSpans: [[0, 1]], negativeDeltas: [1], countInt: 7 })]],
  custom_backwards: [[custom({ spans: [[-1, 3]] })]], bounds_of_exponential: [[int({ bounds: [1, 2] })]], bounds_that_change: [[custom(), custom({ timeMs: 90_000, bounds: [1, 3], countInt: 9, deltas: [2, 1, 1] })]],
  schema_that_changes: [[int(), later(90, 3, { schema: 1 }), later(100, 13, { schema: -1 })]], threshold_that_changes: [[int(), later(90, 3, { zeroThreshold: 0.5 }), later(100, 13, { zeroThreshold: 0.0001 })]],
  floats_between: [[[60_000, 1], int({ timeMs: 70_000 }), [90_000, 2], int({ timeMs: 100_000 })]], at_one_time: [[[60_000, 1], int()]], older_float: [[int()], [[50_000, 1]]], float_stale: [[int()], [[90_000, 'stale']]], stale_of_float: [[[60_000, 1]], [gone]],
};

const ASKED = ['', '[5m]', 'rate([5m])', 'histogram_quantile(0.9, )', 'sum_over_time([5m])', 'histogram_sum()', 'resets([5m])', 'histogram_stddev()', 'count_values("v", )'];

describe('integration: histograms by remote write beside Prometheus', function histograms() {
  this.timeout(300_000);
  const sides = writtenSides();

  const write = async ({ url }: Side, bytes: Buffer): Promise<string> => {
    const response = await fetch(`${url}/api/v1/write`, { method: 'POST', body: new Uint8Array(compressSync(bytes)), headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' } });
    return `${response.status} ${await response.text()}`;
  };

  for (const [name, requests] of Object.entries(CASES)) {
    it(`takes ${name.replaceAll('_', ' ')}, or refuses it, and answers alike`, async () => {
      for (const points of requests) {
        const bytes = rawWrite(name, points);
        assert.equal(await write(sides.ours, bytes), await write(sides.theirs, bytes));
      }
      for (const asked of ASKED) {
        const query = asked.replace(/^$|(?<=[( ])(?=\))|(?=\[)/, name);
        const params = { query, time: '130', start: '0', end: '200', step: '10' };
        for (const path of query.endsWith(']') ? ['query'] as const : ['query', 'query_range'] as const) {
          const [expected, actual] = await Promise.all([sides.theirs, sides.ours].map((side) => side.query(path, params)));
          assert.ok(expected !== undefined && actual !== undefined);
          assert.equal(difference(expected, actual, false), null, `${path} ${query}`);
        }
      }
    });
  }
});
