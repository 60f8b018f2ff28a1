import { strict as assert } from 'node:assert';
import { ConfigError } from '../../config/error.js';
import { detachedPlace } from '../../config/place.js';
import { readDocument } from '../../config/document/document.js';
import type { Batch, Processor } from '../../component.js';
import { batchOf, testContext } from '../../exporters/testing/context.js';
import { attributes, frozen, log, logs, logsOf, metric, metrics, metricsOf, point, span, spansOf, traces } from '../editing/fixture.test.js';
import { filter } from './index.js';

const make = (raw: unknown): Processor => filter.create(filter.parseConfig(raw, detachedPlace('test')), testContext());
const ordinals = (batch: Batch): number[] => batch.parts.flatMap((part) => [...part.ordinals]);

describe('processors/filter', () => {
  it('drops spans, keeps the ordinals of the others, and leaves untouched batches as they are', () => {
    const processor = make({ error_mode: 'ignore', traces: { span: ['attributes["http.route"] == "/healthz"', 'name == "noise"'] } });
    const batch = frozen(batchOf('default', traces([span({ name: 'a' }), span({ name: 'noise' }), span({ attributes: attributes({ 'http.route': '/healthz' }) }), span({ name: 'b' })])));
    const { batch: left, dropped } = processor.process(batch);
    assert.deepEqual([spansOf(left).map(({ name }) => name), left.items, ordinals(left), dropped], [['a', 'b'], 2, [0, 3], [{ reason: 'filtered', items: 2 }]]);
    const quiet = frozen(batchOf('default', traces([span()])));
    assert.equal(processor.process(quiet).batch, quiet);
  });

  it('drops everything of a resource', () => {
    const batch = batchOf('default', traces([span(), span()]));
    const { batch: left, dropped } = make({ traces: { resource: ['attributes["service.name"] == "shop"'] } }).process(batch);
    assert.deepEqual([left.items, left.parts.length, dropped], [0, 0, [{ reason: 'filtered', items: 2 }]]);
  });

  it('takes span events out, which are no items', () => {
    const event = (name: string): { timeNs: bigint; name: string; attributes: []; droppedAttributesCount: number } => ({ timeNs: 1n, name, attributes: [], droppedAttributesCount: 0 });
    const { batch: left, dropped } = make({ traces: { spanevent: ['name == "debug"', 'attributes["grpc"] == true'] } }).process(frozen(batchOf('default', traces([span({ events: [event('debug'), event('exception')] })]))));
    assert.deepEqual([spansOf(left)[0].events.map(({ name }) => name), dropped], [['exception'], []]);
  });

  it('drops metrics and data points', () => {
    const gauge = (name: string, ...hosts: string[]) => metric(name, { type: 'gauge', dataPoints: hosts.map((host) => point({ attributes: attributes({ host }) })) });
    const processor = make({ metrics: { metric: ['name == "gone" or HasAttrOnDatapoint("host", "secret")'], datapoint: ['metric.name == "some" and attributes["host"] == "b"'] } });
    const { batch: left, dropped } = processor.process(frozen(batchOf('default', metrics([gauge('gone', 'a'), gauge('some', 'a', 'b', 'c'), gauge('other', 'x', 'secret')]))));
    assert.deepEqual(metricsOf(left).map(({ name, values }) => [name, values.type === 'gauge' ? values.dataPoints.length : 0]), [['some', 2]]);
    assert.deepEqual([ordinals(left), dropped], [[1, 3], [{ reason: 'filtered', items: 4 }]]);
    const bare = metric('bare', { type: 'gauge', dataPoints: [point({})] });
    assert.deepEqual(metricsOf(make({ metrics: { metric: ['HasAttrKeyOnDatapoint("host")'] } }).process(frozen(batchOf('default', metrics([gauge('some', 'a'), bare])))).batch).map(({ name }) => name), ['bare']);
  });

  it('drops log records', () => {
    const { batch: left } = make({ logs: { log_record: ['severity_number < SEVERITY_NUMBER_WARN', 'IsMatch(body, "password")'] } }).process(frozen(batchOf('default', logs([log(), log({ severityNumber: 17 }), log({ severityNumber: 17, body: 'a password' })]))));
    assert.deepEqual(logsOf(left).map(({ body }) => body), ['hello']);
  });

  it('infers the context of conditions whose paths name it', () => {
    const { batch: left } = make({ trace_conditions: ['span.kind == SPAN_KIND_SERVER and resource.attributes["service.name"] == "shop"', { context: 'span', conditions: ['name == "x"'] }] }).process(batchOf('default', traces([span(), span({ kind: 3 }), span({ kind: 3, name: 'x' })])));
    assert.deepEqual(ordinals(left), [1]);
  });

  it('does with failing conditions what error_mode says', () => {
    const batch = batchOf('default', traces([span(), span({ attributes: attributes({ n: 5n }) })]));
    const condition = { traces: { span: ['attributes["n"]["deep"] == 1', 'name == "never"'] } };
    for (const error_mode of ['ignore', 'silent']) assert.equal(make({ error_mode, ...condition }).process(batch).batch, batch);
    assert.deepEqual(make(condition).process(batch).dropped, [{ reason: 'processor_error', items: 1 }]);
  });

  it('names every mistake with its place', () => {
    const text = `error_mode: ignored
traces:
  span:
    - name == "ok"
    - nam == "x"
    - IsMtch(name, "x")
  spn: []
logs:
  log_record: 'body == "x"'
`;
    const { value, root } = readDocument(text, 'test.yaml', {});
    assert.throws(() => filter.parseConfig(value, root), (error: unknown) => {
      assert.ok(error instanceof ConfigError);
      assert.deepEqual(error.mistakes.map(({ line, path, nearest }) => [line, path, nearest]), [[1, 'error_mode', 'ignore'], [7, 'traces.spn', 'span'], [9, 'logs.log_record', null]]);
      return true;
    });
    const fixed = readDocument(text.replace('ignored', 'ignore').replace(/ {2}spn: \[\]\n/, '').replace(`'body == "x"'`, '[]'), 'test.yaml', {});
    assert.throws(() => filter.parseConfig(fixed.value, fixed.root), (error: unknown) => {
      assert.ok(error instanceof ConfigError);
      assert.deepEqual(error.mistakes.map(({ line, path, nearest }) => [line, path, nearest]), [[5, 'traces.span[1]', 'name'], [6, 'traces.span[2]', 'IsMatch']]);
      assert.match(error.message, /no field 'nam'.*At character 1 of the statement: »nam == "x"/);
      return true;
    });
    assert.throws(() => filter.parseConfig({ log_conditions: ['span.name == "x"'] }, detachedPlace('test')), /log_conditions\[0\]: 'span' has no place here/);
    assert.throws(() => filter.parseConfig({ log_conditions: [{ context: 'spn', conditions: ['true'] }] }, detachedPlace('test')), /no context 'spn'/);
  });
});
