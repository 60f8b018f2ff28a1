import assert from 'node:assert/strict';
import { fastify } from 'fastify';
import { tempoApi } from '@signalbox/query/http/tempo/plugin';
import { FAILED_TRACE, exampleTraces } from '@signalbox/query/memory/example';
import { MemoryReaders } from '@signalbox/query/memory/readers';
import type { Json } from './json.js';
import { readId, readTrace } from './trace.js';

describe('a trace as the API answers it', () => {
  it('reads what the Tempo API gives, ids in base64 and enums by name', async () => {
    const readers = new MemoryReaders();
    readers.spans.add('default', exampleTraces(1_767_323_045_000_000_000n));
    const app = fastify();
    await app.register(tempoApi, { readers, tenantOf: () => 'default', fresh: () => Promise.resolve(), prefix: '/tempo' });
    const answer = await app.inject(`/tempo/api/v2/traces/${FAILED_TRACE}`);
    const spans = readTrace(answer.json<Json>());
    const root = spans.find(({ parentId }) => parentId === '');
    assert.equal(root?.spanId, 'b7ad6b7169203331');
    assert.equal(root.service, 'storefront');
    assert.equal(root.kind, 'server');
    assert.equal(root.status, 'error');
    assert.equal(root.statusMessage, 'payment declined');
    assert.equal(root.startNs, 1_767_323_045_000_000_000n);
    assert.equal(root.endNs - root.startNs, 250_000_000n);
    assert.deepEqual(root.attributes.find(({ key }) => key === 'http.response.status_code'), { key: 'http.response.status_code', value: '500', kind: 'number' });
    assert.deepEqual(root.attributes.find(({ key }) => key === 'cart.items'), { key: 'cart.items', value: '["tea","jam"]', kind: 'structure' });
    const place = spans.find(({ name }) => name === 'orders.Orders/Place');
    assert.equal(place?.parentId, root.spanId);
    assert.equal(place.events[0]?.name, 'exception');
    assert.equal(place.links[0]?.traceId, '00000000000000001234567890abcdef');
    await app.close();
  });

  it('reads OTLP JSON too, ids in hexadecimal and enums as numbers', () => {
    const [span] = readTrace({ resourceSpans: [{ scopeSpans: [{ scope: { name: 'lib', version: '1' }, spans: [{ traceId: 'AB'.repeat(16), spanId: 'CD'.repeat(8), parentSpanId: '0'.repeat(16), name: 'x', kind: 3, startTimeUnixNano: '20', endTimeUnixNano: 10, status: { code: 2 } }] }] }] });
    assert.equal(span?.spanId, 'cd'.repeat(8));
    assert.equal(span.parentId, '');
    assert.equal(span.kind, 'client');
    assert.equal(span.status, 'error');
    assert.equal(span.endNs, span.startNs, 'an end before the start is no duration');
    assert.equal(span.service, 'unknown_service');
    assert.equal(span.scope, 'lib 1');
  });

  for (const odd of [null, 5, 'text', [], {}, { trace: null }, { trace: { resourceSpans: [null, 7, { scopeSpans: 'x' }, { scopeSpans: [{ spans: [null] }] }] } }] as const) {
    it(`makes the best of ${JSON.stringify(odd)}`, () => { assert.ok(Array.isArray(readTrace(odd as Json))); });
  }

  it('knows ids in both forms', () => {
    assert.equal(readId('0af7651916cd43dd8448eb211c80319c', 16), '0af7651916cd43dd8448eb211c80319c');
    assert.equal(readId('CvdlGRbNQ92ESOshHIAxnA==', 16), '0af7651916cd43dd8448eb211c80319c');
    assert.equal(readId('AAAAAAAAAAA=', 8), '');
    assert.equal(readId('%%%', 8), '');
  });
});
