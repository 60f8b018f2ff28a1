import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { logsFromJson, logsToJson } from './json/logs.js';
import { metricsFromJson, metricsToJson } from './json/metrics.js';
import { tracesFromJson, tracesToJson } from './json/traces.js';
import { decodeLogs, encodeLogs } from './protobuf/logs.js';
import { decodeMetrics, encodeMetrics } from './protobuf/metrics.js';
import { decodeTraces, encodeTraces } from './protobuf/traces.js';
import { scanRequest } from './scan.js';
import { SecretKeys } from './scan/secret-keys.js';

const SUITE = fileURLToPath(new URL('../../../../shared/suites/otlp/', import.meta.url));
const secrets = new SecretKeys();

describe('the official OTLP/JSON examples', function () {
  before(function () {
    if (existsSync(SUITE)) return;
    console.log('      skipped: ../shared/suites/otlp is not there; it holds the examples of the OTLP specification');
    this.skip();
  });

  const read = (file: string): unknown => JSON.parse(readFileSync(SUITE + file, 'utf8'));

  /** What the JSON mapping allows in several ways, in one: ids in lower case, no defaults, all keys sorted. */
  const canonical = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(canonical);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([key, item]) => {
      if ((key === 'zeroThreshold' || key === 'scale') && item === 0) return [];
      return [[key, /^(trace|span|parentSpan)Id$/.test(key) ? String(item).toLowerCase() : canonical(item)]];
    }));
  };

  it('trace.json', () => {
    const data = tracesFromJson(read('trace.json'));
    const [span] = data.resourceSpans[0].scopeSpans[0].spans;
    assert.equal(span.name, "I'm a server span");
    assert.equal(span.traceId, '5b8efff798038103d269b633813fc60c');
    assert.equal(span.endNs - span.startNs, 1_000_000_000n);
    assert.deepStrictEqual(decodeTraces(encodeTraces(data)), data);
    assert.deepEqual(canonical(tracesToJson(data)), canonical(read('trace.json')));
    assert.deepEqual(scanRequest('traces', encodeTraces(data), { secrets }), { items: 1, rejected: [] });
  });

  for (const file of ['logs.json', 'events.json']) {
    it(file, () => {
      const data = logsFromJson(read(file));
      const [record] = data.resourceLogs[0].scopeLogs[0].logRecords;
      assert.equal(record.timeNs, 1544712660300000000n);
      assert.equal(record.severityNumber, file === 'logs.json' ? 10 : 9);
      assert.deepStrictEqual(decodeLogs(encodeLogs(data)), data);
      assert.deepEqual(canonical(logsToJson(data)), canonical(read(file)));
      assert.deepEqual(scanRequest('logs', encodeLogs(data), { secrets }), { items: 1, rejected: [] });
    });
  }

  it('metrics.json', () => {
    const data = metricsFromJson(read('metrics.json'));
    const { metrics } = data.resourceMetrics[0].scopeMetrics[0];
    assert.deepEqual(metrics.map((metric) => metric.values.type), ['sum', 'gauge', 'histogram', 'exponentialHistogram']);
    assert.deepStrictEqual(decodeMetrics(encodeMetrics(data)), data);
    assert.deepEqual(canonical(metricsToJson(data)), canonical(read('metrics.json')));
    assert.deepEqual(scanRequest('metrics', encodeMetrics(data), { secrets }), { items: 4, rejected: [] });
  });
});
