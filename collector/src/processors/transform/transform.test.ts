import { strict as assert } from 'node:assert';
import type { HistogramDataPoint, NumberDataPoint } from '@signalbox/signals/model/metric';
import { detachedPlace } from '../../config/place.js';
import type { Batch, Processor } from '../../component.js';
import { batchOf, testContext } from '../../exporters/testing/context.js';
import { attributes, frozen, log, logs, logsOf, metric, metrics, metricsOf, plain, point, span, spansOf, traces } from '../editing/fixture.test.js';
import { transform } from './index.js';

const make = (raw: unknown): Processor => transform.create(transform.parseConfig(raw, detachedPlace('test')), testContext());

describe('processors/transform', () => {
  it('runs flat and grouped statements in order, and leaves what it was given as it was', () => {
    const processor = make({
      error_mode: 'ignore',
      trace_statements: [
        'set(span.attributes["first"], 1)',
        { context: 'resource', statements: ['set(attributes["env"], "prod")', 'keep_keys(attributes, ["env"])'] },
        { context: 'span', conditions: ['kind == SPAN_KIND_SERVER', 'name == "x"'], statements: ['set(attributes["server"], true)', 'set(status.code, STATUS_CODE_ERROR) where attributes["first"] == 1'] },
        { statements: ['set(span.attributes["env"], resource.attributes["env"])'] },
        { context: 'spanevent', statements: ['set(attributes["i"], event_index)', 'set(span.attributes["events"], Len(span.events))'] },
      ],
    });
    const events = [{ timeNs: 1n, name: 'a', attributes: [], droppedAttributesCount: 0 }];
    const batch = frozen(batchOf('default', traces([span({ events }), span({ kind: 3 })])));
    const { batch: left, dropped } = processor.process(batch);
    const [first, second] = spansOf(left);
    assert.deepEqual(plain(first.attributes), { first: 1n, server: true, env: 'prod', events: 1n });
    assert.deepEqual(plain(second.attributes), { first: 1n, env: 'prod' });
    assert.deepEqual([first.status.code, second.status.code, plain(first.events[0].attributes), dropped], [2, 0, { i: 0n }, []]);
    assert.ok(left.parts[0].data.signal === 'traces');
    assert.deepEqual(plain(left.parts[0].data.traces.resourceSpans[0].resource!.attributes), { env: 'prod' });
  });

  it('lets plain statements of one context share the cache', () => {
    const { batch } = make({ trace_statements: ['set(span.cache["n"], span.name)', 'set(span.attributes["n"], span.cache["n"])'] }).process(batchOf('default', traces([span(), span({ name: 'b' })])));
    assert.deepEqual(spansOf(batch).map((each) => plain(each.attributes)), [{ n: 'GET /' }, { n: 'b' }]);
  });

  it('passes on what no statement changes', () => {
    const batch = frozen(batchOf('default', traces([span(), span({ attributes: attributes({ a: 'b' }) })])));
    assert.equal(make({ trace_statements: ['set(span.name, "x") where span.name == "y"', 'set(span.attributes["a"], "b") where span.attributes["a"] != nil'] }).process(batch).batch, batch);
  });

  it('reads logs and changes metrics', () => {
    const { batch: left } = make({ log_statements: [{ context: 'log', statements: ['set(cache, ParseJSON(body))', 'set(severity_text, cache["level"])', 'set(body, cache["msg"])'] }] }).process(frozen(batchOf('default', logs([log({ body: '{"level":"WARN","msg":"m"}' })]))));
    assert.deepEqual(logsOf(left).map(({ severityText, body }) => [severityText, body]), [['WARN', 'm']]);
    const { batch: changed } = make({ metric_statements: ['set(metric.unit, "By") where metric.name == "m"', 'set(datapoint.value_int, datapoint.value_int * 1024)', 'set(datapoint.attributes["n"], metric.name)'] })
      .process(frozen(batchOf('default', metrics([metric('m', { type: 'sum', monotonic: true, temporality: 2, dataPoints: [point({ value: 2n })] })]))));
    const [{ unit, values }] = metricsOf(changed);
    assert.ok(values.type === 'sum');
    assert.deepEqual([unit, values.dataPoints[0].value, plain(values.dataPoints[0].attributes)], ['By', 2048n, { n: 'm' }]);
  });

  it('makes gauges of sums and sums of gauges, and leaves other metrics alone', () => {
    const gauge = metric('g', { type: 'gauge', dataPoints: [point({ value: 1n }), point({ value: 2n })] });
    const sum = metric('s', { type: 'sum', monotonic: true, temporality: 2, dataPoints: [point({ value: 3n })] });
    const bare = metric('n', { type: 'none' });
    const convert = (...statements: string[]): unknown[] => {
      const { batch } = make({ metric_statements: [{ context: 'metric', statements }] }).process(frozen(batchOf('default', metrics([gauge, sum, bare]))));
      return metricsOf(batch).map(({ values }) => (values.type === 'sum' ? [values.temporality, values.monotonic, values.dataPoints.length] : values.type));
    };
    assert.deepEqual(convert('convert_sum_to_gauge() where name == "s" or name == "n"'), ['gauge', 'gauge', 'none']);
    assert.deepEqual(convert('convert_gauge_to_sum("delta", false)'), [[1, false, 2], [2, true, 1], 'none']);
    assert.deepEqual(convert('convert_gauge_to_sum("cumulative", true)', 'convert_sum_to_gauge() where metadata["x"] == nil'), ['gauge', 'gauge', 'none']);
    assert.throws(() => convert('convert_gauge_to_sum("none", true)'), /cumulative or delta, not 'none'/);
  });

  const histogram = (more: Partial<HistogramDataPoint> = {}): HistogramDataPoint => ({ attributes: [], startNs: 0n, timeNs: 5n, flags: 0, count: 10n, sum: 4, min: 0.25, max: 3, bucketCounts: [5n, 3n, 2n], explicitBounds: [0.5, 1], exemplars: [], ...more });
  const changed = (list: Parameters<typeof metrics>[0], ...statements: string[]) => make({ metric_statements: statements }).process(frozen(batchOf('default', metrics(list))));
  const exemplar = { filteredAttributes: [], timeNs: 4n, value: 0.5, spanId: '', traceId: '' };

  it('scales every value of a metric, and names the unit', () => {
    const list = [
      metric('g', { type: 'gauge', dataPoints: [point({ value: 5n }), point({ value: 1.5, exemplars: [exemplar] }), point({ value: null })] }, { unit: 's' }),
      metric('h', { type: 'histogram', temporality: 2, dataPoints: [histogram(), histogram({ sum: null, min: null, max: null })] }, { unit: 's' }),
      metric('u', { type: 'summary', dataPoints: [{ attributes: [], startNs: 0n, timeNs: 1n, flags: 0, count: 3n, sum: 2, quantileValues: [{ quantile: 0.5, value: 0.1 }] }] }),
      metric('n', { type: 'none' }),
    ];
    const [g, h, u] = metricsOf(changed(list, 'scale_metric(0.5, "x") where metric.unit == "s"', 'scale_metric(10) where metric.name == "u"').batch);
    assert.ok(g.values.type === 'gauge' && h.values.type === 'histogram' && u.values.type === 'summary');
    assert.deepEqual([g.unit, g.values.dataPoints.map(({ value }) => value), g.values.dataPoints[1].exemplars[0].value], ['x', [2n, 0.75, null], 0.25]);
    assert.deepEqual([h.unit, ...h.values.dataPoints.map(({ sum, min, max, explicitBounds, bucketCounts, count }) => ({ sum, min, max, explicitBounds, bucketCounts, count }))], ['x', { sum: 2, min: 0.125, max: 1.5, explicitBounds: [0.25, 0.5], bucketCounts: [5n, 3n, 2n], count: 10n }, { sum: null, min: null, max: null, explicitBounds: [0.25, 0.5], bucketCounts: [5n, 3n, 2n], count: 10n }]);
    assert.deepEqual([u.unit, u.values.dataPoints[0].sum, u.values.dataPoints[0].quantileValues, u.values.dataPoints[0].count], ['', 20, [{ quantile: 0.5, value: 1 }], 3n]);
    const exponential = metric('e', { type: 'exponentialHistogram', temporality: 1, dataPoints: [{ ...histogram(), scale: 0, zeroCount: 0n, zeroThreshold: 0, positive: null, negative: null }] });
    for (const [one, statement] of [[exponential, 'scale_metric(2)'], [list[1], 'scale_metric(-1)'], [metric('i', { type: 'gauge', dataPoints: [point({ value: 2n ** 62n })] }), 'scale_metric(4)']] as const) {
      assert.deepEqual(changed([one], statement).dropped.map(({ reason }) => reason), ['processor_error'], statement);
    }
    assert.throws(() => changed(list, 'scale_metric(metric.unit)'), /expected int or float|written out/);
    assert.throws(() => changed(list, 'scale_metric(2) where datapoint.flags == 0'), /both metric and datapoint|works on a metric/);
    assert.throws(() => make({ log_statements: ['scale_metric(2)'] }), /'scale_metric' has no place here/);
    assert.throws(() => make({ metric_statements: [{ context: 'datapoint', statements: ['scale_metric(2)'] }] }), /scale_metric works on a metric, and the statement is about a datapoint/);
  });

  it('aggregates points that become alike, and accounts for those that go', () => {
    const of = (host: string, path: string, value: bigint | number | null, more: Partial<NumberDataPoint> = {}): NumberDataPoint => point({ attributes: attributes({ host, path }), startNs: 3n, value, ...more });
    const sum = (dataPoints: readonly NumberDataPoint[], temporality = 2) => metric('s', { type: 'sum', temporality, monotonic: true, dataPoints });
    const shown = (batch: Batch): unknown[] => metricsOf(batch).flatMap(({ values }) => (values.type === 'sum' ? values.dataPoints.map(({ attributes: list, value, startNs }) => [plain(list), value, startNs]) : []));
    const points = [of('a', '/', 1n), of('b', '/', 4n, { startNs: 2n, exemplars: [exemplar] }), of('a', '/x', 7n), of('b', '/', 5n, { timeNs: 9n }), of('a', '/', null)];
    const both = changed([sum(points)], 'aggregate_on_attributes("sum", ["path"])');
    assert.deepEqual(shown(both.batch), [[{ path: '/' }, 5n, 2n], [{ path: '/x' }, 7n, 3n], [{ path: '/' }, 5n, 3n], [{ path: '/' }, null, 3n]]);
    assert.deepEqual([both.dropped, both.batch.items, [...both.batch.parts[0].ordinals]], [[{ reason: 'aggregated', items: 1 }], 4, [0, 2, 3, 4]]);
    for (const [name, ints, floats] of [['sum', 12n, 12.5], ['max', 7n, 7], ['min', 1n, 1.5], ['mean', 4n, 12.5 / 3], ['median', 4n, 4], ['count', 3n, 3]] as const) {
      assert.deepEqual(shown(changed([sum(points.slice(0, 3))], `aggregate_on_attributes("${name}", [])`).batch), [[{}, ints, 2n]], name);
      assert.deepEqual(shown(changed([sum([of('a', '/', 1.5), of('b', '/', 4n), of('c', '/', 7)])], `aggregate_on_attributes("${name}", [])`).batch), [[{}, floats, 3n]], name);
    }
    assert.deepEqual(shown(changed([sum([of('a', '/', 1n), of('b', '/', 4n)])], 'aggregate_on_attributes("median", [])').batch), [[{}, 2n, 3n]]);
    // Of deltas those of one interval alone.
    assert.deepEqual(shown(changed([sum(points.slice(0, 2), 1)], 'aggregate_on_attributes("sum", ["path"])').batch), [[{ path: '/' }, 1n, 3n], [{ path: '/' }, 4n, 2n]]);
    const renamed = changed([sum([of('a', '/', 1n), of('b', '/', 2n), of('c', '/', 4n)])], 'aggregate_on_attribute_value("sum", "host", ["a", "c"], "ac")', 'aggregate_on_attributes("sum", ["path"]) where metric.name == "other"', 'set(datapoint.attributes["n"], 1)', 'aggregate_on_attributes("count")');
    assert.deepEqual(shown(renamed.batch), [[{ host: 'ac', path: '/', n: 1n }, 1n, 3n], [{ host: 'b', path: '/', n: 1n }, 1n, 3n]]);
    assert.deepEqual(renamed.dropped, [{ reason: 'aggregated', items: 1 }]);
    const again = changed([sum(points.slice(0, 3))], 'aggregate_on_attributes("sum", ["path"])', 'aggregate_on_attributes("sum", [])', 'scale_metric(2)');
    assert.deepEqual([shown(again.batch), again.dropped], [[[{}, 24n, 2n]], [{ reason: 'aggregated', items: 2 }]]);
    const untouched = frozen(batchOf('default', metrics([sum([of('a', '/', 1n)])])));
    assert.equal(make({ metric_statements: ['aggregate_on_attributes("sum")'] }).process(untouched).batch, untouched);
    assert.throws(() => changed([], 'aggregate_on_attributes("avg")'), /one of sum, max, min, mean, median, count, not 'avg'/);
  });

  it('aggregates histograms bucket by bucket', () => {
    const on = (host: string, more: Partial<HistogramDataPoint> = {}) => histogram({ attributes: attributes({ host }), ...more });
    const explicit = changed([metric('h', { type: 'histogram', temporality: 2, dataPoints: [on('a'), on('b', { min: 0.125, max: 9 }), on('c', { explicitBounds: [1, 2] }), on('d', { count: 0n, min: 0, max: 0, sum: 0, bucketCounts: [0n, 0n, 0n] })] })], 'aggregate_on_attributes("sum", [])');
    const [{ values }] = metricsOf(explicit.batch);
    assert.ok(values.type === 'histogram');
    assert.deepEqual(values.dataPoints.map(({ count, sum, min, max, bucketCounts, explicitBounds }) => [count, sum, min, max, bucketCounts, explicitBounds]), [[20n, 8, 0.125, 9, [10n, 6n, 4n], [0.5, 1]], [10n, 4, 0.25, 3, [5n, 3n, 2n], [1, 2]]]);
    assert.deepEqual(explicit.dropped, [{ reason: 'aggregated', items: 2 }]);
    const { bucketCounts: _counts, explicitBounds: _bounds, ...rest } = histogram();
    const exponential = (host: string, offset: number, bucketCounts: readonly bigint[], scale = 2) => ({ ...rest, attributes: attributes({ host }), scale, zeroCount: 1n, zeroThreshold: 0, positive: { offset, bucketCounts }, negative: null });
    const merged = changed([metric('e', { type: 'exponentialHistogram', temporality: 1, dataPoints: [exponential('a', 2, [1n, 2n]), exponential('b', -1, [4n, 0n, 0n, 5n]), exponential('c', 0, [1n], 3)] })], 'aggregate_on_attributes("sum", [])');
    const [{ values: made }] = metricsOf(merged.batch);
    assert.ok(made.type === 'exponentialHistogram');
    assert.deepEqual(made.dataPoints.map(({ count, zeroCount, scale, positive, negative }) => [count, zeroCount, scale, positive, negative]), [[20n, 2n, 2, { offset: -1, bucketCounts: [4n, 0n, 0n, 6n, 2n] }, null], [10n, 1n, 3, { offset: 0, bucketCounts: [1n] }, null]]);
    const summary = metric('u', { type: 'summary', dataPoints: [{ attributes: [], startNs: 0n, timeNs: 1n, flags: 0, count: 3n, sum: 2, quantileValues: [] }] });
    assert.deepEqual(changed([summary], 'aggregate_on_attributes("sum")').dropped, [{ reason: 'processor_error', items: 1 }]);
    assert.deepEqual(changed([metric('h', { type: 'histogram', temporality: 2, dataPoints: [on('a')] })], 'aggregate_on_attributes("max")').dropped, [{ reason: 'processor_error', items: 1 }]);
  });

  it('merges buckets of histograms, by their bound or down to a number', () => {
    const bounds = [0.1, 0.2, 0.5, 1, 2.5, 5, 10, 30];
    const counts = [80n, 4n, 6n, 120n, 3n, 2n, 40n, 10n, 1n];
    const left = (statement: string, more: Partial<HistogramDataPoint> = {}): unknown => {
      const [{ values }] = metricsOf(changed([metric('h', { type: 'histogram', temporality: 2, dataPoints: [histogram({ explicitBounds: bounds, bucketCounts: counts, ...more })] })], statement).batch);
      assert.ok(values.type === 'histogram');
      return [values.dataPoints[0].explicitBounds, values.dataPoints[0].bucketCounts];
    };
    assert.deepEqual(left('merge_histogram_buckets(0.5) where metric.name == "h"', { explicitBounds: [0.1, 0.5, 1], bucketCounts: [5n, 8n, 3n, 1n] }), [[0.1, 1], [5n, 11n, 1n]]);
    assert.deepEqual(left('merge_histogram_buckets(0.7)'), [bounds, counts]);
    assert.deepEqual(left('merge_histogram_buckets(5, method="limit_buckets")'), [[0.2, 1, 5, 30], [84n, 126n, 5n, 50n, 1n]]);
    assert.deepEqual(left('merge_histogram_buckets(4, "limit_buckets")'), [[0.5, 5], [90n, 125n, 51n]]);
    assert.deepEqual(left('merge_histogram_buckets(1, "limit_buckets")'), [[], [266n]]);
    assert.deepEqual(left('merge_histogram_buckets(9, "limit_buckets")'), [bounds, counts]);
    assert.deepEqual(left('merge_histogram_buckets(datapoint.count, "limit_buckets")', { count: 2n }), [[2.5], [213n, 53n]]);
    for (const odd of [{ bucketCounts: [1n, 2n] }, { explicitBounds: [], bucketCounts: [] }]) assert.deepEqual(left('merge_histogram_buckets(0.1)', odd), [odd.explicitBounds ?? bounds, odd.bucketCounts]);
    assert.throws(() => left('merge_histogram_buckets(0, "limit_buckets")'), /a whole one from 1 on, not 0/);
    assert.throws(() => left('merge_histogram_buckets(1, "halve")'), /one of remove_explicit_bound, limit_buckets/);
    assert.deepEqual(changed([metric('g', { type: 'gauge', dataPoints: [point()] })], 'merge_histogram_buckets(1)').dropped, []);
  });

  it('does with failing statements what error_mode says, for one item or for a group of statements', () => {
    const statements = [{ context: 'log', statements: ['set(attributes["j"], ParseJSON(body))', 'set(attributes["after"], true)'] }];
    const batch = frozen(batchOf('default', logs([log({ body: '{}' }), log({ body: 'no json' })])));
    const after = (processor: Processor): unknown[] => logsOf(processor.process(batch).batch).map((record) => plain(record.attributes)['after']);
    assert.deepEqual(after(make({ error_mode: 'ignore', log_statements: statements })), [true, true]);
    const { batch: left, dropped } = make({ log_statements: statements }).process(batch);
    assert.deepEqual([logsOf(left).length, [...left.parts[0].ordinals], dropped], [1, [0], [{ reason: 'processor_error', items: 1 }]]);
    assert.deepEqual(after(make({ log_statements: [{ ...statements[0], error_mode: 'silent' }] })), [true, true]);
  });

  it('names mistakes with their place', () => {
    const mistakes = (raw: unknown): string => {
      try {
        transform.parseConfig(raw, detachedPlace('test'));
        return 'none';
      } catch (error) {
        return String(error);
      }
    };
    assert.match(mistakes({ trace_statements: ['set(name, "x")'] }), /trace_statements\[0\]: A path begins with the name of its context/);
    assert.match(mistakes({ trace_statements: [{ context: 'log', statements: [] }] }), /no context 'log' here; known: resource, scope, span, spanevent/);
    assert.match(mistakes({ log_statements: [{ context: 'log', conditions: ['bdy == 1'], statements: ['set(body, "x")', 'set(bdy, 1)'] }] }), /conditions\[0\]: log has no field 'bdy'[\s\S]*statements\[1\]: log has no field 'bdy'[\s\S]*Did you mean 'body'/);
    assert.match(mistakes({ log_statements: 'set(log.body, 1)' }), /log_statements: expected a list/);
    assert.match(mistakes({ log_statements: [{ statement: [] }] }), /log_statements\[0\]/);
  });
});
