import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { decodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import { toLoki, type LokiEntry } from '@signalbox/signals/loki/stream';
import { compressSync } from 'snappy';
import { LineContexts } from '../../exporters/loki/line-contexts.js';
import { PushEncoder } from '../../exporters/loki/push-encoder.js';
import { PushEntries } from '../../exporters/loki/push-entries.js';
import { batchOf } from '../../exporters/testing/context.js';
import { Random, randomLogs } from '../../exporters/testing/random-logs.js';
import { detachedPlace } from '../../config/place.js';
import { startReceiver, type Started } from '../push/fixture.test.js';
import { loki } from './index.js';
import { parseStreamLabels } from './stream-labels.js';

const PATH = '/loki/api/v1/push';
const JSON_TYPE = { 'content-type': 'application/json' };

describe('receivers/loki', () => {
  let started: Started;
  beforeEach(async () => {
    started = await startReceiver(loki);
  });
  afterEach(() => started.close());

  const post = (body: Uint8Array | string, headers: Record<string, string>): Promise<Response> => fetch(`${started.mountedUrl}${PATH}`, { method: 'POST', body, headers });
  /** What Loki would show of all that was kept. */
  const entries = async (): Promise<LokiEntry[]> =>
    (await started.frames()).flatMap(({ payload }) => decodeLogs(payload).resourceLogs.flatMap(({ resource, scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords.map((record) => toLoki(resource, null, record)))));

  it("takes its settings where the Collector's stand", () => {
    const parse = (raw: unknown) => loki.parseConfig(raw, detachedPlace('(test)', ['receivers', 'loki'])) as { readonly endpoint?: string; readonly max_connections: number };
    assert.deepEqual([parse({}).endpoint, parse({ protocols: null }).endpoint, parse({ protocols: { http: null } }).endpoint], [undefined, undefined, 'localhost:3500']);
    const config = parse({ protocols: { http: { endpoint: '127.0.0.1:3510', max_connections: 7 } }, use_incoming_timestamp: true });
    assert.deepEqual([config.endpoint, config.max_connections], ['127.0.0.1:3510', 7]);
    assert.throws(() => parse({ protocols: { grpc: { endpoint: 'x:1' } } }), /loki\.protocols\.grpc: 'grpc' is not available here: entries are pushed over HTTP/);
    assert.throws(() => parse({ protocols: { htpt: {} } }), /protocols\.htpt: unknown key 'htpt'\. Did you mean 'http'/);
    assert.throws(() => parse({ protocols: { http: { endpont: 'x:1' } } }), /protocols\.http\.endpont: unknown key 'endpont'/);
    assert.throws(() => parse({ protocols: 'http' }), /loki\.protocols: expected a map, found text/);
  });

  it('takes JSON with structured metadata, plain and compressed', async () => {
    const trace = 'ab'.repeat(16);
    const body = JSON.stringify({ streams: [{ stream: { service_name: 'shop', deployment_environment: 'prod', pod: 'p1', severity: 'error' }, values: [['1700000000000000001', 'line 1', { trace_id: trace, user: 'u' }], ['1700000000000000002', 'line\n2']] }] });
    assert.equal((await post(body, JSON_TYPE)).status, 204);
    assert.equal((await post(gzipSync(body), { ...JSON_TYPE, 'content-encoding': 'gzip' })).status, 204);
    const all = await entries();
    assert.equal(all.length, 4);
    assert.deepEqual({ ...all[0]!.stream }, { deployment_environment: 'prod', pod: 'p1', service_name: 'shop', severity: 'error' });
    assert.deepEqual([all[0]!.line, all[0]!.timeNs, all[1]!.line], ['line 1', 1700000000000000001n, 'line\n2']);
    assert.deepEqual(all[0]!.structuredMetadata, { trace_id: trace, user: 'u' });
    assert.deepEqual(all[1]!.structuredMetadata, {});
  });

  it('takes what our own exporter pushes', async () => {
    const seed = Number(process.env['SIGNALBOX_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
    const random = new Random(seed);
    const contexts = new LineContexts({});
    let sent = 0;
    for (let round = 0; round < 10; round++) {
      const batch = new PushEntries(batchOf('default', randomLogs(random, 10)), contexts);
      const encoder = new PushEncoder(contexts);
      for (const items of batch.byStream()) {
        const { body } = encoder.encode(batch, items, 1e6);
        const response = await post(body, { 'content-type': 'application/x-protobuf' });
        assert.equal(response.status, 204, `seed ${seed}: ${await response.text()}`);
        sent += items.length;
      }
    }
    assert.equal((await entries()).length, sent, `seed ${seed}`);
  });

  it('shows the labels of a stream as they were pushed, with the service that Loki finds', async () => {
    const push = async (stream: Record<string, string>) => assert.equal((await post(JSON.stringify({ streams: [{ stream, values: [['1', 'a']] }] }), JSON_TYPE)).status, 204);
    await push({ app: 'cart', job: 'x', level: 'WARN', severity: 'Odd', a__b: 'c', trace_id: 'mine' });
    await push({ zone: 'b', empty: '' });
    await push({});
    const all = await entries();
    assert.deepEqual(all.map(({ stream }) => stream), [
      { a__b: 'c', app: 'cart', job: 'x', level: 'WARN', service_name: 'cart', severity: 'Odd', trace_id: 'mine' },
      { service_name: 'unknown_service', zone: 'b' },
      { service_name: 'unknown_service' },
    ]);
    assert.deepEqual(all.map(({ structuredMetadata }) => structuredMetadata), [{}, {}, {}]);
  });

  it('refuses a stream beyond the limits in the words of Loki, and keeps the others', async () => {
    const many = (names: number) => Object.fromEntries(Array.from({ length: names }, (_, i) => [`l${i + 10}`, 'v']));
    const push = (...streams: Record<string, string>[]) => post(JSON.stringify({ streams: streams.map((stream) => ({ stream, values: [['1', 'a']] })) }), JSON_TYPE);
    assert.equal((await push({ ...many(15), service_name: 's' })).status, 204);
    const tooMany = await push(many(16), { good: 'yes' });
    assert.equal(tooMany.status, 400);
    assert.equal(await tooMany.text(), `entry for stream '{${Object.keys(many(16)).map((name) => `${name}="v", `).join('')}service_name="unknown_service"}' has 16 label names; limit 15\n`);
    assert.match(await (await push({ ['n'.repeat(1025)]: 'v' })).text(), /^stream '\{.*\}' has label name too long: 'n+'\n$/);
    assert.match(await (await push({ n: 'ü'.repeat(1025) })).text(), /^stream '\{.*\}' has label value too long: 'ü+'\n$/);
    assert.deepEqual((await entries()).slice(1).map(({ stream }) => stream), [{ good: 'yes', service_name: 'unknown_service' }]);
    assert.match(started.metrics.expose(), /otelcol_receiver_refused_log_records_total\{[^}]*\} 3/);
  });

  it('overwrites secrets', async () => {
    await post(JSON.stringify({ streams: [{ stream: { app: 'a' }, values: [['1', 'a', { authorization: 'Bearer topsecret' }]] }] }), JSON_TYPE);
    assert.ok(!(await started.frames())[0]?.payload.includes('topsecret'));
  });

  for (const [what, body, headers, status, text] of [
    ['no JSON', '{', JSON_TYPE, 400, /no JSON/],
    ['another shape', '{"streams": [{"stream": {"a": "b"}, "values": [[1, "x"]]}]}', JSON_TYPE, 400, /streams\.0\.values\.0\.0/],
    ['metadata that is no text', '{"streams": [{"stream": {"a": "b"}, "values": [["1", "x", {"n": 5}]]}]}', JSON_TYPE, 400, /'n' is no text/],
    ['broken snappy', 'hello there', { 'content-type': 'application/x-protobuf' }, 400, /corrupt input/],
    ['no protobuf', compressSync(Buffer.from('garbage')), { 'content-type': 'application/x-protobuf' }, 400, /at byte/],
    ['an unknown encoding', '{}', { ...JSON_TYPE, 'content-encoding': 'br' }, 400, /not supported/],
    ['a bomb of snappy', compressSync(Buffer.alloc(40 * 2 ** 20)), { 'content-type': 'application/x-protobuf' }, 413, /41943040 bytes when decompressed/],
    ['a bomb of gzip', gzipSync(Buffer.alloc(40 * 2 ** 20, ' ')), { ...JSON_TYPE, 'content-encoding': 'gzip' }, 413, /33554432/],
    ['a body that is too large', ' '.repeat(17 * 2 ** 20), JSON_TYPE, 413, /16777216/],
    ['JSON nested too deep', `{"streams": ${'['.repeat(1_000_000)}`, JSON_TYPE, 400, /no JSON|streams/],
  ] as const) {
    it(`answers ${what} with ${status}`, async () => {
      const response = await post(body, headers);
      assert.match(await response.text(), text);
      assert.equal(response.status, status);
      assert.deepEqual(await started.frames(), []);
    });
  }

  it('reads labels as LogQL writes them, and says where they end', () => {
    assert.deepEqual(parseStreamLabels(' { b = "x\\n\\u00fc\\"" , a=`raw\\n`,} '), [['a', 'raw\\n'], ['b', 'x\nü"']]);
    for (const bad of ['', '{', '{a}', '{a=}', '{a="b"', '{a="b" c="d"}', '{9="b"}', '{a="b"}x', '{a="\\q"}', '{a="1",a="2"}']) assert.throws(() => parseStreamLabels(bad), /error/);
  });
});
