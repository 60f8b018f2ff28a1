import assert from 'node:assert/strict';
import fc from 'fast-check';
import { logsData, metricsData, tracesData } from '../../test-definitions/otlp-arbitraries.js';
import type { Span, TracesData } from '../model/span.js';
import { encodeLogs } from './protobuf/logs.js';
import { encodeMetrics } from './protobuf/metrics.js';
import { decodeTraces, encodeTraces } from './protobuf/traces.js';
import { scanRequest } from './scan.js';
import { SecretKeys } from './scan/secret-keys.js';

const secrets = new SecretKeys();

const SPAN: Span = {
  traceId: '5b8efff798038103d269b633813fc60c', spanId: 'eee19b7ec3c1b174', traceState: '', parentSpanId: '', flags: 0,
  name: 'GET /', kind: 2, startNs: 1n, endNs: 2n, attributes: [], droppedAttributesCount: 0, events: [], droppedEventsCount: 0,
  links: [], droppedLinksCount: 0, status: { code: 0, message: '' },
};

function traces(...spans: Partial<Span>[]): TracesData {
  return {
    resourceSpans: [{
      resource: null, schemaUrl: '',
      scopeSpans: [{ scope: null, schemaUrl: '', spans: spans.map((span) => ({ ...SPAN, ...span })) }],
    }],
  };
}

describe('otlp/scan: spans', () => {
  it('rejects spans with ids that are missing, zeros or of wrong length, and no others', () => {
    const bytes = encodeTraces(traces(
      {}, { traceId: '' }, { traceId: '00'.repeat(16) }, { traceId: 'ab'.repeat(15) }, { spanId: '' }, { spanId: '00'.repeat(8) },
      { spanId: 'ab'.repeat(9) }, { parentSpanId: 'abcd' }, { parentSpanId: '00'.repeat(8) }, { startNs: 0n, endNs: 0n },
      { startNs: 5n, endNs: 1n }, { startNs: (1n << 64n) - 1n },
    ));
    const { items, rejected } = scanRequest('traces', bytes, { secrets });
    assert.equal(items, 12);
    assert.deepEqual(rejected, [
      { ordinal: 1, reason: 'trace_id is missing' },
      { ordinal: 2, reason: 'trace_id is all zeros' },
      { ordinal: 3, reason: 'trace_id has not 16 bytes' },
      { ordinal: 4, reason: 'span_id is missing' },
      { ordinal: 5, reason: 'span_id is all zeros' },
      { ordinal: 6, reason: 'span_id has not 8 bytes' },
      { ordinal: 7, reason: 'parent_span_id has not 8 bytes' },
    ]);
    const left = decodeTraces(bytes, rejected.map((item) => item.ordinal)).resourceSpans[0].scopeSpans[0].spans;
    assert.deepEqual(left.map((span) => [span.startNs, span.parentSpanId]), [[1n, ''], [1n, ''], [0n, ''], [5n, ''], [(1n << 64n) - 1n, '']]);
  });
});

describe('otlp/scan: random messages', () => {
  it('finds nothing wrong with valid traces and counts the spans', () => {
    fc.assert(fc.property(tracesData, (data) => {
      const spans = data.resourceSpans.flatMap((group) => group.scopeSpans.flatMap((scope) => scope.spans)).length;
      assert.deepEqual(scanRequest('traces', encodeTraces(data), { secrets }), { items: spans, rejected: [] });
    }));
  });

  it('finds nothing wrong with valid logs and counts the records', () => {
    fc.assert(fc.property(logsData, (data) => {
      const records = data.resourceLogs.flatMap((group) => group.scopeLogs.flatMap((scope) => scope.logRecords)).length;
      assert.deepEqual(scanRequest('logs', encodeLogs(data), { secrets }), { items: records, rejected: [] });
    }));
  });

  it('counts data points and rejects those without a value', () => {
    fc.assert(fc.property(metricsData, (data) => {
      const metrics = data.resourceMetrics.flatMap((group) => group.scopeMetrics.flatMap((scope) => scope.metrics));
      const points = metrics.flatMap(({ values }) => (values.type === 'none' ? [] : [...values.dataPoints]));
      const empty = points.flatMap((point, ordinal) => ('value' in point && point.value === null && (point.flags & 1) === 0 ? [{ ordinal, reason: 'data point has no value' }] : []));
      assert.deepEqual(scanRequest('metrics', encodeMetrics(data), { secrets }), { items: points.length, rejected: empty });
    }));
  });
});
