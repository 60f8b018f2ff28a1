import assert from 'node:assert/strict';
import fc from 'fast-check';
import { logsData, metricsData, tracesData } from '../../../test-definitions/otlp-arbitraries.js';
import { decodeLogs, encodeLogs } from './logs.js';
import { decodeMetrics, encodeMetrics } from './metrics.js';
import { decodeTraces, encodeTraces } from './traces.js';

describe('OTLP protobuf round trip', () => {
  it('decodes what it encoded: traces', () => {
    fc.assert(fc.property(tracesData, (data) => assert.deepStrictEqual(decodeTraces(encodeTraces(data)), data)), { numRuns: 300 });
  });

  it('decodes what it encoded: logs', () => {
    fc.assert(fc.property(logsData, (data) => assert.deepStrictEqual(decodeLogs(encodeLogs(data)), data)), { numRuns: 300 });
  });

  it('decodes what it encoded: metrics', () => {
    fc.assert(fc.property(metricsData, (data) => assert.deepStrictEqual(decodeMetrics(encodeMetrics(data)), data)), { numRuns: 300 });
  });
});
