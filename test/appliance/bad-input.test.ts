import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { AnyValue, KeyValue } from '@signalbox/signals/model/attributes';
import { KeyValueList } from '@signalbox/signals/model/attributes';
import type { Metric } from '@signalbox/signals/model/metric';
import type { Span } from '@signalbox/signals/model/span';
import { encodeMetrics } from '@signalbox/signals/otlp/protobuf/metrics';
import { encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import { EXPORT_METHOD, grpcCall } from 'signalbox/probe/grpc-call';
import { makeMarked } from 'signalbox/verify/marked';
import { startAppliance } from '../harness/appliance.js';
import type { RunningAppliance } from '../harness/appliance.js';
import { eventually } from '../integrations/eventually.js';

const PROTOBUF = 'application/x-protobuf';
const GRPC_INVALID_ARGUMENT = 3;
const GRPC_RESOURCE_EXHAUSTED = 8;
const GRPC_UNIMPLEMENTED = 12;

function span(change: Partial<Span> = {}): Span {
  const nowNs = BigInt(Date.now()) * 1_000_000n;
  return {
    traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex'), parentSpanId: '', traceState: '', flags: 0, name: 'bad input', kind: 1, startNs: nowNs, endNs: nowNs + 1000n,
    attributes: [], droppedAttributesCount: 0, events: [], droppedEventsCount: 0, links: [], droppedLinksCount: 0, status: { code: 0, message: '' }, ...change,
  };
}

function traces(spans: readonly Span[], attributes: readonly KeyValue[] = []): Uint8Array {
  return encodeTraces({ resourceSpans: [{ resource: { attributes: [{ key: 'service.name', value: 'bad-input' }, ...attributes], droppedAttributesCount: 0 }, schemaUrl: '', scopeSpans: [{ scope: null, schemaUrl: '', spans }] }] });
}

function nested(depth: number): AnyValue {
  let value: AnyValue = 'deep';
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : new KeyValueList([{ key: 'k', value }]);
  return value;
}

describe('bad input to a running appliance', function () {
  this.timeout(240_000);
  let appliance: RunningAppliance;
  before(async () => { appliance = await startAppliance(); });
  after(() => appliance.stop());

  const post = async (body: Uint8Array | string, headers: Record<string, string> = {}, path = '/v1/traces'): Promise<{ status: number; text: string; headers: Headers }> => {
    const response = await fetch(appliance.http + path, { method: 'POST', headers: { 'content-type': PROTOBUF, ...headers }, body: body as Uint8Array<ArrayBuffer> });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  const grpc = async (message: Uint8Array): Promise<{ status: number; message: string }> => {
    const answer = await grpcCall({ url: appliance.grpc, method: EXPORT_METHOD.traces, message, token: null, timeoutMs: 60_000 });
    assert.equal(answer.kind, 'answered', JSON.stringify(answer));
    return answer as { status: number; message: string };
  };
  const stored = async (traceId: string): Promise<{ startTime: number; duration: number; operationName: string }[]> => {
    const response = await fetch(`${appliance.url}/jaeger/api/traces/${traceId}`);
    return response.ok ? ((await response.json()) as { data: { spans: { startTime: number; duration: number; operationName: string }[] }[] }).data[0]!.spans : [];
  };

  /** After a flood it may take longer than a query waits until the store has caught up. */
  const caughtUp = async (): Promise<void> => {
    await eventually(async () => {
      const { journal } = (await (await fetch(`${appliance.url}/api/v1/status`)).json()) as { journal: { behindBytes: number } };
      assert.equal(journal.behindBytes, 0);
    }, 120_000);
  };

  /** What another client sends meanwhile arrives whatever else comes in. */
  afterEach(async () => {
    const marked = makeMarked(BigInt(Date.now()) * 1_000_000n);
    assert.equal((await post(encodeTraces(marked.traces))).status, 200);
    await caughtUp();
    assert.equal((await stored(marked.traceId)).length, 1);
    assert.equal((await fetch(`${appliance.url}/readyz`)).status, 200);
  });

  it('truncated and random requests are refused with the place', async () => {
    const whole = traces([span(), span()]);
    for (const cut of [1, 7, whole.length >> 1, whole.length - 1]) {
      const bytes = whole.subarray(0, cut);
      const answer = await post(bytes);
      assert.equal(answer.status, 400, `${cut} bytes`);
      assert.match(answer.text, /byte \d+|offset/);
      assert.equal((await grpc(bytes)).status, GRPC_INVALID_ARGUMENT);
    }
    for (let i = 0; i < 200; i++) assert.ok([200, 400].includes((await post(randomBytes(1 + (i * 37) % 500))).status));
  });

  it('oversized ones are refused by their length, before they are read', async () => {
    const answer = await post(Buffer.alloc(65 * 1024 * 1024));
    assert.equal(answer.status, 413);
    assert.match(answer.text, /\d+/);
    assert.equal((await grpc(Buffer.alloc(17 * 1024 * 1024))).status, GRPC_RESOURCE_EXHAUSTED);
  });

  it('a compression bomb is stopped at the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(400 * 1024 * 1024));
    assert.equal((await post(bomb, { 'content-encoding': 'gzip' })).status, 413);
    assert.equal((await post(Buffer.from('not gzip at all'), { 'content-encoding': 'gzip' })).status, 400);
    assert.equal((await post(traces([span()]), { 'content-encoding': 'br' })).status, 415);
  });

  it('values nested too deep are refused, in protobuf and in JSON', async () => {
    assert.equal((await post(traces([span({ attributes: [{ key: 'deep', value: nested(5) }] })]))).status, 200);
    const answer = await post(traces([span({ attributes: [{ key: 'deep', value: nested(60) }] })]));
    assert.ok(answer.status === 400 || answer.text.length > 0, 'refused whole or as one item');
    const json = `{"resourceSpans":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    assert.equal((await post(json, { 'content-type': 'application/json' })).status, 400);
  });

  it('wrong content types, methods and paths say what is right', async () => {
    const type = await post('x', { 'content-type': 'text/plain' });
    assert.equal(type.status, 415);
    assert.match(type.text, /application\/x-protobuf/);
    const method = await fetch(`${appliance.http}/v1/traces`);
    assert.equal(method.status, 405);
    assert.equal(method.headers.get('allow')?.includes('POST'), true);
    const path = await post('x', {}, '/v1/trace');
    assert.equal(path.status, 404);
    assert.match(path.text, /\/v1\/traces/);
    const unknown = await grpcCall({ url: appliance.grpc, method: '/no.such/Method', message: new Uint8Array(0), token: null, timeoutMs: 60_000 });
    assert.equal(unknown.kind === 'answered' && unknown.status, GRPC_UNIMPLEMENTED);
  });

  it('items with impossible ids are rejected alone; the others are stored', async () => {
    const good = span();
    const answer = await post(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [
      { traceId: good.traceId, spanId: good.spanId, name: 'good', startTimeUnixNano: String(good.startNs), endTimeUnixNano: String(good.endNs) },
      { traceId: '0'.repeat(32), spanId: good.spanId, name: 'zero trace' }, { traceId: good.traceId, spanId: '0'.repeat(16), name: 'zero span' }, { traceId: 'abcd', spanId: good.spanId, name: 'short' },
    ] }] }] }), { 'content-type': 'application/json' });
    assert.equal(answer.status, 200);
    const partial = (JSON.parse(answer.text) as { partialSuccess: { rejectedSpans: string | number; errorMessage: string } }).partialSuccess;
    assert.equal(Number(partial.rejectedSpans), 3);
    assert.match(partial.errorMessage, /id/);
    assert.deepEqual((await stored(good.traceId)).map((s) => s.operationName), ['good']);
  });

  it('times of zero, of the far future, and with the end before the start are kept as they came', async () => {
    const future = BigInt(Date.now() + 10 * 365 * 86_400_000) * 1_000_000n;
    const cases = [span({ startNs: 0n, endNs: 0n }), span({ startNs: future, endNs: future + 5000n }), span({ startNs: 2_000_000_000_000_000_000n, endNs: 1_000_000_000_000_000_000n }), span({ startNs: 0xffffffffffffffffn, endNs: 0xffffffffffffffffn })];
    assert.equal((await post(traces(cases))).status, 200);
    for (const each of cases) assert.equal((await stored(each.traceId)).length, 1, String(each.startNs));
    assert.equal(BigInt((await stored(cases[1]!.traceId))[0]!.startTime), future / 1000n);
  });

  it('a million distinct attribute keys are taken', async () => {
    for (let request = 0; request < 200; request++) {
      const spans = Array.from({ length: 50 }, (_, s) => span({ attributes: Array.from({ length: 100 }, (_, k) => ({ key: `key.${request}.${s}.${k}`, value: BigInt(k) })) }));
      assert.equal((await post(traces(spans))).status, 200);
    }
    const last = span({ attributes: [{ key: 'key.last', value: 'found' }] });
    await post(traces([last]));
    await caughtUp();
    const answer = await (await fetch(`${appliance.url}/jaeger/api/traces?service=bad-input&tags=${encodeURIComponent('{"key.last":"found"}')}&limit=5`)).text();
    assert.ok(answer.includes(last.traceId));
  });

  it('invalid UTF-8 is refused', async () => {
    const bytes = Buffer.from(traces([span({ name: 'name-to-break' })]));
    bytes[bytes.indexOf('name-to-break') + 3] = 0xff;
    const answer = await post(bytes);
    assert.equal(answer.status, 400);
    assert.match(answer.text, /UTF-8/);
  });

  it('a metric that changes its type is kept as both, and the query says nothing wrong', async () => {
    const nowNs = BigInt(Date.now()) * 1_000_000n;
    const point = { attributes: [], startNs: 0n, timeNs: nowNs, flags: 0, exemplars: [] };
    const send = (values: Metric['values']): Promise<{ status: number }> =>
      post(encodeMetrics({ resourceMetrics: [{ resource: null, schemaUrl: '', scopeMetrics: [{ scope: null, schemaUrl: '', metrics: [{ name: 'shifting', description: '', unit: '', metadata: [], values }] }] }] }), {}, '/v1/metrics');
    assert.equal((await send({ type: 'gauge', dataPoints: [{ ...point, value: 1 }] })).status, 200);
    assert.equal((await send({ type: 'sum', monotonic: true, temporality: 2, dataPoints: [{ ...point, value: 2n }] })).status, 200);
    assert.equal((await send({ type: 'histogram', temporality: 2, dataPoints: [{ ...point, count: 3n, sum: 4, min: null, max: null, bucketCounts: [1n, 2n], explicitBounds: [1] }] })).status, 200);
    const query = async (q: string): Promise<string[]> => ((await (await fetch(`${appliance.url}/prometheus/api/v1/query?query=${encodeURIComponent(q)}`)).json()) as { data: { result: { value: [number, string] }[] } }).data.result.map((r) => r.value[1]);
    assert.deepEqual(await query('shifting'), ['1']);
    assert.deepEqual(await query('shifting_total'), ['2']);
    assert.deepEqual(await query('shifting_count'), ['3']);
  });

  it('a client that stops in the middle of a request costs nothing', async () => {
    for (const port of [appliance.http, appliance.grpc].map((u) => Number(new URL(u).port))) {
      await new Promise<void>((resolve, reject) => {
        const socket = connect(port, '127.0.0.1', () => {
          socket.write(`POST /v1/traces HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: ${PROTOBUF}\r\ncontent-length: 1000\r\n\r\nhalf`);
          setTimeout(() => { socket.destroy(); resolve(); }, 50);
        });
        socket.on('error', reject);
      });
    }
    const answer = await fetch(`${appliance.http}/v1/traces`, { method: 'POST', headers: { 'content-type': PROTOBUF }, body: traces([span()]) });
    assert.equal(answer.status, 200, await answer.text());
    const inFlight = async (): Promise<string | undefined> => /^signalbox_intake_in_flight_bytes (\d+)$/m.exec(await (await fetch(`${appliance.url}/metrics`)).text())?.[1];
    await eventually(async () => assert.equal(await inFlight(), '0', 'bytes of requests that were cut off are still counted'));
  });
});
