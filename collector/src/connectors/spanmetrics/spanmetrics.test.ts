import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { HistogramDataPoint, NumberDataPoint } from '@signalbox/signals/model/metric';
import type { Span } from '@signalbox/signals/model/span';
import { encodeMetrics } from '@signalbox/signals/otlp/protobuf/metrics';
import { span } from '../../receivers/otlp/fixture.test.js';
import { batchOf, connectorOf, countsOf, rowsOf, SECOND, START } from '../fixture.test.js';
import { spanmetrics } from './index.js';

const KINDS = ['SPAN_KIND_UNSPECIFIED', 'SPAN_KIND_INTERNAL', 'SPAN_KIND_SERVER', 'SPAN_KIND_CLIENT', 'SPAN_KIND_PRODUCER', 'SPAN_KIND_CONSUMER'];
const STATUSES = ['STATUS_CODE_UNSET', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR'];
const CALLS = 'traces.span.metrics.calls';
const DURATION = 'traces.span.metrics.duration';
const LABELS = 'service.name=shop span.name=GET / span.kind=SPAN_KIND_SERVER status.code=STATUS_CODE_UNSET';

const get = (change: Partial<Span> = {}): Span => span(1, { name: 'GET /', attributes: [], startNs: START, endNs: START + 50_000_000n, ...change });

const anySpan = fc.record({ service: fc.constantFrom('a', 'b', 'c'), name: fc.constantFrom('x', 'y', 'z'), kind: fc.integer({ min: 0, max: 5 }), status: fc.integer({ min: 0, max: 2 }), ms: fc.integer({ min: -5, max: 20_000 }), region: fc.constantFrom('n', 's', undefined) });
type AnySpan = typeof anySpan extends fc.Arbitrary<infer T> ? T : never;
const toSpan = ({ name, kind, status, ms, region }: AnySpan): Span =>
  get({ name, kind, status: { code: status, message: '' }, startNs: START + 10_000_000n, endNs: START + 10_000_000n + BigInt(ms) * 1_000_000n, attributes: region === undefined ? [] : [{ key: 'region', value: region }] });
const byService = (spans: readonly AnySpan[]): Record<string, Span[]> => {
  const services: Record<string, Span[]> = {};
  for (const each of spans) (services[each.service] ??= []).push(toSpan(each));
  return services;
};

describe('connectors/spanmetrics', () => {
  it('counts and sums as a computation by hand does, whatever the spans', () => {
    fc.assert(fc.property(fc.array(anySpan, { maxLength: 60 }), (spans) => {
      const { connector } = connectorOf(spanmetrics, { dimensions: [{ name: 'region', default: 'none' }], histogram: { unit: 'ms', explicit: { buckets: ['10ms', '100ms', '1s'] } } });
      connector.consume(batchOf(byService(spans), START));
      const expected = new Map<string, { count: number; sum: number; slow: number }>();
      for (const each of spans) {
        const key = `service.name=${each.service} span.name=${each.name} span.kind=${KINDS[each.kind]} status.code=${STATUSES[each.status]} region=${each.region ?? 'none'}`;
        const row = expected.get(key) ?? { count: 0, sum: 0, slow: 0 };
        expected.set(key, { count: row.count + 1, sum: row.sum + Math.max(0, each.ms), slow: row.slow + (each.ms > 1000 ? 1 : 0) });
      }
      const rows = rowsOf(connector.flush(START + SECOND));
      const calls = new Map(rows.filter(({ name }) => name === CALLS).map(({ labels, point }) => [labels, Number((point as NumberDataPoint).value)]));
      assert.deepEqual(calls, new Map([...expected].map(([key, { count }]) => [key, count])));
      for (const { labels, point, unit } of rows.filter(({ name }) => name === DURATION)) {
        const { count, sum, bucketCounts } = point as HistogramDataPoint;
        assert.equal(unit, 'ms');
        assert.deepEqual({ count: Number(count), sum, slow: Number(bucketCounts[3]) }, expected.get(labels));
      }
    }), { numRuns: 200 });
  });

  it('counts each span once over restarts, with the same start times, wherever they come', () => {
    fc.assert(fc.property(fc.array(fc.array(anySpan, { maxLength: 20 }), { maxLength: 8 }), fc.integer({ min: 0, max: 8 }), fc.boolean(), (frames, at, exponential) => {
      const settings = { dimensions: [{ name: 'region' }], histogram: exponential ? { exponential: { max_size: 8 } } : {} };
      const whole = connectorOf(spanmetrics, settings).connector;
      let restarted = connectorOf(spanmetrics, settings).connector;
      frames.forEach((spans, i) => {
        const batch = batchOf(byService(spans), START + BigInt(i) * SECOND, i % 2 === 0 ? 'blue' : 'green');
        whole.consume(batch);
        restarted.consume(batch);
        if (i !== at) return;
        whole.flush(START + BigInt(i) * SECOND);
        restarted.flush(START + BigInt(i) * SECOND);
        const bytes = restarted.state.snapshot();
        restarted = connectorOf(spanmetrics, settings).connector;
        restarted.state.restore(bytes);
      });
      const later = START + 3600n * SECOND;
      const withoutExemplars = (rows: ReturnType<typeof rowsOf>) => rows.map(({ values: _, point, ...row }) => ({ ...row, point: { ...point, exemplars: [] } }));
      assert.deepEqual(withoutExemplars(rowsOf(restarted.flush(later))), withoutExemplars(rowsOf(whole.flush(later))));
    }), { numRuns: 100 });
  });

  it('tells all since the beginning, when it is due', () => {
    const { connector } = connectorOf(spanmetrics, { metrics_flush_interval: '10s' });
    assert.deepEqual(connector.flush(START), []);
    connector.consume(batchOf({ shop: [get(), get()] }, START));
    assert.equal(countsOf(connector.flush(START + SECOND))[`${CALLS}{${LABELS}}`], 2);
    connector.consume(batchOf({ shop: [get()] }, START + 2n * SECOND));
    assert.deepEqual(connector.flush(START + 10n * SECOND), []);
    const rows = rowsOf(connector.flush(START + 11n * SECOND));
    assert.deepEqual(rows.map(({ name, unit, point }) => [name, unit, 'value' in point ? point.value : point.count, point.startNs - START, point.timeNs - START]), [[CALLS, '', 3n, 0n, 11n * SECOND], [DURATION, 's', 3n, 0n, 11n * SECOND]]);
    assert.equal(rows.length, 2);
    assert.equal(countsOf(connector.flush(START + 21n * SECOND))[`${CALLS}{${LABELS}}`], 3, 'again without new spans');
    assert.equal(rowsOf(connector.flush(START)).length, 2, 'a clock put back does not keep them waiting');
  });

  it('tells deltas that join on to one another', () => {
    const { connector } = connectorOf(spanmetrics, { aggregation_temporality: 'AGGREGATION_TEMPORALITY_DELTA', metrics_flush_interval: '1s' });
    connector.consume(batchOf({ shop: [get(), get()] }, START));
    const [first] = rowsOf(connector.flush(START + SECOND));
    connector.consume(batchOf({ shop: [get()] }, START + SECOND));
    const [second] = rowsOf(connector.flush(START + 2n * SECOND));
    assert.deepEqual([first.point, second.point].map((point) => [(point as NumberDataPoint).value, point.startNs - START, point.timeNs - START]), [[2n, 0n, SECOND], [1n, SECOND, 2n * SECOND]]);
    assert.equal(first.values.type === 'sum' && first.values.temporality, 1);
    assert.deepEqual(connector.flush(START + 3n * SECOND), []);
  });

  it('keeps tenants apart', () => {
    const { connector } = connectorOf(spanmetrics);
    connector.consume(batchOf({ shop: [get()] }, START, 'blue'));
    connector.consume(batchOf({ shop: [get(), get()] }, START, 'green'));
    const rows = rowsOf(connector.flush(START + SECOND)).filter(({ name }) => name === CALLS);
    assert.deepEqual(rows.map(({ tenant, point }) => [tenant, (point as NumberDataPoint).value]), [['blue', 1n], ['green', 2n]]);
  });

  it('names spans as exemplars, of each bucket one, the slow ones first, and each once', () => {
    const { connector } = connectorOf(spanmetrics, { exemplars: { max_per_data_point: 2 }, metrics_flush_interval: '1s' });
    const at = (i: number, ms: number): Span => get({ traceId: String(i).repeat(32), spanId: String(i).repeat(16), endNs: START + BigInt(ms) * 1_000_000n });
    connector.consume(batchOf({ shop: [at(1, 1), at(2, 700), at(3, 3000), at(4, 3001)] }, START));
    const exemplars = rowsOf(connector.flush(START + SECOND)).map(({ point }) => ('exemplars' in point ? point.exemplars.map(({ traceId, spanId, value }) => [traceId[0], spanId.length, value]) : []));
    assert.deepEqual(exemplars, [[['3', 16, 1n], ['2', 16, 1n]], [['3', 16, 3], ['2', 16, 0.7]]]);
    assert.ok(rowsOf(connector.flush(START + 2n * SECOND)).every(({ point }) => 'exemplars' in point && point.exemplars.length === 0));
    const { connector: without } = connectorOf(spanmetrics, { exemplars: { enabled: false } });
    without.consume(batchOf({ shop: [at(1, 1)] }, START));
    assert.ok(rowsOf(without.flush(START + SECOND)).every(({ point }) => 'exemplars' in point && point.exemplars.length === 0));
  });

  const dimensions: readonly (readonly [what: string, settings: Record<string, unknown>, series: readonly string[]])[] = [
    ['of the span before the resource, and defaults', { histogram: { disable: true }, dimensions: [{ name: 'host.name' }, { name: 'status' }, { name: 'zone', default: 'z' }, { name: 'absent' }] }, [`${CALLS}{${LABELS} host.name=shop-1 status=200 zone=z}`]],
    ['left out', { histogram: { disable: true }, exclude_dimensions: ['span.name', 'status.code'] }, [`${CALLS}{service.name=shop span.kind=SPAN_KIND_SERVER}`]],
    ['all left out', { histogram: { disable: true }, exclude_dimensions: ['service.name', 'span.name', 'span.kind', 'status.code'] }, [`${CALLS}{}`]],
    ['of one metric alone', { calls_dimensions: [{ name: 'status' }], histogram: { dimensions: [{ name: 'host.name' }] } }, [`${CALLS}{${LABELS} status=200}`, `${DURATION}{${LABELS} host.name=shop-1}`]],
    ['of the scope', { histogram: { disable: true }, include_instrumentation_scope: ['express'] }, [`${CALLS}{${LABELS} span.instrumentation.scope.name=express span.instrumentation.scope.version=1.0}`]],
    ['of another scope', { histogram: { disable: true }, include_instrumentation_scope: ['other'] }, [`${CALLS}{${LABELS}}`]],
    ['with another namespace', { namespace: '', histogram: { disable: true } }, [`calls{${LABELS}}`]],
    ['of events', { histogram: { disable: true }, events: { enabled: true, dimensions: [{ name: 'exception.type' }] } }, [`${CALLS}{${LABELS}}`, `traces.span.metrics.events{${LABELS} exception.type=TypeError}`]],
    ['cut off', { histogram: { disable: true }, max_dimension_length: 16, dimensions: [{ name: 'long' }] }, [`${CALLS}{${LABELS} long=${'x'.repeat(16)}}`]],
  ];
  for (const [what, settings, series] of dimensions) {
    it(`takes dimensions ${what}`, () => {
      const { connector } = connectorOf(spanmetrics, settings);
      connector.consume(batchOf({ shop: [get({ attributes: [{ key: 'status', value: 200n }, { key: 'long', value: 'x'.repeat(50) }], events: [{ timeNs: START, name: 'exception', attributes: [{ key: 'exception.type', value: 'TypeError' }], droppedAttributesCount: 0 }] })] }, START));
      assert.deepEqual(Object.keys(countsOf(connector.flush(START + SECOND))), series);
    });
  }

  it('counts beyond its limit in one series that says so', () => {
    const { connector, metrics } = connectorOf(spanmetrics, { aggregation_cardinality_limit: 2, histogram: { disable: true } });
    connector.consume(batchOf({ shop: ['a', 'b', 'c', 'd', 'a', 'd'].map((name) => get({ name })) }, START));
    const counts = countsOf(connector.flush(START + SECOND));
    assert.equal(counts[`${CALLS}{otel.metric.overflow=true}`], 3);
    assert.deepEqual(Object.values(counts), [2, 1, 3]);
    assert.match(metrics.expose(), /signalbox_spanmetrics_overflown_spans_total\{connector="spanmetrics"\} 3/);
    const again = connectorOf(spanmetrics, { aggregation_cardinality_limit: 2, histogram: { disable: true } }).connector;
    again.state.restore(connector.state.snapshot());
    again.consume(batchOf({ shop: [get({ name: 'e' }), get({ name: 'b' })] }, START));
    assert.deepEqual(Object.values(countsOf(again.flush(START + 60n * SECOND))), [2, 2, 4]);
  });

  it('forgets series that are not seen any more, which then begin anew', () => {
    const { connector } = connectorOf(spanmetrics, { metrics_expiration: '60s', histogram: { disable: true } });
    connector.consume(batchOf({ shop: [get({ name: 'old' }), get()] }, START));
    connector.consume(batchOf({ shop: [get()] }, START + 50n * SECOND));
    assert.deepEqual(Object.values(countsOf(connector.flush(START + 70n * SECOND))), [2]);
    connector.consume(batchOf({ shop: [get({ name: 'old' })] }, START + 71n * SECOND));
    const [, old] = rowsOf(connector.flush(START + 90n * SECOND));
    assert.deepEqual([(old.point as NumberDataPoint).value, old.point.startNs - START], [1n, 71n * SECOND]);
    assert.deepEqual(connector.flush(START + 1000n * SECOND), []);
  });

  it('has resources where they are asked for, by all of their attributes or by some', () => {
    const rows = (settings: Record<string, unknown>): readonly string[] => {
      const { connector } = connectorOf(spanmetrics, { histogram: { disable: true }, ...settings });
      for (const service of ['a', 'b']) connector.consume(batchOf({ [service]: [get()] }, START));
      return rowsOf(connector.flush(START + SECOND)).map(({ resource }) => resource);
    };
    assert.deepEqual(rows({}), ['', '']);
    assert.deepEqual(rows({ add_resource_attributes: true }), ['service.name=a host.name=a-1', 'service.name=b host.name=b-1']);
    assert.deepEqual(rows({ add_resource_attributes: true, resource_metrics_key_attributes: ['zone'] }), ['service.name=a host.name=a-1', 'service.name=a host.name=a-1']);
    assert.deepEqual(rows({ add_resource_attributes: true, resource_metrics_cache_size: 1 }), ['service.name=b host.name=b-1']);
  });

  it('derives frames that are small, however many series there are', () => {
    const { connector } = connectorOf(spanmetrics, { dimensions: [{ name: 'id' }], max_dimension_length: 4096 });
    const long = 'ü'.repeat(3000);
    connector.consume(batchOf({ shop: Array.from({ length: 2000 }, (_, i) => get({ attributes: [{ key: 'id', value: `${i}${long}` }] })) }, START));
    const derived = connector.flush(START + SECOND);
    assert.ok(derived.length > 2);
    for (const { data } of derived) assert.ok(data.signal === 'metrics' && encodeMetrics(data.metrics).length < 5 * 2 ** 20);
    assert.equal(rowsOf(derived).length, 4000);
  });

  it('begins anew what a change of the settings concerns, and only that', () => {
    const settings = { calls_dimensions: [{ name: 'status' }] };
    const { connector } = connectorOf(spanmetrics, settings);
    connector.consume(batchOf({ shop: [get()] }, START));
    const { connector: changed, lines } = connectorOf(spanmetrics, { ...settings, histogram: { unit: 'ms' } });
    changed.state.restore(connector.state.snapshot());
    changed.consume(batchOf({ shop: [get()] }, START));
    assert.deepEqual(Object.values(countsOf(changed.flush(START + SECOND))), [2, 1]);
    assert.match(lines.join(''), /settings of span metrics have changed/);
    assert.throws(() => changed.state.restore(Buffer.from([9, 1])), /version 9, known is 1/);
    assert.throws(() => changed.state.restore(new Uint8Array(0)), /version none/);
  });

  const mistakes: readonly (readonly [settings: Record<string, unknown>, message: RegExp])[] = [
    [{ histogram: { explicit: {}, exponential: {} } }, /either explicit or exponential/],
    [{ histogram: { explicit: { buckets: ['2s', '1s'] } } }, /must rise/],
    [{ dimensions: [{ name: 'span.name' }] }, /has the dimension 'span.name' already/],
    [{ dimensions: [{ name: 'a' }], calls_dimensions: [{ name: 'a' }] }, /'a' stands twice/],
    [{ events: { enabled: true } }, /at least one dimension/],
    [{ exclude_dimensions: ['span.nam'] }, /span\.name/],
    [{ metrics_flush_intervall: '1s' }, /unknown key.*metrics_flush_interval/],
  ];
  for (const [settings, message] of mistakes) {
    it(`says what is wrong with ${JSON.stringify(settings)}`, () => assert.throws(() => connectorOf(spanmetrics, settings), message));
  }
});
