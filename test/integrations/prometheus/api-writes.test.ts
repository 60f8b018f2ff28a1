import assert from 'node:assert/strict';
import { Writer } from '@signalbox/signals/otlp/protobuf/writer';
import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import { compressSync } from 'snappy';
import { difference } from '../../sidebyside/equal-answers.js';
import { startWholePrometheus } from '../../sidebyside/prometheus.js';
import { Side } from '../../sidebyside/sides.js';
import { eventually } from '../eventually.js';
import { writtenSides } from './written-sides.js';

type Bytes = string | Buffer;

interface RawSeries {
  readonly labels: readonly (readonly [name: Bytes, value: Bytes])[];
  /** A value by its bits where it is a bigint. */
  readonly samples: readonly (readonly [timeMs: number, value: number | bigint])[];
}

/** A remote write 1.0 as it stands, nothing put in order. */
function body(...all: readonly RawSeries[]): Buffer {
  const writer = new Writer();
  for (const { labels, samples } of all.toReversed()) {
    const end = writer.mark();
    for (const [timeMs, value] of samples.toReversed()) {
      const sampleEnd = writer.mark();
      writer.setInt64(0x10, BigInt(timeMs));
      if (typeof value === 'bigint') writer.setFixed64(0x09, value);
      else writer.setDouble(0x09, value);
      writer.message(0x12, sampleEnd);
    }
    for (const [name, value] of labels.toReversed()) {
      const labelEnd = writer.mark();
      writer.setBytes(0x12, Buffer.from(value));
      writer.setBytes(0x0a, Buffer.from(name));
      writer.message(0x0a, labelEnd);
    }
    writer.message(0x0a, end);
  }
  return Buffer.from(writer.finish());
}

const one = (name: string, ...samples: RawSeries['samples']): RawSeries => ({ labels: [['__name__', name]], samples });
const labelled = (name: string, ...labels: RawSeries['labels']): RawSeries => ({ labels: [['__name__', name], ...labels], samples: [[60_000, 1]] });

/** Quiet, negative, signalling, with other bits; and Prometheus' own for stale. */
const NANS = { quiet: 0x7ff8000000000001n, plain: 0x7ff8000000000000n, negative: 0xfff8000000000000n, signalling: 0x7ff0000000000001n, full: 0x7fffffffffffffffn, near_stale: 0x7ff0000000000003n, stale: 0x7ff0000000000002n } as const;

interface Case {
  readonly what: string;
  readonly bodies: readonly Buffer[];
  /** What is asked afterwards, at two minutes. */
  readonly query: string;
}

const CASES: readonly Case[] = [
  { what: 'labels in no order', bodies: [body({ labels: [['z', '1'], ['__name__', 'unsorted'], ['a', '2']], samples: [[60_000, 1]] })], query: 'unsorted' },
  { what: 'a label twice', bodies: [body(labelled('twice', ['a', '1'], ['a', '2']), labelled('twice_beside'))], query: '{__name__=~"twice.*"}' },
  { what: 'a label twice with one value', bodies: [body(labelled('same_twice', ['a', '1'], ['a', '1']))], query: 'same_twice' },
  { what: 'two names', bodies: [body({ labels: [['__name__', 'name_a'], ['__name__', 'name_b']], samples: [[60_000, 1]] })], query: '{__name__=~"name_[ab]"}' },
  { what: 'no name', bodies: [body({ labels: [['job', 'nameless']], samples: [[60_000, 1]] })], query: '{job="nameless"}' },
  { what: 'no labels', bodies: [body({ labels: [], samples: [[60_000, 1]] }, one('beside_none', [60_000, 1]))], query: 'beside_none' },
  { what: 'an empty value', bodies: [body(labelled('empty_value', ['a', ''], ['b', '1']))], query: 'empty_value' },
  { what: 'an empty label name', bodies: [body(labelled('empty_name', ['', '1']))], query: 'empty_name' },
  { what: 'labels of other alphabets', bodies: [body(labelled('żółw.日本', ['ключ', '値 "\n\\']))], query: '{"żółw.日本"}' },
  { what: 'text that is not UTF-8', bodies: [body(labelled('broken_text', ['a', Buffer.from([0xff, 0xfe])]), labelled('beside_broken'))], query: '{__name__=~"broken_text|beside_broken"}' },
  { what: 'a value of a megabyte', bodies: [body(labelled('gigantic', ['a', 'v'.repeat(1 << 20)]))], query: 'count by (b) (gigantic)' },
  { what: 'a thousand labels', bodies: [body(labelled('labelled', ...Array.from({ length: 1000 }, (_, i) => [`l${String(i).padStart(4, '0')}`, 'x'] as const)))], query: 'labelled' },
  { what: 'samples in no order', bodies: [body(one('disorder', [90_000, 3], [30_000, 1], [60_000, 2]))], query: 'disorder[2m]' },
  { what: 'samples in no order, request by request', bodies: [90_000, 30_000, 60_000, 0].map((timeMs) => body(one('late', [timeMs, timeMs]))), query: 'late[3m]' },
  { what: 'a sample that came already', bodies: [body(one('again', [60_000, 1])), body(one('again', [60_000, 1]))], query: 'again[2m]' },
  { what: 'the first times of 1970', bodies: [body(one('early', [0, 2], [1, 3], [2, 5]))], query: 'early[3m]' },
  { what: 'infinities and the ends of what a number can be', bodies: [body(one('ends', [10_000, Infinity], [20_000, -Infinity], [30_000, Number.MAX_VALUE], [40_000, 5e-324], [50_000, -0]))], query: 'ends[2m]' },
  ...Object.entries(NANS).map(([kind, bits]): Case => ({ what: `NaN, ${kind}`, bodies: [body(one(`nan_${kind}`, [60_000, 1], [90_000, bits]))], query: `nan_${kind} or last_over_time(nan_${kind}[2m]) or count_over_time(nan_${kind}[2m])` })),
  { what: 'no samples', bodies: [body({ labels: [['__name__', 'sampleless']], samples: [] })], query: 'sampleless' },
];

describe('integration: remote writes of every kind beside Prometheus', function writes() {
  this.timeout(180_000);
  const sides = writtenSides({ args: ['--web.enable-otlp-receiver'] });

  const write = async ({ url }: Side, bytes: Buffer): Promise<{ status: number; text: string }> => {
    const response = await fetch(`${url}/api/v1/write`, { method: 'POST', body: new Uint8Array(compressSync(bytes)), headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy', 'x-prometheus-remote-write-version': '0.1.0' } });
    return { status: response.status, text: await response.text() };
  };

  for (const { what, bodies, query } of CASES) {
    it(`takes ${what}, or refuses it, and answers alike`, async () => {
      for (const bytes of bodies) assert.deepEqual(await write(sides.ours, bytes), await write(sides.theirs, bytes));
      const params = { query, time: '120' };
      const [expected, actual] = await Promise.all([sides.theirs.query('query', params), sides.ours.query('query', params)]);
      assert.equal(difference(expected, actual, false), null);
    });
  }

  it('takes OTLP where a Prometheus takes it, with exemplars that lead to traces', async () => {
    const attributes = [{ key: 'http.route', value: { stringValue: '/a' } }];
    const exemplar = (asDouble: number, second: number) => ({ asDouble, timeUnixNano: `${second}000000000`, traceId: `0af7651916cd43dd8448eb211c8031${10 + second}`, spanId: `b7ad6b71692033${10 + second}`, filteredAttributes: [{ key: 'user.id', value: { stringValue: 'u' } }] });
    const point = { timeUnixNano: '60000000000', startTimeUnixNano: '1000000000', attributes };
    const metrics = [
      { name: 'otlp.requests', unit: 's', sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: [{ ...point, asInt: '7', exemplars: [exemplar(1, 20)] }] } },
      { name: 'otlp.latency', unit: 's', histogram: { aggregationTemporality: 2, dataPoints: [{ ...point, count: '3', sum: 4.5, bucketCounts: ['1', '1', '1'], explicitBounds: [0.5, 2], exemplars: [exemplar(0.25, 10), exemplar(1.5, 20), exemplar(3, 30)] }] } },
    ];
    const sent = JSON.stringify({ resourceMetrics: [{ resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }, { key: 'service.instance.id', value: { stringValue: 'i' } }] }, scopeMetrics: [{ metrics }] }] });
    const send = async ({ url }: Side, text: string): Promise<number> => (await fetch(`${url}/api/v1/otlp/v1/metrics`, { method: 'POST', body: text, headers: { 'content-type': 'application/json' } })).status;
    for (const text of [sent, '{']) assert.equal(await send(sides.ours, text), await send(sides.theirs, text));
    const params = { query: '{__name__=~"otlp.*|target_info"}', time: '120' };
    const [expected, actual] = await Promise.all([sides.theirs.query('query', params), sides.ours.query('query', params)]);
    assert.equal(difference(expected, actual, false), null);
    assert.equal((expected.data as { result: unknown[] }).result.length, 6);
    for (const [query, series] of [['rate(otlp_requests_seconds_total[5m])', 1], ['histogram_quantile(0.9, otlp_latency_seconds_bucket)', 3], ['otlp_latency_seconds_bucket{le="0.5"} / otlp_requests_seconds_total', 2], ['otlp_latency_seconds_bucket{le="7"}', 0]] as const) {
      const found = await Promise.all([sides.theirs, sides.ours].map(async (side) => {
        const { data } = JSON.parse((await side.ask('api/v1/query_exemplars', { query, start: '0', end: '100' })).text) as { data: { seriesLabels: object }[] };
        return data.map((one) => [JSON.stringify(Object.entries(one.seriesLabels).sort()), one]).sort(([x], [y]) => (String(x) < String(y) ? -1 : 1));
      }));
      assert.deepEqual(found[1], found[0], query);
      assert.equal(found[0]?.length, series, query);
    }
  });

  it('answers what a Prometheus answers that remote-writes into us', async () => {
    const writing = await startWholePrometheus({ config: `global: {scrape_interval: 1h}\nremote_write:\n- {url: '${sides.ours.url}/api/v1/write', protobuf_message: io.prometheus.write.v2.Request, send_native_histograms: true, queue_config: {batch_send_deadline: 100ms}}\n` });
    try {
      const source = new Side('writing', writing.url);
      // It sends what is later than its own start.
      const from = Math.ceil(Date.now() / 1000) * 1000 + 1000;
      const histogram: NativeHistogram = { schema: 1, zeroThreshold: 1e-9, zeroCount: 1, count: 4, sum: 5, positive: { offsets: Int32Array.of(0, 3), counts: Float64Array.of(1, 2) }, negative: { offsets: new Int32Array(), counts: new Float64Array() }, customBounds: null, counterReset: 'unknown' };
      for (let i = 0; i < 10; i++) {
        await source.write([
          { labels: [['__name__', 'forwarded_total'], ['job', 'żółw']], points: [{ timeMs: from + i * 1000, value: i === 7 ? 'stale' : i }] },
          { labels: [['__name__', 'forwarded_native'], ['job', 'x']], points: [{ timeMs: from + i * 1000, value: histogram }] },
        ]);
      }
      for (const query of ['forwarded_total[1m]', 'forwarded_native[1m]', 'increase(forwarded_total[8s])']) {
        const params = { query, time: String(from / 1000 + 9) };
        const expected = await source.query('query', params);
        assert.equal((expected.data as { result: unknown[] }).result.length, 1, query);
        await eventually(async () => { assert.equal(difference(expected, await sides.ours.query('query', params), false), null, query); }, 60_000);
      }
    } finally {
      await writing.kill();
    }
  });

  it('refuses what was before 1970 as a Prometheus refuses what is too old', async () => {
    assert.deepEqual(await write(sides.ours, body(one('ancient', [-1, 1]))), { status: 400, text: 'out of bounds\n' });
  });

  it('keeps the first of two samples at one time', async () => {
    for (const value of [1, 2]) await write(sides.ours, body(one('rival', [60_000, value])));
    await write(sides.theirs, body(one('rival', [60_000, 1])));
    // A Prometheus refuses the second; here what is on disk already is acknowledged, and the ledger counts it as dropped.
    assert.equal((await write(sides.theirs, body(one('rival', [60_000, 2])))).status, 400);
    const [expected, actual] = await Promise.all([sides.theirs, sides.ours].map((side) => side.query('query', { query: 'rival[2m]', time: '120' })));
    assert.ok(expected !== undefined && actual !== undefined);
    assert.equal(difference(expected, actual, false), null);
  });
});
