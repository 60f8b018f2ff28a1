import assert from 'node:assert/strict';
import fc from 'fast-check';
import { logsData, metricsData, tracesData } from '../../test-definitions/otlp-arbitraries.js';
import { randomWire, seededRandom } from '../../test-definitions/otlp-oracle.js';
import type { MessageName } from '../../test-definitions/otlp-oracle.js';
import { field, fixed64, keyValue, logRequest, metricRequest, spanRequest, uint, varint } from '../../test-definitions/protobuf-bytes.js';
import type { Signal } from '../model/signal.js';
import { countItems } from './count.js';
import { OtlpError } from './error.js';
import { decodeLogs, encodeLogs } from './protobuf/logs.js';
import { decodeMetrics, encodeMetrics } from './protobuf/metrics.js';
import { decodeTraces, encodeTraces } from './protobuf/traces.js';
import { scanRequest } from './scan.js';
import { SecretKeys } from './scan/secret-keys.js';

const none = new SecretKeys([], []);
const secrets = new SecretKeys();
const WIDE = { secrets: none, maxDepth: 128, maxRejected: 1e9, maxAttributesPerItem: 1e9 };

const CODECS: Readonly<Record<Signal, { message: MessageName; decode: (bytes: Uint8Array, skip?: readonly number[]) => Parameters<typeof countItems>[0]; valid: fc.Arbitrary<Uint8Array> }>> = {
  traces: { message: 'TracesData', decode: decodeTraces, valid: tracesData.map(encodeTraces) },
  logs: { message: 'LogsData', decode: decodeLogs, valid: logsData.map(encodeLogs) },
  metrics: { message: 'MetricsData', decode: decodeMetrics, valid: metricsData.map(encodeMetrics) },
};

/** The value, or the OtlpError; anything else that is thrown fails the test. */
function attempt<T>(bytes: Uint8Array, run: () => T): T | OtlpError {
  try {
    return run();
  } catch (error) {
    assert.ok(error instanceof OtlpError, String(error));
    assert.equal(error.path, null);
    assert.ok(error.offset !== null && error.offset >= 0 && error.offset <= bytes.length, error.message);
    assert.equal(error.message.endsWith(` at byte ${error.offset}`), true);
    return error;
  }
}

/** Decoder and scanner agree on whether the bytes are malformed, and on the items. */
function compare(signal: Signal, input: Uint8Array): 'malformed' | 'fine' {
  const { decode } = CODECS[signal];
  // In the middle of other bytes, so that a read outside would find something and a write outside would show.
  const around = Buffer.alloc(input.length + 64, 0x0a);
  around.set(input, 32);
  const bytes = around.subarray(32, 32 + input.length);
  const decoded = attempt(bytes, () => decode(bytes));
  const scanned = attempt(bytes, () => scanRequest(signal, bytes, WIDE));
  assert.deepEqual(Buffer.from(bytes), Buffer.from(input), 'nothing is changed without secrets');
  if (decoded instanceof OtlpError || scanned instanceof OtlpError) {
    assert.ok(decoded instanceof OtlpError, `only the scanner refuses: ${scanned instanceof OtlpError ? scanned.message : ''}`);
    assert.ok(scanned instanceof OtlpError, `only the decoder refuses: ${decoded.message}`);
    return 'malformed';
  }
  const left = decode(bytes, scanned.rejected.map((item) => item.ordinal));
  assert.equal(countItems(left), scanned.items - scanned.rejected.length);
  scanRequest(signal, bytes, { ...WIDE, secrets });
  assert.ok(around.subarray(0, 32).every((byte) => byte === 0x0a) && around.subarray(-32).every((byte) => byte === 0x0a));
  return 'fine';
}

for (const signal of ['traces', 'logs', 'metrics'] as const) {
  const { message, valid } = CODECS[signal];
  const request = fc.oneof(valid, fc.integer().map((seed) => randomWire(message, seededRandom(seed)) as Uint8Array));

  describe(`broken ${signal}`, () => {
    it('random bytes', () => {
      fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void compare(signal, bytes)), { numRuns: 2000 });
    });

    it('random bytes within the outer messages', () => {
      let malformed = 0;
      fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        if (compare(signal, field(1, field(2, field(2, Buffer.from(bytes))))) === 'malformed') malformed++;
      }), { numRuns: 2000 });
      assert.ok(malformed > 100);
    });

    it('cut off at any byte', () => {
      let malformed = 0;
      fc.assert(fc.property(request, fc.nat(), (bytes, at) => {
        if (compare(signal, bytes.subarray(0, bytes.length === 0 ? 0 : at % bytes.length)) === 'malformed') malformed++;
      }), { numRuns: 500 });
      assert.ok(malformed > 100);
    });

    it('flipped bits', () => {
      let malformed = 0;
      fc.assert(fc.property(request, fc.array(fc.nat(), { minLength: 1, maxLength: 6 }), (bytes, flips) => {
        const broken = Buffer.from(bytes);
        for (const flip of flips) if (broken.length > 0) broken[(flip >>> 3) % broken.length] ^= 1 << (flip & 7);
        if (compare(signal, broken) === 'malformed') malformed++;
      }), { numRuns: 1500 });
      assert.ok(malformed > 100);
    });
  });
}

describe('malformed requests', () => {
  const long = Buffer.concat([Buffer.alloc(10, 0x80), Buffer.of(0)]);
  const cases: [name: string, signal: Signal, bytes: Buffer, message: RegExp][] = [
    ['a length past the end', 'traces', Buffer.of(0x0a, 5, 1), /length runs past the end of its message at byte 1$/],
    ['a length of 2^63', 'traces', Buffer.concat([Buffer.of(0x0a), Buffer.alloc(9, 0xff), Buffer.of(1)]), /length runs past the end/],
    ['a cut varint', 'traces', spanRequest(Buffer.of(0x30, 0x80)), /varint runs past the end/],
    ['a varint of eleven bytes', 'traces', spanRequest(Buffer.concat([Buffer.of(0x30), long])), /varint of more than 64 bits/],
    ['a cut fixed64', 'traces', spanRequest(Buffer.of(0x39, 1, 2, 3)), /number runs past the end/],
    ['field number 0', 'traces', Buffer.of(0x02, 0), /field number 0 at byte 0/],
    ['a field number out of range', 'traces', Buffer.concat([Buffer.alloc(5, 0xff), Buffer.of(1, 0)]), /field number out of range at byte 0/],
    ['wire type 6', 'traces', Buffer.of(0x0e), /wire type 6/],
    ['wire type 7', 'traces', Buffer.of(0x0f), /wire type 7/],
    ['the end of a group without its begin', 'traces', Buffer.of(0x0c), /end of a group that was not begun/],
    ['a group without an end', 'traces', Buffer.of(0x1b), /group without an end/],
    ['a group with another end', 'traces', Buffer.of(0x1b, 0x24), /end of a group that was not begun/],
    ['groups without end in groups', 'traces', Buffer.alloc(100_000, 0x1b), /groups nested deeper than 128/],
    ['invalid UTF-8 in a name', 'traces', spanRequest(field(5, Buffer.of(0xc3, 0x28))), /string is not valid UTF-8/],
    ['an overlong encoding', 'traces', spanRequest(field(5, Buffer.of(0xc0, 0xaf))), /string is not valid UTF-8/],
    ['half a surrogate pair', 'traces', spanRequest(field(5, Buffer.of(0xed, 0xa0, 0x80))), /string is not valid UTF-8/],
    ['invalid UTF-8 at the end of a long text', 'logs', logRequest(field(5, field(1, 'x'.repeat(1000), Buffer.of(0xff)))), /string is not valid UTF-8/],
    ['invalid UTF-8 in an attribute key', 'logs', logRequest(field(6, field(1, Buffer.of(0x80)))), /string is not valid UTF-8/],
    ['invalid UTF-8 in a key after its value', 'logs', logRequest(field(6, field(2), field(1, Buffer.of(0x80)))), /string is not valid UTF-8/],
    ['packed doubles of 12 bytes', 'metrics', metricRequest(field(1, 'm'), field(9, field(1, field(7, Buffer.alloc(12))))), /packed numbers of 8 bytes have a broken length/],
    ['cut packed varints', 'metrics', metricRequest(field(1, 'm'), field(10, field(1, field(8, field(2, Buffer.of(1, 0x80)))))), /varint runs past the end/],
  ];
  for (const [name, signal, bytes, pattern] of cases) {
    it(name, () => {
      assert.equal(compare(signal, bytes), 'malformed');
      assert.throws(() => CODECS[signal].decode(bytes), pattern);
      assert.throws(() => scanRequest(signal, bytes, { secrets }), pattern);
    });
  }

  it('values nested too deep, as arrays and as maps', () => {
    for (const nest of [(value: Buffer): Buffer => field(5, field(1, value)), (value: Buffer): Buffer => field(6, keyValue(1, 'k', value))]) {
      let value = field(1, 'leaf');
      for (let depth = 1; depth <= 200; depth++) {
        value = nest(value);
        const request = logRequest(field(5, value));
        const scan = (maxDepth?: number): unknown => scanRequest('logs', request, { secrets, maxDepth });
        if (depth > 128) assert.throws(() => decodeLogs(request), /value nested deeper than 128/);
        else decodeLogs(request);
        if (depth > 32) assert.throws(() => scan(), /value nested deeper than 32/);
        else scan();
        if (depth > 128) assert.throws(() => scan(128), /value nested deeper than 128/);
        else scan(128);
      }
    }
    assert.throws(() => scanRequest('logs', Buffer.alloc(0), { secrets, maxDepth: 129 }), RangeError);
  });
});

describe('OTLP protobuf as the rules of the format have it', () => {
  const spanOf = (...fields: Buffer[]): ReturnType<typeof decodeTraces>['resourceSpans'][0]['scopeSpans'][0]['spans'][0] =>
    decodeTraces(spanRequest(...fields)).resourceSpans[0].scopeSpans[0].spans[0];

  it('takes the last of a field that stands twice, and the last of a oneof', () => {
    assert.equal(spanOf(field(5, 'a'), field(5, 'b')).name, 'b');
    assert.equal(spanOf(field(9, field(1, 'k'), field(2, field(1, 'text'), uint(3, 7)))).attributes[0].value, 7n);
    assert.deepEqual(spanOf(field(9, field(1, 'k'), field(2, field(5, field(1, uint(3, 1))), field(1, 'text'), field(5, field(1, uint(3, 2)))))).attributes[0].value, [2n]);
  });

  it('joins messages that come in parts', () => {
    assert.deepEqual(spanOf(field(15, field(2, 'broken')), field(15, uint(3, 2))).status, { code: 2, message: 'broken' });
    assert.deepEqual(spanOf(field(9, field(1, 'k'), field(2, field(5, field(1, uint(3, 1)))), field(2, field(5, field(1, uint(3, 2)))))).attributes[0].value, [1n, 2n]);
  });

  it('takes negative and unknown enum numbers as they are', () => {
    assert.equal(spanOf(Buffer.concat([Buffer.of(0x30), Buffer.alloc(9, 0xff), Buffer.of(1)])).kind, -1);
    assert.equal(spanOf(uint(6, 99)).kind, 99);
  });

  it('lets the last kind of a metric stand and rejects the points of those before', () => {
    const gauge = (value: number): Buffer => field(5, field(1, fixed64(4, value)));
    const sum = (value: number): Buffer => field(7, field(1, fixed64(4, value)));
    const bytes = metricRequest(field(1, 'm'), gauge(1), gauge(2), sum(3), sum(4), gauge(5), gauge(6));
    const { items, rejected } = scanRequest('metrics', bytes, { secrets });
    assert.equal(items, 6);
    assert.deepEqual(rejected, [0, 1, 2, 3].map((ordinal) => ({ ordinal, reason: 'metric has several kinds of data' })));
    const values = (skip?: readonly number[]): unknown => {
      const data = decodeMetrics(bytes, skip).resourceMetrics[0].scopeMetrics[0].metrics[0].values;
      return data.type === 'gauge' && data.dataPoints.map((point) => point.value);
    };
    assert.deepEqual(values(), [5, 6]);
    assert.deepEqual(values(rejected.map((item) => item.ordinal)), [5, 6]);
    assert.deepEqual(values([4]), [6]);
  });
});

describe('limits of a request', () => {
  const attributes = (count: number): Buffer[] => Array.from({ length: count }, (_, i) => keyValue(9, `k${i}`, uint(3, i)));

  it('rejects items with too many attributes, wherever they stand in them, and no others', () => {
    const ids = [field(1, Buffer.alloc(16, 1)), field(2, Buffer.alloc(8, 1))];
    const event = field(11, ...Array.from({ length: 6 }, () => keyValue(3, 'e', uint(3, 1))));
    const nested = keyValue(9, 'map', field(6, ...Array.from({ length: 10 }, () => keyValue(1, 'n', uint(3, 1)))));
    const bytes = field(1, field(2, field(2, ...ids, ...attributes(10)), field(2, ...ids, ...attributes(11)), field(2, ...ids, ...attributes(5), event), field(2, ...ids, nested), field(2, ...ids)));
    const reason = 'more than 10 attributes';
    assert.deepEqual(scanRequest('traces', bytes, { secrets, maxAttributesPerItem: 10 }), {
      items: 5, rejected: [{ ordinal: 1, reason }, { ordinal: 2, reason }, { ordinal: 3, reason }],
    });
    assert.deepEqual(scanRequest('traces', bytes, { secrets }).rejected, []);
  });

  it('rejects the items of a resource, scope or metric with too many attributes, also when it comes after them', () => {
    const ids = [field(1, Buffer.alloc(16, 1)), field(2, Buffer.alloc(8, 1))];
    const many = (number: number): Buffer[] => Array.from({ length: 11 }, () => keyValue(number, 'a', uint(3, 1)));
    const spans = (count: number): Buffer[] => Array.from({ length: count }, () => field(2, ...ids));
    const bytes = Buffer.concat([
      field(1, field(2, ...spans(1))),
      field(1, field(2, ...spans(1), field(2, ids[0])), field(1, ...many(1))),
      field(1, field(2, field(1, ...many(3)), ...spans(1)), field(2, ...spans(1))),
    ]);
    assert.deepEqual(scanRequest('traces', bytes, { secrets, maxAttributesPerItem: 10 }), {
      items: 5,
      rejected: [
        { ordinal: 1, reason: 'resource of more than 10 attributes' },
        { ordinal: 2, reason: 'resource of more than 10 attributes' },
        { ordinal: 3, reason: 'scope of more than 10 attributes' },
      ],
    });
    const metric = metricRequest(field(1, 'm'), field(5, field(1, fixed64(4, 1))), ...many(12));
    assert.deepEqual(scanRequest('metrics', metric, { secrets, maxAttributesPerItem: 10 }).rejected, [{ ordinal: 0, reason: 'metadata of more than 10 attributes' }]);
  });

  it('rejects data points without a value or with bucket counts that do not fit, and points of a metric without a name', () => {
    const u64 = Buffer.alloc(8);
    const histogram = (counts: number, bounds: number): Buffer => field(1, field(6, ...Array.from({ length: counts }, () => u64)), field(7, ...Array.from({ length: bounds }, () => u64)));
    const reasons = (...fields: Buffer[]): unknown[] => scanRequest('metrics', metricRequest(...fields), { secrets }).rejected.map((item) => item.reason);
    assert.deepEqual(reasons(field(1, 'm'), field(5, field(1), field(1, uint(8, 1)), field(1, fixed64(6, 0n)), field(1, fixed64(4, 0)))), ['data point has no value']);
    const uneven = 'histogram must have one bucket count more than it has bounds';
    assert.deepEqual(reasons(field(1, 'm'), field(9, histogram(3, 2), histogram(0, 0), histogram(0, 2), histogram(1, 0))), []);
    assert.deepEqual(reasons(field(1, 'm'), field(9, histogram(2, 2), histogram(4, 2))), [uneven, uneven]);
    assert.deepEqual(reasons(field(9, histogram(2, 2), histogram(1, 0))), ['metric has no name', 'metric has no name']);
    assert.deepEqual(reasons(field(1, ''), field(11, field(1))), ['metric has no name']);
  });

  it('refuses a request of too many items, or of too many unusable ones', () => {
    const empty = field(1, field(2, ...Array.from({ length: 11 }, () => field(2))));
    assert.throws(() => scanRequest('logs', empty, { secrets, maxItems: 10 }), /request of more than 10 items; send smaller batches at byte \d+$/);
    assert.equal(scanRequest('logs', empty, { secrets, maxItems: 11 }).items, 11);
    assert.throws(() => scanRequest('traces', empty, { secrets, maxRejected: 10 }), /more than 10 unusable items, the first one for: trace_id is missing/);
    assert.equal(scanRequest('traces', empty, { secrets, maxRejected: 11 }).rejected.length, 11);
  });

  it('reads a request with the longest length that a varint can be padded to', () => {
    const bytes = Buffer.concat([Buffer.of(0x0a), Buffer.of(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00)]);
    assert.equal(scanRequest('traces', bytes, { secrets }).items, 0);
    assert.equal(varint(300).toString('hex'), 'ac02');
  });
});
