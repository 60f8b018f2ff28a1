import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LogRecord } from '@signalbox/signals/model/log-record';
import type { Batch } from '../../component.js';
import { ConfigError } from '../../config/error.js';
import { detachedPlace } from '../../config/place.js';
import { systemClock } from '../../telemetry/clock.js';
import { createLogger } from '../../telemetry/logger.js';
import { createMetrics } from '../../telemetry/metrics.js';
import { logparser } from './index.js';

const EMPTY: LogRecord = { timeNs: 0n, observedTimeNs: 5n, severityNumber: 0, severityText: '', body: null, attributes: [], droppedAttributesCount: 0, flags: 0, traceId: '', spanId: '', eventName: '' };

function run(config: Record<string, unknown>, records: readonly Partial<LogRecord>[]) {
  const metrics = createMetrics();
  const processor = logparser.create(logparser.parseConfig(config, detachedPlace('(test)')), { id: 'logparser', logger: createLogger({ stream: { write: () => undefined } }), clock: systemClock(), metrics, dataDir: '/nonexistent', journalId: '' });
  const logRecords = records.map((record) => ({ ...EMPTY, ...record }));
  const batch: Batch = { tenant: 'default', signal: 'logs', items: logRecords.length, parts: [{ position: 0, receivedNs: 0n, items: logRecords.length, ordinals: Uint32Array.from(logRecords.keys()), data: { signal: 'logs', logs: { resourceLogs: [{ resource: null, schemaUrl: '', scopeLogs: [{ scope: null, schemaUrl: '', logRecords }] }] } } }] };
  const { data } = processor.process(batch).batch.parts[0]!;
  assert.ok(data.signal === 'logs');
  return { records: data.logs.resourceLogs[0]!.scopeLogs[0]!.logRecords, metrics: metrics.expose() };
}

const attributesOf = (record: LogRecord): Record<string, unknown> => Object.fromEntries(record.attributes.map(({ key, value }) => [key, value]));

describe('processors/logparser', () => {
  it('reads JSON: time with its zone, level, message, ids; the rest are attributes', () => {
    const { records: [record] } = run({ format: 'json' }, [{ body: '{"time":"2026-01-02T03:04:05.5+02:00","level":"WARN","msg":"hi","trace_id":"4BF92F3577B34DA6A3CE929D0E0E4736","span_id":"00f067aa0ba902b7","n":1,"d":1.0,"in":{"a":[1]}}' }]);
    assert.equal(record!.timeNs, BigInt(Date.parse('2026-01-02T01:04:05.500Z')) * 1_000_000n);
    assert.deepEqual([record!.severityNumber, record!.severityText, record!.body, record!.traceId, record!.spanId], [13, 'WARN', 'hi', '4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7']);
    const attributes = attributesOf(record!);
    assert.equal(attributes['n'], 1n);
    assert.equal(attributes['d'], 1);
    assert.equal(attributes['log.time_zone'], '+02:00');
  });

  it('keeps what the sender set, and its attributes', () => {
    const { records: [record] } = run({ format: 'json' }, [{ timeNs: 7n, severityNumber: 9, traceId: 'a'.repeat(32), attributes: [{ key: 'n', value: 'own' }], body: '{"time":"2026-01-02T03:04:05Z","level":"error","n":1,"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}' }]);
    assert.deepEqual([record!.timeNs, record!.severityNumber, record!.traceId, attributesOf(record!)['n']], [7n, 9, 'a'.repeat(32), 'own']);
  });

  it('keeps raw what it cannot parse, marks and counts it', () => {
    const { records, metrics } = run({ format: 'json' }, [{ body: '{"a":' }, { body: '[1]' }, { body: 1n }, { body: `{"a":${'['.repeat(40)}${']'.repeat(40)}}` }]);
    assert.deepEqual(records.map((record) => attributesOf(record)['log.parse_error']), ['not json', 'not json', undefined, 'not json']);
    assert.equal(records[0]!.body, '{"a":');
    assert.match(metrics, /signalbox_logparser_unparsed_records_total\{processor="logparser"\} 3/);
  });

  it('reads expressions with named groups, in linear time', () => {
    const { records } = run({ format: 'regex', pattern: '^(?P<time>\\S+ \\S+) \\[(?P<level>\\w+)\\] (?P<logger>[\\w.]+): (?P<msg>.*)$' }, [{ body: '2026-01-02 03:04:05,123 [ERROR] a.b: broken' }, { body: 'else' }]);
    assert.deepEqual([records[0]!.body, records[0]!.severityNumber, attributesOf(records[0]!)['logger'], records[0]!.timeNs % 1_000_000_000n], ['broken', 17, 'a.b', 123_000_000n]);
    assert.equal(attributesOf(records[1]!)['log.parse_error'], 'not regex');
    run({ format: 'regex', pattern: '(?P<x>(a+)+)c' }, [{ body: `${'a'.repeat(30_000)}b` }]);
  });

  const fixtures = join(import.meta.dirname, '../../../../test/fixtures/logs');
  for (const [file, format, expected] of [['json.log', 'json', 0], ['logfmt.log', 'logfmt', 1], ['cri.log', 'cri', 0], ['docker.log', 'cri', 0], ['nginx-access.log', 'nginx', 1], ['apache-access.log', 'apache', 0], ['mixed.log', 'auto', 1]] as const) {
    it(`reads ${file}`, () => {
      const lines = readFileSync(join(fixtures, file), 'utf8').trimEnd().split('\n');
      const { records, metrics } = run({ format }, lines.map((body) => ({ body })));
      const failed = Number(/unparsed_records_total\{[^}]*\} (\d+)/.exec(metrics)?.[1] ?? 0);
      assert.equal(failed, expected, records.filter((record) => attributesOf(record)['log.parse_error'] !== undefined).map((record) => String(record.body as string)).join('\n'));
      assert.ok(records.filter((record) => record.timeNs > 0n).length >= lines.length - expected, 'every line that is parsed has a time');
    });
  }

  it('names access logs by the conventions for HTTP', () => {
    const { records: [record] } = run({ format: 'nginx' }, [{ body: '203.0.113.9 - frank [10/Oct/2026:13:55:36 -0700] "GET /a?b=1 HTTP/1.1" 404 512 "https://example.org/" "Mozilla/5.0 \\"x\\""' }]);
    assert.deepEqual(attributesOf(record!), {
      'client.address': '203.0.113.9', 'user.name': 'frank', 'http.request.method': 'GET', 'url.path': '/a', 'url.query': 'b=1', 'network.protocol.version': '1.1', 'http.response.status_code': 404n,
      'http.response.body.size': 512n, 'http.request.header.referer': 'https://example.org/', 'user_agent.original': 'Mozilla/5.0 \\"x\\"', 'log.time_zone': '-0700',
    });
    assert.equal(record!.timeNs, BigInt(Date.parse('2026-10-10T20:55:36Z')) * 1_000_000n);
  });

  it('names what is wrong in its configuration', () => {
    for (const [config, message] of [[{ format: 'jsn' }, /json/], [{ format: 'regex' }, /needs a pattern/], [{ format: 'regex', pattern: '(' }, /missing closing/], [{ format: 'regex', pattern: 'a' }, /named group/], [{ format: 'json', pattern: 'a' }, /is for format: regex/], [{ time_zone: 'Mars' }, /offset/], [{ keepline: true }, /keepline/]] as const) {
      assert.throws(() => logparser.parseConfig(config, detachedPlace('(test)')), (error) => error instanceof ConfigError && message.test(error.mistakes.map((mistake) => mistake.message + String(mistake.nearest)).join()));
    }
  });
});
