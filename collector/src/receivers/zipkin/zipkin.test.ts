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
    ['protobuf', 'x', { 'content-type': 'application/x-protobuf' }, 415, /application\/json/],
  ] as const) {
    it(`answers ${what} with ${status}`, async () => {
      const response = await post(body, headers);
      assert.match(await response.text(), text);
      assert.equal(response.status, status);
      assert.deepEqual(await started.frames(), []);
    });
  }
});
