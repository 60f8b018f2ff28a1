import { strict as assert } from 'node:assert';
import { metricName, unitName, type NameKind, type TranslationStrategy } from './metric-name.js';

const ESCAPED = 'UnderscoreEscapingWithSuffixes';
const PLAIN = 'UnderscoreEscapingWithoutSuffixes';
const UTF8 = 'NoUTF8EscapingWithSuffixes';
const NONE = 'NoTranslation';

/** name, unit, kind, strategy, expected; null where no name can be made. */
const CASES: readonly (readonly [string, string, NameKind, TranslationStrategy, string | null])[] = [
  ['http.server.request.duration', 's', 'other', ESCAPED, 'http_server_request_duration_seconds'],
  ['http.server.requests', '{request}', 'counter', ESCAPED, 'http_server_requests_total'],
  ['system.filesystem.usage', 'By', 'other', ESCAPED, 'system_filesystem_usage_bytes'],
  ['system.network.io', 'By', 'counter', ESCAPED, 'system_network_io_bytes_total'],
  ['system.cpu.utilization', '1', 'gauge', ESCAPED, 'system_cpu_utilization_ratio'],
  ['requests', '1', 'counter', ESCAPED, 'requests_total'],
  ['requests_total', '', 'counter', ESCAPED, 'requests_total'],
  ['total.requests', '', 'counter', ESCAPED, 'requests_total'],
  ['queue.size_bytes', 'By', 'gauge', ESCAPED, 'queue_size_bytes'],
  ['speed', 'm/s', 'gauge', ESCAPED, 'speed_meters_per_second'],
  ['speed', 'km/h', 'gauge', ESCAPED, 'speed_km_per_hour'],
  ['rate', '{packet}/s', 'gauge', ESCAPED, 'rate_per_second'],
  ['rate', '/min', 'gauge', ESCAPED, 'rate_per_min'],
  ['broken', 'unsupported.metric.temperature', 'gauge', ESCAPED, 'broken_unsupported_metric_temperature'],
  ['temperature', '°C', 'gauge', ESCAPED, 'temperature_C'],
  ['share', '%', 'gauge', ESCAPED, 'share_percent'],
  ['a..b__c', '', 'gauge', ESCAPED, 'a_b_c'],
  ['job:rate', '', 'gauge', ESCAPED, 'job:rate'],
  ['5xx', '', 'counter', ESCAPED, '_5xx_total'],
  ['日本', '', 'gauge', ESCAPED, null],
  ['', 's', 'gauge', ESCAPED, null],
  ['constructor', 'constructor', 'gauge', ESCAPED, 'constructor'],
  ['http.requests', 's', 'counter', PLAIN, 'http_requests'],
  ['_leading.and__double', '', 'gauge', PLAIN, '_leading_and__double'],
  ['http.requests', 's', 'counter', UTF8, 'http.requests_seconds_total'],
  ['http.requests.seconds', 's', 'counter', UTF8, 'http.requests.seconds_total'],
  ['http.requests.total', 's', 'counter', UTF8, 'http.requests_seconds_total'],
  ['cpu', '1', 'gauge', UTF8, 'cpu_ratio'],
  ['speed', 'm/s', 'gauge', UTF8, 'speed_meters_per_second'],
  ['http.requests', 's', 'counter', NONE, 'http.requests'],
  ['日本', '', 'gauge', NONE, '日本'],
];

describe('prometheus/metric-name', () => {
  for (const [name, unit, kind, strategy, expected] of CASES) {
    it(`${strategy}: ${JSON.stringify(name)} in ${JSON.stringify(unit)} (${kind}) → ${expected ?? 'no name'}`, () => {
      assert.equal(metricName(name, unit, kind, strategy), expected);
    });
  }

  it('puts a namespace in front', () => {
    assert.equal(metricName('a.b', 's', 'counter', ESCAPED, 'ns'), 'ns_a_b_seconds_total');
    assert.equal(metricName('5xx', '', 'gauge', ESCAPED, 'ns'), 'ns_5xx');
    assert.equal(metricName('a.b', '', 'gauge', PLAIN, 'my.ns'), 'my_ns_a_b');
    assert.equal(metricName('a.b', '', 'gauge', NONE, 'ns'), 'ns_a.b');
  });

  it('names units', () => {
    for (const [unit, expected] of [['s', 'seconds'], ['By/s', 'bytes_per_second'], ['{call}', ''], ['1', ''], ['{x}/m', 'per_minute'], ['foo bar', 'foo_bar'], ['', '']] as const) {
      assert.equal(unitName(unit), expected, unit);
    }
  });
});
