import { strict as assert } from 'node:assert';
import { detachedPlace } from '../../config/place.js';
import type { Processor } from '../../component.js';
import { batchOf, testContext } from '../../exporters/testing/context.js';
import { attributes, frozen, metric, metrics, metricsOf, plain, point, span, spansOf, traces, type Plain } from '../editing/fixture.test.js';
import { normalize } from './index.js';
import { ATTRIBUTE_RENAMES, METRIC_RENAMES } from './renames.js';

const make = (raw: unknown = {}): Processor => normalize.create(normalize.parseConfig(raw, detachedPlace('test')), testContext());

function on(given: { readonly [key: string]: Plain }, { kind = 2, schemaUrl = '', raw = {} }: { kind?: number; schemaUrl?: string; raw?: unknown } = {}): Record<string, unknown> {
  const data = traces([span({ kind, attributes: attributes(given) })]);
  const [group] = data.resourceSpans;
  const [scoped] = group.scopeSpans;
  return plain(spansOf(make(raw).process(frozen(batchOf('default', { resourceSpans: [{ ...group, scopeSpans: [{ ...scoped, schemaUrl }] }] }))).batch)[0].attributes);
}

describe('processors/normalize', () => {
  const table: [string, { readonly [key: string]: Plain }, Record<string, unknown>, number?][] = [
    ['HTTP', { 'http.method': 'GET', 'http.status_code': 200n, 'http.url': 'http://a/b' }, { 'http.request.method': 'GET', 'http.response.status_code': 200n, 'url.full': 'http://a/b' }],
    ['a target', { 'http.target': '/a?b=c', 'http.scheme': 'https' }, { 'url.scheme': 'https', 'url.path': '/a', 'url.query': 'b=c' }],
    ['a host', { 'http.host': 'a.b:8080' }, { 'server.address': 'a.b', 'server.port': 8080n }],
    ['a host beside a better name', { 'http.host': 'x:1', 'net.host.name': 'a.b' }, { 'server.address': 'a.b', 'server.port': 1n }],
    ['peers of servers', { 'net.peer.name': 'a', 'net.peer.port': 1n, 'net.transport': 'ip_tcp' }, { 'client.address': 'a', 'client.port': 1n, 'network.transport': 'tcp' }],
    ['peers of clients', { 'net.peer.name': 'a', 'net.peer.port': 1n }, { 'server.address': 'a', 'server.port': 1n }, 3],
    ['databases', { 'db.system': 'mssql', 'db.name': 'shop', 'db.statement': 'select 1', 'db.operation': 'select', 'db.sql.table': 't' }, { 'db.system.name': 'microsoft.sql_server', 'db.namespace': 'shop', 'db.query.text': 'select 1', 'db.operation.name': 'select', 'db.collection.name': 't' }],
    ['messaging', { 'messaging.system': 'kafka', 'messaging.destination': 't', 'messaging.kafka.partition': 3n }, { 'messaging.system': 'kafka', 'messaging.destination.name': 't', 'messaging.destination.partition.id': 3n }],
    ['what has both names', { 'http.method': 'GET', 'http.request.method': 'POST' }, { 'http.request.method': 'POST' }],
    ['what has none of them', { 'http.route': '/a', other: 1n }, { 'http.route': '/a', other: 1n }],
  ];
  for (const [name, given, expected, kind] of table) it(`renames ${name}`, () => assert.deepEqual(on(given, kind === undefined ? {} : { kind }), expected));

  it('goes by the schema that the sender names', () => {
    const given = { 'http.method': 'GET', 'db.statement': 'x', 'code.function': 'f' };
    const at = (version: string): Record<string, unknown> => on(given, { schemaUrl: `https://opentelemetry.io/schemas/${version}` });
    assert.deepEqual(at('1.20.0'), { 'http.request.method': 'GET', 'db.query.text': 'x', 'code.function.name': 'f' });
    assert.deepEqual(at('1.24.0'), { 'http.method': 'GET', 'db.query.text': 'x', 'code.function.name': 'f' });
    assert.deepEqual(at('1.37.0'), given);
    assert.deepEqual(on(given, { schemaUrl: 'https://example.com/schemas/9' }), at('1.20.0'));
  });

  it('says which schema it brought things to', () => {
    const data = traces([span()]);
    const urls = (schemaUrl: string): string[] => {
      const { batch } = make().process(frozen(batchOf('default', { resourceSpans: [{ ...data.resourceSpans[0], schemaUrl }] })));
      return batch.parts.flatMap((part) => (part.data.signal === 'traces' ? part.data.traces.resourceSpans.map((group) => group.schemaUrl) : []));
    };
    assert.deepEqual([urls(''), urls('https://opentelemetry.io/schemas/1.20.0'), urls('https://opentelemetry.io/schemas/1.99.0'), urls('https://example.com/1.0.0')], [[''], ['https://opentelemetry.io/schemas/1.37.0'], ['https://opentelemetry.io/schemas/1.99.0'], ['https://example.com/1.0.0']]);
  });

  it('renames resources and metrics, and keeps old names where it is told to', () => {
    const gauge = (name: string): ReturnType<typeof metric> => metric(name, { type: 'gauge', dataPoints: [point({ attributes: attributes({ 'net.peer.name': 'db' }) })] });
    const { batch } = make().process(frozen(batchOf('default', metrics([gauge('db.client.connections.usage'), gauge('http.server.duration')], { 'deployment.environment': 'prod' }))));
    const [first, second] = metricsOf(batch);
    assert.deepEqual([first.name, second.name], ['db.client.connection.count', 'http.server.duration']);
    assert.ok(first.values.type === 'gauge' && batch.parts[0].data.signal === 'metrics');
    assert.deepEqual([plain(first.values.dataPoints[0].attributes), plain(batch.parts[0].data.metrics.resourceMetrics[0].resource!.attributes)], [{ 'server.address': 'db' }, { 'deployment.environment.name': 'prod' }]);
    assert.deepEqual(on({ 'http.method': 'GET' }, { raw: { keep_original: true } }), { 'http.method': 'GET', 'http.request.method': 'GET' });
    assert.deepEqual(on({ 'http.method': 'GET' }, { raw: { attributes: false } }), { 'http.method': 'GET' });
  });

  it('passes on what is up to date', () => {
    const batch = frozen(batchOf('default', traces([span({ attributes: attributes({ 'http.request.method': 'GET' }) })])));
    assert.equal(make().process(batch).batch, batch);
  });

  it('has tables that come to an end', () => {
    for (const list of [ATTRIBUTE_RENAMES, METRIC_RENAMES]) {
      const old = new Set(list.map(({ from }) => from));
      assert.equal(old.size, list.length, 'twice');
      for (const { from, to, since } of list) {
        for (const name of typeof to === 'string' ? [to] : [to.client, to.server]) assert.ok(!old.has(name), `${from} becomes ${name}, which is old itself`);
        assert.match(since, /^1\.\d+\.0$/);
      }
    }
  });
});
