import assert from 'node:assert/strict';
import { connect as connectHttp2, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import * as zlib from 'node:zlib';
import { gzipSync } from 'node:zlib';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { decodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import { decodeExportResponse, decodeStatus } from '@signalbox/signals/otlp/response';
import { encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import type { Appender } from '../../../intake/intake.js';
import { span, startReceiver, traceRequest, traces, type Setup, type Started } from '../fixture.test.js';

const EXPORT = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const LOGS = '/opentelemetry.proto.collector.logs.v1.LogsService/Export';

interface CallOptions {
  readonly path?: string;
  readonly metadata?: Record<string, string>;
  readonly gzip?: boolean;
  readonly timeoutMs?: number;
}

/** One unary call by grpc-js with raw bytes. */
async function call(port: number, message: Uint8Array, options: CallOptions = {}): Promise<Buffer> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), options.gzip ? { 'grpc.default_compression_algorithm': 2 } : {});
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(options.metadata ?? {})) metadata.set(key, value);
  try {
    return await new Promise((resolve, reject) => {
      client.makeUnaryRequest(options.path ?? EXPORT, (m: Uint8Array) => Buffer.from(m), (b: Buffer) => b, message, metadata, { deadline: Date.now() + (options.timeoutMs ?? 60_000) }, (error, answer) => (error ? reject(error) : resolve(answer!)));
    });
  } finally {
    client.close();
  }
}

async function failure(port: number, message: Uint8Array, options: CallOptions = {}): Promise<ServiceError> {
  return call(port, message, options).then(
    () => assert.fail('the call succeeded'),
    (error: ServiceError) => error,
  );
}

interface RawAnswer {
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** One call in raw HTTP/2, for what no well-behaved client sends. */
async function rawCall(session: ClientHttp2Session, headers: Record<string, string>, chunks: readonly Uint8Array[], end = true): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':method': 'POST', ':path': EXPORT, 'content-type': 'application/grpc', te: 'trailers', ...headers });
    let answer: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders = {};
    const body: Buffer[] = [];
    stream.on('response', (h) => (answer = h)).on('trailers', (t) => (trailers = t)).on('data', (c: Buffer) => body.push(c)).on('error', reject);
    stream.on('close', () => resolve({ headers: answer, trailers, body: Buffer.concat(body) }));
    for (const chunk of chunks) stream.write(chunk);
    if (end) stream.end();
  });
}

function framed(message: Uint8Array, flags = 0, length = message.length): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flags;
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, message]);
}

describe('receivers/otlp over gRPC', () => {
  let started: Started | undefined;
  const start = async (setup: Setup = {}): Promise<Started> => (started = await startReceiver(setup));
  afterEach(async () => {
    await started?.close();
    started = undefined;
  });

  it('appends what it acknowledges, plain and gzipped, with tenant and batch id', async () => {
    const { grpcPort, frames, metrics } = await start();
    const request = traceRequest(500);
    assert.equal((await call(grpcPort, request, { metadata: { 'x-scope-orgid': 'blue', 'signalbox-batch-id': 'b-1' } })).length, 0);
    assert.equal((await call(grpcPort, request, { gzip: true })).length, 0);
    await call(grpcPort, request, { metadata: { 'x-scope-orgid': 'blue', 'signalbox-batch-id': 'b-1' } });
    const kept = await frames();
    assert.deepEqual(kept.map(({ signal, encoding, tenant, items, batchId }) => ({ signal, encoding, tenant, items, batchId })), [
      { signal: 'traces', encoding: 'otlp', tenant: 'blue', items: 500, batchId: 'b-1' },
      { signal: 'traces', encoding: 'otlp', tenant: 'default', items: 500, batchId: '' },
    ]);
    assert.ok(kept.every((frame) => frame.payload.equals(request)));
    assert.match(metrics.expose(), /otelcol_receiver_accepted_spans_total\{receiver="otlp",transport="grpc"\} 1500/);
    assert.match(metrics.expose(), /signalbox_intake_duplicate_batches_total 1/);
    assert.match(metrics.expose(), /signalbox_intake_in_flight_bytes 0/);
  });

  it('takes zstd where Node.js has it, and says what it takes where it has not', async () => {
    const { grpcPort, frames } = await start();
    const session = connectHttp2(`http://127.0.0.1:${grpcPort}`);
    const zstd = (zlib as { readonly zstdCompressSync?: (bytes: Uint8Array) => Buffer }).zstdCompressSync;
    const request = traceRequest(100);
    const { headers, trailers } = await rawCall(session, { 'grpc-encoding': 'zstd' }, [framed(zstd ? zstd(request) : request, 1)]);
    session.close();
    assert.equal(headers['grpc-accept-encoding'], zstd ? 'identity,gzip,zstd' : 'identity,gzip');
    if (zstd) assert.equal(trailers['grpc-status'], '0');
    else assert.deepEqual([headers['grpc-status'], headers['grpc-message']], ['12', "grpc-encoding 'zstd' is not supported: use gzip or identity"]);
    assert.equal((await frames()).length, zstd ? 1 : 0);
  });

  it('takes many calls on one connection at once', async () => {
    const { grpcPort, frames } = await start();
    const session = connectHttp2(`http://127.0.0.1:${grpcPort}`);
    const request = framed(traceRequest(20));
    const answers = await Promise.all(Array.from({ length: 500 }, () => rawCall(session, {}, [request])));
    assert.ok(answers.every(({ headers, trailers, body }) => headers['content-type'] === 'application/grpc+proto' && trailers['grpc-status'] === '0' && body.equals(Buffer.alloc(5))));
    assert.equal((await frames()).reduce((sum, frame) => sum + frame.items, 0), 10_000);
    session.close();
  });

  it('puts a message together from any pieces', async () => {
    const { grpcPort, frames } = await start();
    const session = connectHttp2(`http://127.0.0.1:${grpcPort}`);
    const request = framed(traceRequest(3));
    const pieces = [1, 2, 1, 3, 100].map((length, i, lengths) => request.subarray(lengths.slice(0, i).reduce((a, b) => a + b, 0)).subarray(0, length));
    const { trailers } = await rawCall(session, {}, [...pieces, request.subarray(107)]);
    assert.equal(trailers['grpc-status'], '0');
    assert.equal((await frames())[0]!.items, 3);
    session.close();
  });

  it('reports rejected items as a partial success, and keeps the rest', async () => {
    const { grpcPort, frames, metrics } = await start();
    const spans = [span(0), span(1, { traceId: '0'.repeat(32) }), span(2, { spanId: '' }), span(3)];
    const partial = decodeExportResponse(await call(grpcPort, encodeTraces(traces(spans))));
    assert.equal(partial!.rejected, 2);
    assert.match(partial!.message, /item 1/);
    const [frame] = await frames();
    assert.deepEqual(frame!.rejected, [1, 2]);
    assert.deepEqual(decodeTraces(frame!.payload, frame!.rejected).resourceSpans[0]!.scopeSpans[0]!.spans.map((s) => s.name), ['GET /items/0', 'GET /items/3']);
    assert.match(metrics.expose(), /otelcol_receiver_refused_spans_total\{receiver="otlp",transport="grpc"\} 2/);
  });

  it('overwrites secrets before they reach disk', async () => {
    const { grpcPort, frames } = await start({ config: { redact: { additional_attributes: ['card.number'] } } });
    const attributes = [{ key: 'http.request.header.authorization', value: 'Bearer hunter2' }, { key: 'card.number', value: '4111 1111' }, { key: 'name', value: 'kept' }];
    await call(grpcPort, encodeTraces(traces([span(0, { attributes })])));
    const [frame] = await frames();
    assert.equal(frame!.payload.includes('hunter2'), false);
    assert.equal(frame!.payload.includes('4111'), false);
    assert.ok(frame!.payload.includes('kept'));
  });

  it('answers an empty request without appending', async () => {
    const { grpcPort, frames } = await start();
    assert.equal((await call(grpcPort, new Uint8Array(0))).length, 0);
    assert.deepEqual(await frames(), []);
  });

  it('refuses a message over the limit, without reading it', async () => {
    const { grpcPort, frames, metrics } = await start({ config: { grpc: { max_recv_msg_size_mib: 1 } } });
    const error = await failure(grpcPort, Buffer.alloc(2 ** 20 + 1));
    assert.equal(error.code, 8);
    assert.match(error.details, /1048577 bytes is larger than the limit of 1048576/);
    const session = connectHttp2(`http://127.0.0.1:${grpcPort}`);
    const claimed = await rawCall(session, {}, [framed(Buffer.alloc(10), 0, 0xffffffff)], false);
    assert.equal(claimed.headers['grpc-status'], '8');
    session.close();
    assert.deepEqual(await frames(), []);
    assert.match(metrics.expose(), /signalbox_receiver_refused_requests_total\{receiver="otlp",transport="grpc",reason="too_large"\} 2/);
  });

  it('refuses what decompresses to more than the limit, whatever it says of itself', async () => {
    const { grpcPort } = await start({ config: { grpc: { max_recv_msg_size_mib: 1 } } });
    const session = connectHttp2(`http://127.0.0.1:${grpcPort}`);
    const bomb = gzipSync(Buffer.alloc(64 * 2 ** 20));
    const lying = Buffer.from(bomb);
    lying.writeUInt32LE(1000, lying.length - 4);
    for (const body of [bomb, lying]) {
      const { headers } = await rawCall(session, { 'grpc-encoding': 'gzip' }, [framed(body, 1)]);
      assert.equal(headers['grpc-status'], '8', headers['grpc-message']?.toString());
      assert.match(headers['grpc-message']!.toString(), /limit of 1048576|1048576/);
    }
    session.close();
  });

  it('takes a gzip of several members, of which the last alone says its length', async () => {
    const { grpcPort, frames } = await start();
    const session = connectHttp2(`http://127.0.0.1:${grpcPort}`);
    const request = traceRequest(200);
    const body = Buffer.concat([gzipSync(request.subarray(0, 30_000)), gzipSync(request.subarray(30_000))]);
    const { trailers } = await rawCall(session, { 'grpc-encoding': 'gzip' }, [framed(body, 1)]);
    assert.equal(trailers['grpc-status'], '0');
    assert.ok((await frames())[0]!.payload.equals(request));
    session.close();
  });

  type BadCall = readonly [what: string, headers: Record<string, string>, body: () => Buffer, code: string, message: RegExp];
  const badCalls: readonly BadCall[] = [
    ['a message cut off', {}, () => framed(traceRequest(2)).subarray(0, 50), '3', /cut off: 45 of \d+ bytes/],
    ['no message', {}, () => Buffer.alloc(0), '3', /cut off/],
    ['half a prefix', {}, () => Buffer.alloc(3), '3', /cut off/],
    ['two messages', {}, () => Buffer.concat([framed(traceRequest(1)), framed(traceRequest(1))]), '12', /more than one message/],
    ['unknown flags', {}, () => framed(traceRequest(1), 7), '13', /flags are 7/],
    ['compression without encoding', {}, () => framed(traceRequest(1), 1), '13', /without a grpc-encoding/],
    ['an unknown compression', { 'grpc-encoding': 'snappy' }, () => framed(traceRequest(1), 1), '12', /'snappy' is not supported: use gzip/],
    ['a gzip cut off', { 'grpc-encoding': 'gzip' }, () => framed(gzipSync(traceRequest(900)).subarray(0, 1200), 1), '3', /cut off|damaged|decompressed/],
    ['a gzip of nothing', { 'grpc-encoding': 'gzip' }, () => framed(Buffer.alloc(4), 1), '3', /cut off/],
    ['bytes that are no gzip', { 'grpc-encoding': 'gzip' }, () => framed(Buffer.alloc(100), 1), '3', /decompressed/],
    ['bytes that are no protobuf', {}, () => framed(Buffer.from('{"resourceSpans":[]}')), '3', /at byte \d+.*SBX_OTLP_MALFORMED/],
    ['a request cut within a span', {}, () => framed(traceRequest(2).subarray(0, 100)), '3', /at byte \d+/],
    ['invalid UTF-8', {}, () => framed(Buffer.from(traceRequest(1).toString('latin1').replace('GET /items', 'GET \xff\xfeitems'), 'latin1')), '3', /UTF-8/],
    ['a batch id too long', { 'signalbox-batch-id': 'x'.repeat(129) }, () => framed(traceRequest(1)), '3', /batch id/],
    ['an unknown method', { ':path': '/x.y.Z/Export' }, () => framed(traceRequest(1)), '12', /no method '\/x\.y\.Z\/Export'/],
    ['a signal without a pipeline', { ':path': LOGS }, () => framed(Buffer.alloc(0)), '12', /no pipeline takes logs/],
  ];
  for (const [what, headers, body, code, message] of badCalls) {
    it(`answers ${code} to ${what}, keeps nothing, and goes on`, async () => {
      const { grpcPort, frames, intake } = await start({ signals: ['traces'] });
      const session = connectHttp2(`http://127.0.0.1:${grpcPort}`);
      const answer = await rawCall(session, headers, [body()]);
      assert.equal(answer.headers['grpc-status'], code, answer.headers['grpc-message']?.toString());
      assert.match(decodeURIComponent(answer.headers['grpc-message']!.toString()), message);
      assert.deepEqual(await frames(), []);
      assert.equal((await rawCall(session, {}, [framed(traceRequest(1))])).trailers['grpc-status'], '0');
      assert.ok(intake.take(64 * 2 ** 20), 'all of the budget is free again');
      session.close();
    });
  }

  it('percent-encodes what grpc-message may not hold', async () => {
    const { grpcPort } = await start({ auth: { write: () => ({ refused: 'forbidden', reason: 'Schlüssel 100% falsch\n🔑' }) } });
    const session = connectHttp2(`http://127.0.0.1:${grpcPort}`);
    const { headers } = await rawCall(session, {}, [framed(traceRequest(1))]);
    assert.equal(headers['grpc-message'], 'Schl%C3%BCssel 100%25 falsch%0A%F0%9F%94%91');
    session.close();
  });

  it('asks who writes before it reads', async () => {
    const auth = { write: (authorization: string | undefined) => (authorization === 'Bearer good' ? { tenant: 'green' } : { refused: authorization === undefined ? ('unauthenticated' as const) : ('forbidden' as const), reason: 'a token is needed' }) };
    const { grpcPort, frames } = await start({ auth });
    assert.equal((await failure(grpcPort, traceRequest(1))).code, 16);
    assert.equal((await failure(grpcPort, traceRequest(1), { metadata: { authorization: 'Bearer bad' } })).code, 7);
    await call(grpcPort, traceRequest(1), { metadata: { authorization: 'Bearer good' } });
    assert.deepEqual((await frames()).map(({ tenant }) => tenant), ['green']);
  });

  it('says when to come again while the byte budget is used up, and takes it then', async () => {
    const { grpcPort, intake } = await start({ maxInFlightBytes: 100_000 });
    assert.ok(intake.take(99_000));
    const error = await failure(grpcPort, traceRequest(100));
    assert.equal(error.code, 8);
    const [details] = error.metadata.get('grpc-status-details-bin');
    const status = decodeStatus(details as Buffer);
    assert.equal(status.code, 8);
    assert.equal(status.retryDelayMs, 1000);
    intake.give(99_000);
    await call(grpcPort, traceRequest(100));
  });

  it('holds the budget for bytes that only were announced', async () => {
    const { grpcPort, intake } = await start({ maxInFlightBytes: 10_000 });
    const session = connectHttp2(`http://127.0.0.1:${grpcPort}`);
    const slow = session.request({ ':method': 'POST', ':path': EXPORT, 'content-type': 'application/grpc' });
    slow.on('error', () => undefined);
    slow.write(framed(Buffer.alloc(10), 0, 9000));
    for (let i = 0; i < 6000 && intake.take(2000); i++) {
      intake.give(2000);
      await sleep(5);
    }
    assert.equal((await failure(grpcPort, traceRequest(30))).code, 8);
    slow.close();
    for (let i = 0; i < 6000 && !intake.take(10_000); i++) await sleep(5);
    assert.equal(intake.take(1), false, 'the announced bytes came back when the stream was gone');
    session.close();
  });

  it('says that the disk refuses, when it does', async () => {
    const failing: Appender = { append: () => Promise.reject(Object.assign(new Error('the disk is full'), { code: 'SBX_JOURNAL_FULL' })) };
    const { grpcPort, metrics } = await start({ appender: () => failing });
    const error = await failure(grpcPort, traceRequest(5));
    assert.equal(error.code, 14);
    assert.match(error.details, /the disk is full \[SBX_JOURNAL_FULL\]/);
    assert.equal(decodeStatus(error.metadata.get('grpc-status-details-bin')[0] as Buffer).retryDelayMs, 5000);
    assert.match(metrics.expose(), /otelcol_receiver_refused_spans_total\{receiver="otlp",transport="grpc"\} 5/);
  });

  it('refuses one tenant too many, for good', async () => {
    const { grpcPort } = await start({ journal: { maxTenants: 1 } });
    await call(grpcPort, traceRequest(1), { metadata: { 'x-scope-orgid': 'a' } });
    const error = await failure(grpcPort, traceRequest(1), { metadata: { 'x-scope-orgid': 'b' } });
    assert.equal(error.code, 8);
    assert.deepEqual(error.metadata.get('grpc-status-details-bin'), []);
  });

  it("keeps to the caller's deadline", async () => {
    let release: (() => void) | undefined;
    const stuck = new Promise<void>((resolve) => (release = resolve));
    const { grpcPort } = await start({ appender: (journal) => ({ append: async (input) => (await stuck, journal.append(input)) }) });
    const session = connectHttp2(`http://127.0.0.1:${grpcPort}`);
    const { headers } = await rawCall(session, { 'grpc-timeout': '50m' }, [framed(traceRequest(1))]);
    assert.equal(headers['grpc-status'], '4');
    release!();
    session.close();
  });

  it('gives up on a message that does not come', async () => {
    const { grpcPort, intake } = await start({ config: { grpc: { read_timeout: '50ms' } } });
    const session = connectHttp2(`http://127.0.0.1:${grpcPort}`);
    const { headers } = await rawCall(session, {}, [framed(Buffer.alloc(5), 0, 1000)], false);
    assert.equal(headers['grpc-status'], '4');
    assert.ok(intake.take(64 * 2 ** 20));
    session.close();
  });

  it('answers health checks, and watchers when it stops', async () => {
    const { grpcPort, receiver } = await start({ auth: { write: () => ({ refused: 'unauthenticated', reason: 'x' }) } });
    const check = '/grpc.health.v1.Health/Check';
    assert.deepEqual([...(await call(grpcPort, new Uint8Array(0), { path: check }))], [8, 1]);
    const service = Buffer.from('opentelemetry.proto.collector.logs.v1.LogsService');
    assert.deepEqual([...(await call(grpcPort, Buffer.concat([Buffer.from([0x0a, service.length]), service]), { path: check }))], [8, 1]);
    assert.equal((await failure(grpcPort, Buffer.from([0x0a, 1, 0x78]), { path: check })).code, 5);

    const client = new Client(`127.0.0.1:${grpcPort}`, credentials.createInsecure());
    const watch = client.makeServerStreamRequest('/grpc.health.v1.Health/Watch', (m: Buffer) => m, (b: Buffer) => b, Buffer.alloc(0));
    const seen: number[] = [];
    watch.on('data', (message: Buffer) => seen.push(message[1]!));
    const ended = new Promise((resolve) => watch.on('end', resolve));
    for (let i = 0; i < 6000 && seen.length === 0; i++) await sleep(5);
    await receiver.shutdown();
    await ended;
    assert.deepEqual(seen, [1, 2]);
    client.close();
  });

  it('lets calls under way end when it stops', async () => {
    let release: (() => void) | undefined;
    let arrived: (() => void) | undefined;
    const stuck = new Promise<void>((resolve) => (release = resolve));
    const inside = new Promise<void>((resolve) => (arrived = resolve));
    const { grpcPort, receiver, frames } = await start({ appender: (journal) => ({ append: async (input) => (arrived!(), await stuck, journal.append(input)) }) });
    const answer = call(grpcPort, traceRequest(1));
    await inside;
    const stopped = receiver.shutdown();
    release!();
    await answer;
    await stopped;
    assert.equal((await frames()).length, 1);
    await assert.rejects(call(grpcPort, traceRequest(1), { timeoutMs: 500 }));
  });

  it('tells HTTP/1 clients where OTLP over HTTP is', async () => {
    const { grpcPort, httpPort, lines } = await start();
    const answer = await fetch(`http://127.0.0.1:${grpcPort}/v1/traces`, { method: 'POST', body: traceRequest(300), headers: { 'content-type': 'application/x-protobuf' } });
    assert.equal(answer.status, 400);
    assert.match(await answer.text(), new RegExp(`This is the OTLP/gRPC port\\. OTLP over HTTP is at http://127\\.0\\.0\\.1:${httpPort}/v1/traces`));
    assert.match(lines.join(''), /SBX_OTLP_WRONG_PORT/);
  });

  it('survives bytes of any kind', async () => {
    const { grpcPort } = await start();
    const session = connectHttp2(`http://127.0.0.1:${grpcPort}`);
    const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    for (const bytes of [Buffer.from([0x16, 3, 1, 0, 5]), Buffer.from('hello, is it me'), Buffer.alloc(100_000, 0xff), Buffer.from('PRI *'), Buffer.concat([preface, Buffer.alloc(1000, 0xff)]), Buffer.alloc(0)]) {
      await new Promise<void>((resolve) => {
        const socket = connect(grpcPort, '127.0.0.1', () => socket.end(bytes));
        socket.on('error', () => undefined).on('close', () => resolve()).resume();
      });
    }
    assert.equal((await rawCall(session, {}, [framed(traceRequest(1))])).trailers['grpc-status'], '0');
    session.close();
  });

  it('says what to do when the port is taken', async () => {
    const { grpcPort, httpPort } = await start();
    await assert.rejects(startReceiver({ config: { grpc: { endpoint: `127.0.0.1:${grpcPort}` } } }), (error: Error & { code?: string }) => error.code === 'SBX_RECEIVER_LISTEN' && /another process listens there/.test(error.message) && /protocols\.grpc\.endpoint/.test(error.message));
    await assert.rejects(startReceiver({ config: { http: { endpoint: `127.0.0.1:${httpPort}` } } }), /OTLP over HTTP cannot listen/);
  });
});
