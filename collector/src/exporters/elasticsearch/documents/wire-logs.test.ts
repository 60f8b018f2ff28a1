import assert from 'node:assert/strict';
import { KeyValueList, type AnyValue, type KeyValue } from '@signalbox/signals/model/attributes';
import type { LogRecord, LogsData } from '@signalbox/signals/model/log-record';
import { OtlpError } from '@signalbox/signals/otlp/error';
import { decodeLogs, encodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import type { Batch, BatchPart } from '../../../component.js';
import { detachedPlace } from '../../../config/place.js';
import { DocumentIds } from './document-id.js';
import { DocumentWriter } from './document.js';
import { elasticsearch } from '../index.js';
import { logDocuments } from './log-documents.js';
import { randomOf } from '../seeded-random.test.js';
import { Router } from '../streams/routing.js';
import { WireLogs } from './wire-logs.js';

const TIME_NS = 1_763_740_158_123_456_789n;

function record(more: Partial<LogRecord> = {}): LogRecord {
  return { timeNs: TIME_NS, observedTimeNs: TIME_NS + 5n, severityNumber: 9, severityText: 'INFO', body: 'a line', attributes: [], droppedAttributesCount: 0, flags: 1, traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', eventName: '', ...more };
}

const kv = (key: string, value: AnyValue): KeyValue => ({ key, value });
const VALUES: readonly AnyValue[] = ['plain', '', 'with "quotes" \\ and\nlines\u0001\u007f', 'Grüße 漢字 😀', '\u2028', 0n, -1n, 7n, 2n ** 40n, -(2n ** 62n), 2n ** 63n - 1n, true, false, 1.5, -0, 3, NaN, Infinity, 1e300, null, new Uint8Array([1, 2]), ['a', 1n], new KeyValueList([kv('a', 1n), kv('b', 'x')])];
const KEYS = ['a', 'http.route', 'a.b', 'ключ', 'q"', '', 'x..y', 'data_stream.dataset', 'data_stream.namespace', 'elasticsearch.index', 'data', 'e'];

function randomRecord(random: (below: number) => number): LogRecord {
  const pick = <T>(list: readonly T[]): T => list[random(list.length)]!;
  return record({
    timeNs: pick([TIME_NS, TIME_NS + 999_999_999n, 0n, 1n, 4_294_967_296n, 2n ** 62n]),
    observedTimeNs: pick([0n, TIME_NS, TIME_NS + 1n]),
    severityNumber: pick([0, 1, 9, 24]),
    severityText: pick(['', 'INFO', 'wärn']),
    body: pick(VALUES),
    attributes: Array.from({ length: random(6) }, () => kv(pick(KEYS), pick(VALUES))),
    droppedAttributesCount: pick([0, 0, 300]),
    flags: pick([0, 1, 0xffff_ffff]),
    traceId: pick(['', '4bf92f3577b34da6a3ce929d0e0e4736']),
    spanId: pick(['', '00f067aa0ba902b7']),
    eventName: pick(['', 'login']),
  });
}

function dataOf(...records: readonly LogRecord[]): LogsData {
  const half = Math.ceil(records.length / 2);
  const resource = { attributes: [kv('service.name', 'checkout'), kv('data_stream.dataset', 'shop')], droppedAttributesCount: 0 };
  return {
    resourceLogs: [
      { resource, schemaUrl: 'https://example.test/1', scopeLogs: [{ scope: { name: 'winston', version: '3', attributes: [kv('s', 1n)], droppedAttributesCount: 0 }, schemaUrl: '', logRecords: records.slice(0, half) }] },
      { resource: null, schemaUrl: '', scopeLogs: [{ scope: null, schemaUrl: '', logRecords: records.slice(half) }] },
    ],
  };
}

const known = new WireLogs();

/** Lines of the bulk request, each with its members in any order, and where each document's id is. */
function documents(logs: LogsData, wire: Uint8Array | undefined, wireItems: Uint32Array | null = null): unknown {
  const items = logs.resourceLogs.flatMap(({ scopeLogs }) => scopeLogs).reduce((sum, { logRecords }) => sum + logRecords.length, 0);
  const part: BatchPart = { position: 4711, receivedNs: TIME_NS + 9n, data: { signal: 'logs', logs }, items, ordinals: Uint32Array.from({ length: items }, (_, i) => i * 2), ...(wire ? { wire, wireItems } : {}) };
  const batch: Batch = { tenant: 'default', signal: 'logs', parts: [part], items };
  const writer = new DocumentWriter(64);
  logDocuments(batch, new Router(elasticsearch.parseConfig({ endpoint: 'http://localhost:9200' }, detachedPlace('(test)')), 'default'), new DocumentIds('0190a7c5-1e3f-7a0b-9c2d-3e4f5a6b7c8d'), 'otel', known, writer);
  const { documents: made } = writer.all();
  const { repeats } = writer.out;
  for (let n = 0; n < repeats.count; n++) {
    const [at, source, length] = [repeats.at(n), repeats.source(n), repeats.length(n)];
    assert.ok(source < at && made.body.subarray(at, at + length).equals(made.body.subarray(source, source + length)), `repeat ${n} is none`);
  }
  const text = (n: number): string => made.body.toString('utf8', made.start(n), made.end(n));
  return [...made.all()].map((n) => ({
    index: made.index(n), items: made.items(n), id: made.id(n),
    lines: text(n).trimEnd().split('\n').map((line): unknown => JSON.parse(line)),
    exact: text(n).match(/"@timestamp":"[^"]*"|"(?:observed_timestamp|a|b|e|data|http\.route)":[^,}]*/g)?.sort(),
  }));
}

describe('exporters/elasticsearch/wire-logs', () => {
  it('writes out of the bytes what it writes of the objects', () => {
    const usual = dataOf(record(), record({ attributes: [kv('http.route', '/orders/{id}'), kv('a', 12n), kv('b', 1.5), kv('e', true)] }), record({ timeNs: 0n, observedTimeNs: 0n, body: '' }));
    assert.deepEqual(documents(usual, encodeLogs(usual)), documents(usual, undefined));
    for (const value of VALUES) {
      const rare = dataOf(record({ body: value, attributes: [kv('a', value)] }), record({ attributes: [kv('b', 'x'), kv('a', value), kv('b', 'y')] }));
      assert.deepEqual(documents(rare, encodeLogs(rare)), documents(rare, undefined), String(value));
    }
    for (const key of KEYS) {
      const rare = dataOf(record({ attributes: [kv('first', 'x'), kv(key, 'value')] }), record());
      assert.deepEqual(documents(rare, encodeLogs(rare)), documents(rare, undefined), key);
    }
  });

  it('does so for any records', () => {
    for (let seed = 0; seed < 300; seed++) {
      const random = randomOf(seed);
      const logs = dataOf(...Array.from({ length: 1 + random(6) }, () => randomRecord(random)));
      const decoded = decodeLogs(encodeLogs(logs));
      assert.deepEqual(documents(decoded, encodeLogs(logs)), documents(decoded, undefined), `seed ${seed}`);
    }
  });

  it('takes of the bytes the wanted records alone', () => {
    const records = Array.from({ length: 7 }, (_, i) => record({ body: `line ${i}` }));
    const wanted = [1, 2, 6];
    const all = dataOf(...records);
    const some = decodeLogs(encodeLogs(all), [0, 3, 4, 5]);
    assert.deepEqual(documents(some, encodeLogs(all), Uint32Array.from(wanted)), documents(some, undefined));
  });

  it('makes of damaged bytes what decoding makes of them, or refuses them', () => {
    const bytes = encodeLogs(dataOf(record({ attributes: [kv('a', 'x'), kv('b', 7n)] }), record({ body: 'Grüße' }), record({ observedTimeNs: 0n })));
    let refused = 0;
    for (let seed = 0; seed < 3000; seed++) {
      const random = randomOf(seed);
      const damaged = Uint8Array.from(bytes);
      damaged[random(damaged.length)] = random(256);
      let logs: LogsData;
      let found: unknown;
      try {
        logs = decodeLogs(damaged);
      } catch {
        refused++;
        // What stands behind the last one of a field may be malformed and not be looked at; nothing else than a refusal is thrown.
        try {
          documents(dataOf(record(), record(), record()), damaged);
        } catch (error) {
          assert.ok(error instanceof OtlpError, `seed ${seed}: ${String(error)}`);
        }
        continue;
      }
      try {
        found = documents(logs, damaged);
      } catch (error) {
        assert.fail(`seed ${seed}: ${String(error)}`);
      }
      assert.deepEqual(found, documents(logs, undefined), `seed ${seed}`);
    }
    assert.ok(refused > 0);
  });
});
