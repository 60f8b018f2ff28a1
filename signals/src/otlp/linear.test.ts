import assert from 'node:assert/strict';
import { field, fixed64, keyValue, logRequest, metricRequest, spanRequest, uint } from '../../test-definitions/protobuf-bytes.js';
import type { Signal } from '../model/signal.js';
import { readKeyValue } from './protobuf/attributes.js';
import { decodeLogs } from './protobuf/logs.js';
import { decodeMetrics } from './protobuf/metrics.js';
import { decodeTraces } from './protobuf/traces.js';
import { Reader } from './protobuf/reader.js';
import { WireReader } from './protobuf/wire.js';
import { scanRequest } from './scan.js';
import { Scanner } from './scan/scanner.js';
import { SecretKeys } from './scan/secret-keys.js';

const secrets = new SecretKeys();
const LIMITS = { secrets, maxDepth: 128, maxRejected: 1e9, maxAttributesPerItem: 1e9, maxItems: 1e9 };

function repeat(times: number, make: (i: number) => Buffer): Buffer {
  return Buffer.concat(Array.from({ length: times }, (_, i) => make(i)));
}

/** Messages that would take quadratic or exponential time if parts were read again or copied again. */
const SHAPES: Readonly<Record<string, { signal: Signal; of: (n: number) => Buffer }>> = {
  'a value before its key, nested': {
    signal: 'logs',
    of: (n) => logRequest(repeat(n / 100, () => {
      let value = field(1, 'x');
      for (let i = 0; i < 100; i++) value = field(6, field(1, field(2, value), field(1, 'key')));
      return field(6, field(2, value), field(1, 'password'));
    })),
  },
  'an array in parts': { signal: 'logs', of: (n) => logRequest(field(5, repeat(n, () => field(5, field(1, uint(3, 1)))))) },
  'a map in parts': { signal: 'logs', of: (n) => logRequest(repeat(n, () => field(5, field(6, keyValue(1, 'k', uint(3, 1)))))) },
  'an attribute with many keys and values': { signal: 'traces', of: (n) => spanRequest(field(9, repeat(n, (i) => (i % 2 === 0 ? field(1, 'key') : field(2, field(5, field(1))))))) },
  'a resource in parts': { signal: 'traces', of: (n) => field(1, repeat(n, () => field(1, keyValue(1, 'k', uint(3, 1))))) },
  'kinds of data in turns': { signal: 'metrics', of: (n) => metricRequest(repeat(n, (i) => field(i % 2 === 0 ? 5 : 7, field(1, fixed64(4, 1))))) },
  'a metric without a name in a large resource': {
    signal: 'metrics',
    of: (n) => field(1, field(2, repeat(n / 10, () => field(2, field(5, repeat(10, () => field(1, fixed64(4, 1)))))))),
  },
  'buckets in parts': { signal: 'metrics', of: (n) => metricRequest(field(1, 'm'), field(10, field(1, repeat(n, () => field(8, field(2, Buffer.of(1))))))) },
  'groups in groups': { signal: 'traces', of: (n) => repeat(n / 100, () => Buffer.concat([Buffer.alloc(100, 0x1b), Buffer.alloc(100, 0x1c)])) },
};

const DECODE: Readonly<Record<Signal, (bytes: Uint8Array) => object>> = { traces: decodeTraces, logs: decodeLogs, metrics: decodeMetrics };

/** Steps that the readers take: every field costs at least one of these calls. */
function countSteps(run: () => void): number {
  let steps = 0;
  const counted = [
    [WireReader.prototype, 'tag'], [WireReader.prototype, 'limit'], [WireReader.prototype, 'varint'], [WireReader.prototype, 'skipFixed'],
    [Reader.prototype, 'string'], [Scanner.prototype, 'keyValue'], [Scanner.prototype, 'value'], [Scanner.prototype, 'rejectFrom'],
  ] as const;
  const originals = counted.map(([prototype, name]) => Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor);
  counted.forEach(([prototype, name], i) => {
    const original = originals[i].value as (...args: unknown[]) => unknown;
    Object.defineProperty(prototype, name, { ...originals[i], value: function counting(this: unknown, ...args: unknown[]) {
      steps++;
      return original.apply(this, args);
    } });
  });
  try {
    run();
  } finally {
    counted.forEach(([prototype, name], i) => Object.defineProperty(prototype, name, originals[i]));
  }
  return steps;
}

describe('work is linear in the size', () => {
  for (const [name, { signal, of }] of Object.entries(SHAPES)) {
    it(name, () => {
      const small = of(1000);
      const large = of(8000);
      for (const run of [(bytes: Buffer): unknown => DECODE[signal](bytes), (bytes: Buffer): unknown => scanRequest(signal, bytes, LIMITS)]) {
        const perByteSmall = countSteps(() => run(small)) / small.length;
        const perByteLarge = countSteps(() => run(large)) / large.length;
        assert.ok(perByteLarge < perByteSmall * 1.2, `${perByteSmall} steps a byte became ${perByteLarge}`);
        assert.ok(perByteLarge < 4, `${perByteLarge} steps a byte`);
      }
      // Copying again and again takes no steps but much time: with 150,000 parts it would not end within the test's.
      const huge = of(150_000);
      DECODE[signal](huge);
      scanRequest(signal, huge, LIMITS);
    });
  }
});

describe('a million distinct attribute keys', () => {
  it('are refused in one span, taken in many, and leave nothing behind', () => {
    const ids = [field(1, Buffer.alloc(16, 1)), field(2, Buffer.alloc(8, 1))];
    const thousands = Array.from({ length: 1000 }, (_, i) => repeat(1000, (j) => keyValue(9, `key.${i * 1000 + j}`, uint(3, 1))));
    const one = spanRequest(...thousands);
    assert.deepEqual(scanRequest('traces', one, { secrets }), { items: 1, rejected: [{ ordinal: 0, reason: 'more than 16384 attributes' }] });
    const many = field(1, field(2, ...thousands.map((keys) => field(2, ...ids, keys))));
    assert.deepEqual(scanRequest('traces', many, { secrets }), { items: 1000, rejected: [] });
    const spans = decodeTraces(many).resourceSpans[0].scopeSpans[0].spans;
    assert.equal(new Set(spans.flatMap((span) => span.attributes.map(({ key }) => key))).size, 1_000_000);

    // What a reader remembers is of fixed size, and it goes with the reader.
    const attributes = Buffer.concat(thousands.slice(0, 100));
    const reader = new Reader(attributes, 128);
    const remembered = (): number[] => Object.values(reader).flatMap((value) => (Array.isArray(value) || value instanceof Int32Array ? [value.length] : []));
    const before = remembered();
    while (reader.pos < attributes.length) {
      reader.tag(attributes.length);
      readKeyValue(reader, reader.limit(attributes.length));
    }
    assert.deepEqual(remembered(), before);
  });
});
