import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { decodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import { startReceiver, type Started } from '../push/fixture.test.js';
import { zipkin } from './index.js';

const SPAN = {
  traceId: '5982fe77008310cc80f1da5e10147517',
  parentId: '90394f6bcffb5d13',
  id: '67fae42571535f60',
  kind: 'SERVER',
  name: '/m/n/2.6.1',
  timestamp: 1516781775726000,
  duration: 26000,
  localEndpoint: { serviceName: 'api', ipv4: '10.0.0.1', port: 80 },
  remoteEndpoint: { serviceName: 'apip', ipv4: '1.2.3.4' },
  annotations: [{ timestamp: 1516781775726010, value: 'flushed' }, { timestamp: 1516781775726020, value: '"exception": {"exception.type":"E"}' }],
  tags: { 'http.method': 'GET', error: 'timeout', 'otel.scope.name': 'lib', 'otel.scope.version': '1', password: 'hunter2' },
};

/** zipkin.proto3.ListOfSpans with one span, written by hand. */
function protobuf(span: typeof SPAN): Uint8Array {
  const field = (number: number, bytes: Uint8Array): Buffer => Buffer.concat([varint(BigInt(number << 3 | 2)), varint(BigInt(bytes.length)), bytes]);
  const varint = (value: bigint): Buffer => {
    const bytes: number[] = [];
    let rest = value;
    for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
    return Buffer.from([...bytes, Number(rest)]);
  };
  const number = (field: number, value: number): Buffer => Buffer.concat([varint(BigInt(field << 3)), varint(BigInt(value))]);
  const fixed = (field: number, value: number): Buffer => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(value));
    return Buffer.concat([varint(BigInt(field << 3 | 1)), bytes]);
  };
  const endpoint = (each: { serviceName: string; ipv4: string; port?: number }): Buffer => Buffer.concat([field(1, Buffer.from(each.serviceName)), field(2, Uint8Array.from(each.ipv4.split('.').map(Number))), ...(each.port ? [number(4, each.port)] : [])]);
  return field(1, Buffer.concat([
    field(1, Buffer.from(span.traceId, 'hex')), field(2, Buffer.from(span.parentId, 'hex')), field(3, Buffer.from(span.id, 'hex')), number(4, 2), field(5, Buffer.from(span.name)), fixed(6, span.timestamp), number(7, span.duration),
    field(8, endpoint(span.localEndpoint)), field(9, endpoint(span.remoteEndpoint)), ...span.annotations.map(({ timestamp, value }) => field(10, Buffer.concat([fixed(1, timestamp), field(2, Buffer.from(value))]))),
    ...Object.entries(span.tags).map(([key, value]) => field(11, Buffer.concat([field(1, Buffer.from(key)), field(2, Buffer.from(value))]))), number(12, 0),
  ]));
}

describe('receivers/zipkin', () => {
  let started: Started;
  let url: string;
  beforeEach(async () => {
    started = await startReceiver(zipkin, { config: { endpoint: '127.0.0.1:0' } });
    url = `http://${started.receiver.endpoints()[0]!.address}/api/v2/spans`;
  });
  afterEach(() => started.close());

  const post = (body: string | Uint8Array, headers: Record<string, string> = { 'content-type': 'application/json' }): Promise<Response> => fetch(url, { method: 'POST', body, headers });

  it('takes spans, plain and compressed', async () => {
    assert.equal((await post(JSON.stringify([SPAN]))).status, 202);
    assert.equal((await post(gzipSync(JSON.stringify([SPAN])), { 'content-type': 'application/json', 'content-encoding': 'gzip' })).status, 202);
    const frames = await started.frames();
    assert.equal(frames.length, 2);
    const [resource] = decodeTraces(frames[0]!.payload).resourceSpans;
    assert.deepEqual(resource?.resource?.attributes, [{ key: 'service.name', value: 'api' }]);
    assert.deepEqual([resource?.scopeSpans[0]?.scope?.name, resource?.scopeSpans[0]?.scope?.version], ['lib', '1']);
    const span = resource?.scopeSpans[0]?.spans[0];
    assert.deepEqual([span?.traceId, span?.spanId, span?.parentSpanId, span?.kind, span?.name], [SPAN.traceId, SPAN.id, SPAN.parentId, 2, SPAN.name]);
    assert.deepEqual([span?.startNs, span?.endNs], [1516781775726000000n, 1516781775752000000n]);
    assert.deepEqual(span?.status, { code: 2, message: 'timeout' });
    assert.deepEqual(span?.events.map(({ name, attributes }) => [name, attributes]), [['flushed', []], ['exception', [{ key: 'exception.type', value: 'E' }]]]);
    const attributes = new Map(span?.attributes.map(({ key, value }) => [key, value]));
    assert.deepEqual([attributes.get('http.method'), attributes.get('peer.service'), attributes.get('network.peer.address'), attributes.get('network.local.port')], ['GET', 'apip', '1.2.3.4', 80n]);
    assert.notEqual(attributes.get('password'), 'hunter2');
  });

  it('takes protobuf as it takes JSON', async () => {
    assert.equal((await post(JSON.stringify([SPAN]))).status, 202);
    assert.equal((await post(protobuf(SPAN), { 'content-type': 'application/x-protobuf' })).status, 202);
    const [json, binary] = (await started.frames()).map(({ payload }) => decodeTraces(payload));
    assert.deepEqual(binary, json);
  });

  it('keeps both addresses of an endpoint that has two, and leaves tags of their names as they are', async () => {
    const both = { ipv4: '10.0.0.1', ipv6: '2001:db8::1', port: 80 };
    const spans = [{ ...SPAN, localEndpoint: both, remoteEndpoint: { ...both, ipv4: '' } }, { ...SPAN, localEndpoint: { ipv4: '10.0.0.2' }, remoteEndpoint: both, tags: { 'network.peer.address': 'tagged' } }];
    assert.equal((await post(JSON.stringify(spans))).status, 202);
    const [resource] = decodeTraces((await started.frames())[0]!.payload).resourceSpans;
    const addresses = (resource?.scopeSpans ?? []).flatMap(({ spans: list }) => list).map(({ attributes }) => Object.fromEntries(attributes.filter(({ key }) => /^(network|zipkin)\./.test(key)).map(({ key, value }) => [key, value])));
    assert.deepEqual(addresses, [
      { 'network.local.address': '10.0.0.1', 'zipkin.local_endpoint.ipv6': '2001:db8::1', 'network.local.port': 80n, 'network.peer.address': '2001:db8::1', 'network.peer.port': 80n },
      { 'network.peer.address': 'tagged', 'network.local.address': '10.0.0.2', 'zipkin.remote_endpoint.ipv6': '2001:db8::1', 'network.peer.port': 80n },
    ]);
  });

  it('takes short trace ids and spans that say little', async () => {
    assert.equal((await post(JSON.stringify([{ traceId: '80F1DA5E10147517', id: '67fae42571535f60' }]))).status, 202);
    const span = decodeTraces((await started.frames())[0]!.payload).resourceSpans[0]?.scopeSpans[0]?.spans[0];
    assert.deepEqual([span?.traceId, span?.kind, span?.status], ['000000000000000080f1da5e10147517', 1, { code: 0, message: '' }]);
  });

  for (const [what, body, headers, status, text] of [
    ['no JSON', '[', undefined, 400, /no JSON/],
    ['no list', '{}', undefined, 400, /a list of spans/],
    ['an id of wrong length', '[{"traceId":"12","id":"67fae42571535f60"}]', undefined, 400, /\$\[0\]\.traceId: expected 16 or 32 hex digits/],
    ['an id of zeros', '[{"traceId":"0000000000000000","id":"67fae42571535f60"}]', undefined, 400, /cannot be taken/],
    ['tags that are no text', '[{"traceId":"5982fe77008310cc","id":"67fae42571535f60","tags":{"a":1}}]', undefined, 400, /\$\[0\]\.tags\.a/],
    ['protobuf that is none', 'x', { 'content-type': 'application/x-protobuf' }, 400, /at byte|offset/],
    ['protobuf without ids', Uint8Array.of(0x0a, 0), { 'content-type': 'application/x-protobuf' }, 400, /\$\[0\]\.traceId: expected 16 or 32 hex digits/],
    ['protobuf that ends within a span', Uint8Array.of(0x0a, 50, 0x0a, 16), { 'content-type': 'application/x-protobuf' }, 400, /at byte|offset/],
    ['a bomb', gzipSync(Buffer.alloc(40 * 2 ** 20, ' ')), { 'content-type': 'application/json', 'content-encoding': 'gzip' }, 413, /33554432/],
    ['a body that is too large', ' '.repeat(17 * 2 ** 20), undefined, 413, /16777216/],
    ['JSON nested too deep', '['.repeat(1_000_000), undefined, 400, /no JSON|spans/],
    ['thrift', 'x', { 'content-type': 'application/x-thrift' }, 415, /application\/json or application\/x-protobuf/],
  ] as const) {
    it(`answers ${what} with ${status}`, async () => {
      const response = await post(body, headers);
      assert.match(await response.text(), text);
      assert.equal(response.status, status);
      assert.deepEqual(await started.frames(), []);
    });
  }
});
