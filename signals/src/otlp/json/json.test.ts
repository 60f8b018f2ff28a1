import assert from 'node:assert/strict';
import fc from 'fast-check';
import { logsData, metricsData, tracesData } from '../../../test-definitions/otlp-arbitraries.js';
import { KeyValueList } from '../../model/attributes.js';
import type { AnyValue } from '../../model/attributes.js';
import type { Span } from '../../model/span.js';
import { OtlpError } from '../error.js';
import { decodeTraces, encodeTraces } from '../protobuf/traces.js';
import { encodeLogs } from '../protobuf/logs.js';
import { scanRequest } from '../scan.js';
import { SecretKeys } from '../scan/secret-keys.js';
import { logsFromJson, logsToJson } from './logs.js';
import { metricsFromJson, metricsToJson } from './metrics.js';
import { tracesFromJson, tracesToJson } from './traces.js';

const secrets = new SecretKeys();

const requestOf = (span: object): object => ({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
const spanOf = (span: object): Span => tracesFromJson(requestOf(span)).resourceSpans[0].scopeSpans[0].spans[0];
const valueOf = (value: unknown): AnyValue => spanOf({ attributes: [{ key: 'a', value }] }).attributes[0].value;
const parsed = (value: object): unknown => JSON.parse(JSON.stringify(value));

describe('OTLP/JSON round trip', () => {
  it('reads what it wrote: traces', () => {
    fc.assert(fc.property(tracesData, (data) => assert.deepStrictEqual(tracesFromJson(parsed(tracesToJson(data))), data)), { numRuns: 200 });
  });
  it('reads what it wrote: logs', () => {
    fc.assert(fc.property(logsData, (data) => assert.deepStrictEqual(logsFromJson(parsed(logsToJson(data))), data)), { numRuns: 200 });
  });
  it('reads what it wrote: metrics', () => {
    fc.assert(fc.property(metricsData, (data) => assert.deepStrictEqual(metricsFromJson(parsed(metricsToJson(data))), data)), { numRuns: 200 });
  });
});

describe('OTLP/JSON', () => {
  it('takes ids in either case and writes them in lower case', () => {
    const span = spanOf({ traceId: '5B8EFFF798038103D269B633813FC60C', spanId: 'eEe19b7ec3C1b174', parentSpanId: 'EEE19B7EC3C1B173' });
    assert.deepEqual([span.traceId, span.spanId, span.parentSpanId], ['5b8efff798038103d269b633813fc60c', 'eee19b7ec3c1b174', 'eee19b7ec3c1b173']);
    assert.equal(spanOf({ parentSpanId: '0000000000000000' }).parentSpanId, '');
  });

  it('takes 64-bit integers as strings and as numbers', () => {
    const span = spanOf({ startTimeUnixNano: '1544712660300000001', endTimeUnixNano: 1544712660300000000 });
    assert.equal(span.startNs, 1544712660300000001n);
    assert.equal(span.endNs, 1544712660300000000n);
    assert.equal(valueOf({ intValue: 7 }), 7n);
    assert.equal(valueOf({ intValue: '-9223372036854775808' }), -9223372036854775808n);
  });

  it('takes enums as numbers and by name', () => {
    assert.equal(spanOf({ kind: 3, status: { code: 2 } }).kind, 3);
    const span = spanOf({ kind: 'SPAN_KIND_SERVER', status: { code: 'STATUS_CODE_ERROR' } });
    assert.deepEqual([span.kind, span.status.code], [2, 2]);
    const [log] = logsFromJson({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ severityNumber: 'SEVERITY_NUMBER_WARN2' }] }] }] }).resourceLogs[0].scopeLogs[0].logRecords;
    assert.equal(log.severityNumber, 14);
    const { values } = metricsFromJson({ resourceMetrics: [{ scopeMetrics: [{ metrics: [{ sum: { aggregationTemporality: 'AGGREGATION_TEMPORALITY_CUMULATIVE' } }] }] }] }).resourceMetrics[0].scopeMetrics[0].metrics[0];
    assert.deepEqual(values, { type: 'sum', dataPoints: [], temporality: 2, monotonic: false });
  });

  it('takes the original field names, null for absent, and passes over unknown fields', () => {
    const data = tracesFromJson({
      resource_spans: [{ resource: null, scope_spans: [{ schema_url: 'u', spans: [{ trace_id: 'AB', start_time_unix_nano: '5', newField: { deep: [1] }, dropped_links_count: 4 }] }] }],
      x: 1,
    });
    const { schemaUrl, spans } = data.resourceSpans[0].scopeSpans[0];
    assert.equal(data.resourceSpans[0].resource, null);
    assert.deepEqual([schemaUrl, spans[0].traceId, spans[0].startNs, spans[0].droppedLinksCount], ['u', 'ab', 5n, 4]);
  });

  it('takes all kinds of values', () => {
    assert.equal(valueOf({ doubleValue: 'NaN' }), NaN);
    assert.equal(valueOf({ doubleValue: '-Infinity' }), -Infinity);
    assert.equal(valueOf({ doubleValue: '1.5e3' }), 1500);
    assert.equal(valueOf({ doubleValue: 1 }), 1);
    assert.deepStrictEqual(valueOf({ bytesValue: 'AQL/' }), Uint8Array.of(1, 2, 255));
    assert.deepStrictEqual(valueOf({ bytesValue: 'AQL_' }), Uint8Array.of(1, 2, 255));
    assert.deepStrictEqual(valueOf({ arrayValue: {} }), []);
    assert.deepStrictEqual(valueOf({ kvlistValue: { values: [{ key: 'k' }] } }), new KeyValueList([{ key: 'k', value: null }]));
    assert.equal(valueOf({}), null);
  });

  const mistakes: [name: string, value: unknown, path: string, message: RegExp][] = [
    ['no object', [], '$', /expected an object, not an array/],
    ['no list', { resourceSpans: {} }, '$.resourceSpans', /expected an array, not an object/],
    ['null in a list', { resourceSpans: [null] }, '$.resourceSpans[0]', /expected an object, not null/],
    ['an id that is no hex', requestOf({ traceId: 'W47/95gDgQPSabYzgT/GDA==' }), '$.resourceSpans[0].scopeSpans[0].spans[0].traceId', /hexadecimal/],
    ['an id that is no string', requestOf({ spanId: 5 }), '$.resourceSpans[0].scopeSpans[0].spans[0].spanId', /expected a string, not 5/],
    ['a fraction as integer', requestOf({ startTimeUnixNano: 1.5 }), '$.resourceSpans[0].scopeSpans[0].spans[0].startTimeUnixNano', /expected an integer, not 1.5/],
    ['a negative time', requestOf({ startTimeUnixNano: '-1' }), '$.resourceSpans[0].scopeSpans[0].spans[0].startTimeUnixNano', /-1 is not between 0 and 18446744073709551615/],
    ['too large an integer', requestOf({ attributes: [{ key: 'a', value: { intValue: '9223372036854775808' } }] }), '$.resourceSpans[0].scopeSpans[0].spans[0].attributes[0].value.intValue', /is not between/],
    ['a million digits', requestOf({ startTimeUnixNano: '9'.repeat(1e6) }), '$.resourceSpans[0].scopeSpans[0].spans[0].startTimeUnixNano', /expected an integer, not "9{59}…/],
    ['an unknown enum name', requestOf({ kind: 'SERVER' }), '$.resourceSpans[0].scopeSpans[0].spans[0].kind', /unknown name "SERVER"; known are SPAN_KIND_UNSPECIFIED/],
    ['two values at once', requestOf({ attributes: [{ key: 'a', value: { intValue: 1, stringValue: 'x' } }] }), '$.resourceSpans[0].scopeSpans[0].spans[0].attributes[0].value', /exclude each other/],
    ['broken base64', requestOf({ attributes: [{ key: 'a', value: { bytesValue: '=a' } }] }), '$.resourceSpans[0].scopeSpans[0].spans[0].attributes[0].value.bytesValue', /expected base64/],
    ['a text as boolean', requestOf({ attributes: [{ key: 'a', value: { boolValue: 'yes' } }] }), '$.resourceSpans[0].scopeSpans[0].spans[0].attributes[0].value.boolValue', /expected true or false, not "yes"/],
    ['a count out of range', requestOf({ droppedEventsCount: 4294967296 }), '$.resourceSpans[0].scopeSpans[0].spans[0].droppedEventsCount', /is not between 0 and 4294967295/],
  ];
  for (const [name, value, path, message] of mistakes) {
    it(`names the place of ${name}`, () => {
      assert.throws(() => tracesFromJson(value), (error) => {
        assert.ok(error instanceof OtlpError);
        assert.equal(error.path, path);
        assert.match(error.message, message);
        assert.ok(error.message.startsWith(`${path}: `) && error.message.length < 400);
        return true;
      });
    });
  }

  it('names the place in lists of numbers', () => {
    const bounds = (list: unknown[]): object => ({ resourceMetrics: [{ scopeMetrics: [{ metrics: [{ histogram: { dataPoints: [{ explicitBounds: list }] } }] }] }] });
    assert.throws(() => metricsFromJson(bounds([1, 'x'])), { path: '$.resourceMetrics[0].scopeMetrics[0].metrics[0].histogram.dataPoints[0].explicitBounds[1]' });
  });

  it('limits nesting', () => {
    const nested = (levels: number): object => {
      let value: object = { stringValue: 'x' };
      for (let i = 0; i < levels; i++) value = i % 2 === 0 ? { arrayValue: { values: [value] } } : { kvlistValue: { values: [{ key: 'k', value }] } };
      return requestOf({ attributes: [{ key: 'a', value }] });
    };
    assert.doesNotThrow(() => tracesFromJson(nested(128)));
    assert.throws(() => tracesFromJson(nested(129)), /nested deeper than 128/);
    assert.throws(() => tracesFromJson(nested(50_000)), OtlpError);
    assert.throws(() => tracesFromJson(nested(33), 32), /nested deeper than 32/);
  });

  it('throws nothing but OtlpError at arbitrary JSON', () => {
    const key = fc.constantFrom('resourceSpans', 'scopeSpans', 'spans', 'resourceLogs', 'scopeLogs', 'logRecords', 'resourceMetrics', 'scopeMetrics', 'metrics',
      'sum', 'histogram', 'dataPoints', 'attributes', 'key', 'value', 'stringValue', 'arrayValue', 'kvlistValue', 'values', 'body', 'traceId', 'events', '__proto__', 'constructor');
    const { json } = fc.letrec<{ json: unknown }>((tie) => ({
      json: fc.oneof({ maxDepth: 8 }, fc.string(), fc.double(), fc.constant(null), fc.boolean(), fc.array(tie('json')), fc.dictionary(key, tie('json'))),
    }));
    fc.assert(fc.property(json, (value) => {
      for (const read of [tracesFromJson, logsFromJson, metricsFromJson]) {
        try {
          read(value);
        } catch (error) {
          assert.ok(error instanceof OtlpError, String(error));
        }
      }
    }), { numRuns: 1000 });
  });
});

describe('OTLP/JSON on the way to the journal', () => {
  const good = { traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8) };

  it('makes spans with ids of wrong length rejected items', () => {
    const ids = ['', 'ab', 'abc', 'a'.repeat(15), 'a'.repeat(17), 'a'.repeat(31), 'a'.repeat(33), 'ab'.repeat(17), '0'.repeat(32)];
    const spans = [good, ...ids.map((traceId) => ({ ...good, traceId })), ...ids.map((spanId) => ({ ...good, spanId })), { ...good, parentSpanId: 'a'.repeat(17) }, good];
    const bytes = encodeTraces(tracesFromJson({ resourceSpans: [{ scopeSpans: [{ spans }] }] }));
    const { items, rejected } = scanRequest('traces', bytes, { secrets });
    assert.equal(items, spans.length);
    assert.deepEqual(rejected.map((item) => item.ordinal), Array.from({ length: spans.length - 2 }, (_, i) => i + 1));
    const left = decodeTraces(bytes, rejected.map((item) => item.ordinal)).resourceSpans[0].scopeSpans[0].spans;
    assert.deepEqual(left.map((span) => span.traceId), [good.traceId, good.traceId]);
  });

  it('makes log records with ids of wrong length rejected items', () => {
    const logRecords = [{}, { traceId: 'abc' }, { spanId: 'a'.repeat(17) }, { traceId: '0'.repeat(32), spanId: '' }, good];
    const bytes = encodeLogs(logsFromJson({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }));
    assert.deepEqual(scanRequest('logs', bytes, { secrets }), {
      items: 5,
      rejected: [{ ordinal: 1, reason: 'trace_id has not 16 bytes' }, { ordinal: 2, reason: 'span_id has not 8 bytes' }],
    });
  });
});
