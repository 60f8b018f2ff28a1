import assert from 'node:assert/strict';
import { decodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import fc from 'fast-check';
import { newEntry } from './entry.js';
import { parseJson } from './formats.js';
import { JsonRecordWriter } from './json-record.js';
import { lift } from './lift.js';
import { LogRequest, encodeAttributes } from './log-request.js';

const OBSERVED = 1_790_000_000_123_456_789n;
const extra = encodeAttributes([{ key: 'log.file.name', value: 'a.log' }]);
const modes = [{ lift: true, keepLine: false }, { lift: true, keepLine: true }, { lift: false, keepLine: true }];

function fast(line: string, mode: (typeof modes)[number]) {
  const bytes = Buffer.from(`xx${line}yy`);
  const out = new LogRequest(16);
  const written = new JsonRecordWriter(mode).write(bytes, 2, bytes.length - 2, out, Number(OBSERVED & 0xffffffffn), Number(OBSERVED >> 32n), extra);
  return written ? decodeLogs(out.finish()) : null;
}

function full(line: string, mode: (typeof modes)[number]) {
  const fields = parseJson(line);
  if (fields === null) return null;
  const out = new LogRequest(16);
  const entry = newEntry(line);
  if (mode.lift) lift(entry, fields, { defaultZone: '', body: !mode.keepLine });
  else entry.attributes = fields;
  out.entry(entry, OBSERVED, extra);
  return decodeLogs(out.finish());
}

function assertSame(line: string): boolean {
  let taken = false;
  for (const mode of modes) {
    const quick = fast(line, mode);
    if (quick === null) continue;
    taken = true;
    assert.deepStrictEqual(quick, full(line, mode), `${JSON.stringify(mode)} ${line}`);
  }
  return taken;
}

const key = fc.oneof(fc.constantFrom('time', 'ts', 'level', 'severity', 'message', 'msg', 'trace_id', 'traceId', 'span_id', 'a', 'status', '', 'größe', '__proto__', '1'), fc.string({ maxLength: 12, unit: 'grapheme' }));
const scalar = fc.oneof(
  fc.constantFrom('2026-01-02T03:04:05Z', '2026-02-30T00:00:00Z', '2024-02-29 23:59:60.123456789Z', '2026-01-02T03:04:05.5+02:00', '1969-01-01T00:00:00Z', 'INFO', 'warn', 'Ünlaut', '', 'nonsense', '0'.repeat(32), 'AbCdEf0123456789', '4bf92f3577b34da6a3ce929d0e0e4736'),
  fc.string({ unit: 'grapheme' }), fc.integer(), fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.double({ noNaN: true, noDefaultInfinity: true, min: 0, max: 1e6 }).map((d) => Number(d.toFixed(3))), fc.nat(), fc.boolean(), fc.constant(null),
);

describe('parsing/json-record', () => {
  it('writes what the full parser makes of a line, on random objects', () => {
    let taken = 0;
    fc.assert(fc.property(fc.array(fc.tuple(key, fc.oneof({ weight: 9, arbitrary: scalar }, { weight: 1, arbitrary: fc.jsonValue() })), { maxLength: 12 }), fc.constantFrom('', ' ', '\t '), (pairs, space) => {
      const line = `${space}{${pairs.map(([name, value]) => `${space}${JSON.stringify(name)}${space}:${space}${JSON.stringify(value)}`).join(`${space},`)}${space}}${space}`;
      if (assertSame(line)) taken++;
    }), { numRuns: 3000 });
    assert.ok(taken > 500, `the quick way took ${taken} of 3000`);
  });

  it('takes no text that the full parser refuses, on mutated lines', () => {
    const line = '{"time":"2026-01-02T03:04:05.123Z","level":"info","n":12,"d":0.25,"t":true,"f":false,"z":null,"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","msg":"ein Wort"}';
    assert.ok(assertSame(line));
    fc.assert(fc.property(fc.nat(line.length - 1), fc.nat(3), fc.constantFrom('', '"', '{', '}', ',', ':', '0', '.', '-', 'e', '\\', '\u0001', ' ', 'nul', 'é'), (at, gone, put) => void assertSame(line.slice(0, at) + put + line.slice(at + gone))), { numRuns: 3000 });
  });

  for (const line of ['', '{', '{}', '[]', '{"a":1', '{"a":01}', '{"a":1.}', '{"a":tru}', '{"a":true', '{"a":1}{', '{"a":"\\n"}', '{"a":{"b":1}}', '{"a":1,"a":2}', '{"a":1e5}', '{"a":-1}', '{"a":12345678901234567}', '{"a":"\u0001"}', '{"level":30}', '{"time":1700000000}', '{"time":"2026-01-02T03:04:05.Z"}']) {
    it(`leaves ${JSON.stringify(line)} to the full parser`, () => assert.equal(fast(line, modes[0]!), null));
  }

  it('keeps times to the nanosecond, in every second of a day and all digits of the fraction', () => {
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: 18_429_033_599n }), fc.nat(999_999_999), (seconds, nanos) => {
      const text = `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${String(nanos).padStart(9, '0')}Z`;
      const record = fast(`{"time":"${text}"}`, modes[0]!)!.resourceLogs[0]!.scopeLogs[0]!.logRecords[0]!;
      assert.equal(record.timeNs, seconds * 1_000_000_000n + BigInt(nanos));
    }));
  });
});
