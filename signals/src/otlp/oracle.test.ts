import assert from 'node:assert/strict';
import fc from 'fast-check';
import { logsData, metricsData, tracesData } from '../../test-definitions/otlp-arbitraries.js';
import { oracleDecode, oracleEncode, randomWire, seededRandom } from '../../test-definitions/otlp-oracle.js';
import type { MessageName } from '../../test-definitions/otlp-oracle.js';
import { countItems } from './count.js';
import { logsFromJson, logsToJson } from './json/logs.js';
import { metricsFromJson, metricsToJson } from './json/metrics.js';
import { tracesFromJson, tracesToJson } from './json/traces.js';
import { decodeLogs, encodeLogs } from './protobuf/logs.js';
import { decodeMetrics, encodeMetrics } from './protobuf/metrics.js';
import { decodeTraces, encodeTraces } from './protobuf/traces.js';
import { scanRequest } from './scan.js';
import { SecretKeys } from './scan/secret-keys.js';

const none = new SecretKeys([], []);

const SIGNALS: readonly {
  signal: 'traces' | 'logs' | 'metrics';
  message: MessageName;
  data: fc.Arbitrary<object>;
  decode: (bytes: Uint8Array, skip?: readonly number[]) => Parameters<typeof countItems>[0];
  encode: (data: never) => Uint8Array;
  fromJson: (value: unknown) => object;
  toJson: (data: never) => object;
}[] = [
  { signal: 'traces', message: 'TracesData', data: tracesData, decode: decodeTraces, encode: encodeTraces, fromJson: tracesFromJson, toJson: tracesToJson },
  { signal: 'logs', message: 'LogsData', data: logsData, decode: decodeLogs, encode: encodeLogs, fromJson: logsFromJson, toJson: logsToJson },
  { signal: 'metrics', message: 'MetricsData', data: metricsData, decode: decodeMetrics, encode: encodeMetrics, fromJson: metricsFromJson, toJson: metricsToJson },
];

describe('OTLP against a generated codec', () => {
  for (const { signal, message, data, decode, encode, fromJson, toJson } of SIGNALS) {
    it(`writes what it reads: ${signal}`, () => {
      fc.assert(fc.property(data, (value) => {
        assert.deepStrictEqual(fromJson(oracleDecode(message, encode(value as never))), value);
      }), { numRuns: 200 });
    });

    it(`reads what it writes: ${signal}`, () => {
      fc.assert(fc.property(data, (value) => {
        assert.deepStrictEqual(decode(oracleEncode(message, toJson(value as never))), value);
      }), { numRuns: 200 });
    });

    it(`reads the same from messages that no usual encoder writes: ${signal}`, () => {
      let items = 0;
      fc.assert(fc.property(fc.integer(), (seed) => {
        const bytes = randomWire(message, seededRandom(seed));
        const decoded = decode(bytes);
        assert.deepStrictEqual(decoded, fromJson(oracleDecode(message, bytes)));
        const scan = scanRequest(signal, Buffer.from(bytes), { secrets: none });
        const left = countItems(decode(bytes, scan.rejected.map(({ ordinal }) => ordinal)));
        assert.equal(scan.items - scan.rejected.length, left);
        items += left;
      }), { numRuns: 300 });
      assert.ok(items > 300, `the messages hold items (${items})`);
    });
  }
});
