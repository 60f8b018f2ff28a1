import { strict as assert } from 'node:assert';
import { detachedPlace } from '../../config/place.js';
import type { Processor } from '../../component.js';
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
