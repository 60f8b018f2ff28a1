import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import * as zlib from 'node:zlib';
import { deflateSync, gzipSync } from 'node:zlib';
import { Client, credentials } from '@grpc/grpc-js';
import { logsToJson } from '@signalbox/signals/otlp/json/logs';
import { tracesToJson } from '@signalbox/signals/otlp/json/traces';
import { decodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import { decodeTraces, encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import { decodeExportResponse, decodeStatus } from '@signalbox/signals/otlp/response';
import type { Authenticator } from '../../../component.js';
import type { Appender } from '../../../intake/intake.js';
import { span, startReceiver, traceRequest, traces, type Setup, type Started } from '../fixture.test.js';

const PROTOBUF = { 'content-type': 'application/x-protobuf' };
const JSON_TYPE = { 'content-type': 'application/json' };

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

async function post(url: string, body: Uint8Array | string, headers: Record<string, string> = PROTOBUF, method = 'POST'): Promise<Answer> {
  const response = await fetch(url, { method, headers, ...(method === 'GET' ? {} : { body }) });
  return { status: response.status, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) };
}

/** Sends bytes as they are, and reads until the other end closes. */
function raw(port: number, bytes: string | Buffer, half = false): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => (half ? socket.end(bytes) : socket.write(bytes)));
    socket.on('data', (chunk) => (answer += chunk.toString('latin1'))).on('close', () => resolve(answer)).on('error', reject);
  });
}

describe('receivers/otlp over HTTP', () => {
  let started: Started | undefined;
  const start = async (setup: Setup = {}): Promise<Started> => (started = await startReceiver(setup));
  afterEach(async () => {
    await started?.close();
    started = undefined;
  });

  it('appends protobuf as it is, in every encoding, with tenant and batch id', async () => {
    const { httpUrl, frames, metrics } = await start();
    const request = traceRequest(100);
    const encodings: readonly (readonly [string, Buffer])[] = [['identity', request], ['gzip', gzipSync(request)], ['zlib', deflateSync(request)]];
    for (const [encoding, body] of encodings) {
      const answer = await post(`${httpUrl}/v1/traces`, body, { ...PROTOBUF, 'content-encoding': encoding, 'x-scope-orgid': 'blue' });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('content-type'), 'application/x-protobuf');
      assert.equal(answer.body.length, 0);
    }
    for (let i = 0; i < 2; i++) assert.equal((await post(`${httpUrl}/v1/traces`, request, { ...PROTOBUF, 'signalbox-batch-id': 'once' })).status, 200);
    const kept = await frames();
    assert.deepEqual(kept.map(({ tenant, items, batchId }) => `${tenant} ${items} ${batchId}`), ['blue 100 ', 'blue 100 ', 'blue 100 ', 'default 100 once']);
    assert.ok(kept.every((frame) => frame.payload.equals(request)));
    assert.match(metrics.expose(), /otelcol_receiver_accepted_spans_total\{receiver="otlp",transport="http"\} 500/);
    assert.match(metrics.expose(), /signalbox_intake_in_flight_bytes 0/);
  });

  it('takes JSON, and keeps it as protobuf', async () => {
    const { httpUrl, frames } = await start();
    const data = traces([span(0), span(1)]);
    const answer = await post(`${httpUrl}/v1/traces`, JSON.stringify(tracesToJson(data)), { 'content-type': 'application/json; charset=utf-8' });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-type'), 'application/json');
    assert.deepEqual(JSON.parse(answer.body.toString()), {});
    const [frame] = await frames();
    assert.deepEqual(decodeTraces(frame!.payload), data);
  });

  it('takes gzipped JSON, and numbers of more digits than a float holds', async () => {
    const { httpUrl, frames } = await start();
    const logs = {
      resourceLogs: [{ resource: { attributes: [] }, scopeLogs: [{ logRecords: [{ timeUnixNano: 'T', severityNumber: 9, body: { stringValue: 'id: 1234567890123456789, ok' }, attributes: [{ key: 'n', value: { intValue: 'N' } }] }] }] }],
    };
    const text = JSON.stringify(logs).replace('"T"', '1700000000123456789').replace('"N"', ' -9007199254740993');
    assert.equal((await post(`${httpUrl}/v1/logs`, gzipSync(text), { ...JSON_TYPE, 'content-encoding': 'gzip' })).status, 200);
    const [frame] = await frames();
    const record = decodeLogs(frame!.payload).resourceLogs[0]!.scopeLogs[0]!.logRecords[0]!;
    assert.equal(record.timeNs, 1_700_000_000_123_456_789n);
    assert.deepEqual(record.attributes, [{ key: 'n', value: -9_007_199_254_740_993n }]);
    assert.equal(record.body, 'id: 1234567890123456789, ok');
    assert.ok(logsToJson(decodeLogs(frame!.payload)));
  });

  it('reports rejected items in the form of the request', async () => {
    const { httpUrl, frames } = await start();
    const data = traces([span(0), span(1, { traceId: '' })]);
    const binary = await post(`${httpUrl}/v1/traces`, encodeTraces(data));
    assert.equal(binary.status, 200);
    assert.equal(decodeExportResponse(binary.body)!.rejected, 1);
    const json = await post(`${httpUrl}/v1/traces`, JSON.stringify(tracesToJson(data)), JSON_TYPE);
    const { partialSuccess } = JSON.parse(json.body.toString()) as { partialSuccess: { rejectedSpans: string; errorMessage: string } };
    assert.equal(Number(partialSuccess.rejectedSpans), 1);
    assert.match(partialSuccess.errorMessage, /item 1/);
    assert.deepEqual((await frames()).map((frame) => frame.rejected), [[1], [1]]);
  });

  type BadRequest = readonly [what: string, send: (url: string) => Promise<Answer>, status: number, message: RegExp];
  const deep = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${'{"arrayValue":{"values":['.repeat(100_000)}`;
  const deepClosed = (n: number): string => `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${'{"arrayValue":{"values":['.repeat(n)}{"intValue":1}${']}}'.repeat(n)}}]}]}]}`;
  const bad: readonly BadRequest[] = [
    ['another path', (url) => post(`${url}/v1/spans`, ''), 404, /OTLP over HTTP is POST to \/v1\/traces, \/v1\/logs, \/v1\/metrics/],
    ['the root', (url) => post(url, ''), 404, /give exporters the address without a path/],
    ['a path that was appended twice', (url) => post(`${url}/v1/traces/v1/traces`, ''), 404, /send traces to \/v1\/traces/],
    ['a path with a slash too many', (url) => post(`${url}/v1/logs/`, ''), 404, /send logs to \/v1\/logs/],
    ['GET', (url) => post(`${url}/v1/traces`, '', {}, 'GET'), 405, /GET is not for \/v1\/traces: use POST/],
    ['no content-type', (url) => post(`${url}/v1/traces`, traceRequest(1), {}), 415, /content-type is missing|not supported/],
    ['text', (url) => post(`${url}/v1/traces`, 'x', { 'content-type': 'text/plain' }), 415, /'text\/plain' is not supported: send application\/x-protobuf or application\/json/],
    ['JSON in another charset', (url) => post(`${url}/v1/traces`, '{}', { 'content-type': 'application/json; charset=latin1' }), 415, /not supported/],
    ['an unknown encoding', (url) => post(`${url}/v1/traces`, traceRequest(1), { ...PROTOBUF, 'content-encoding': 'br' }), 415, /'br' is not supported: send gzip, (zstd, )?deflate or identity/],
    ['bytes that are no gzip', (url) => post(`${url}/v1/traces`, traceRequest(10), { ...PROTOBUF, 'content-encoding': 'gzip' }), 400, /decompressed|damaged/],
    ['a deflate cut off', (url) => post(`${url}/v1/traces`, deflateSync(traceRequest(10)).subarray(0, 100), { ...PROTOBUF, 'content-encoding': 'deflate' }), 400, /decompressed/],
    ['bytes that are no protobuf', (url) => post(`${url}/v1/traces`, '{"resourceSpans":[]}'), 400, /at byte \d+.*SBX_OTLP_MALFORMED/],
    ['invalid UTF-8 in protobuf', (url) => post(`${url}/v1/traces`, Buffer.from(traceRequest(1).toString('latin1').replace('GET /items', 'GET \xff\xfeitems'), 'latin1')), 400, /UTF-8/],
    ['invalid UTF-8 in JSON', (url) => post(`${url}/v1/logs`, Buffer.from('{"resourceLogs":[{"schemaUrl":"\xff"}]}', 'latin1'), JSON_TYPE), 400, /not valid UTF-8/],
    ['JSON cut off', (url) => post(`${url}/v1/logs`, '{"resourceLogs":[', JSON_TYPE), 400, /not valid JSON/],
    ['JSON of another shape', (url) => post(`${url}/v1/traces`, '{"resourceSpans":{}}', JSON_TYPE), 400, /resourceSpans/],
    ['JSON that is no object', (url) => post(`${url}/v1/traces`, '[]', JSON_TYPE), 400, /\$/],
    ['JSON nested without end', (url) => post(`${url}/v1/logs`, deep, JSON_TYPE), 400, /not valid JSON/],
    ['JSON nested deep', (url) => post(`${url}/v1/logs`, deepClosed(50_000), JSON_TYPE), 400, /deep|depth|nest/i],
    ['JSON nested a little too deep', (url) => post(`${url}/v1/logs`, deepClosed(40), JSON_TYPE), 400, /deep|depth|nest/i],
    ['a body over the limit', (url) => post(`${url}/v1/traces`, Buffer.alloc(2 ** 20 + 1)), 413, /1048577 bytes is larger than the limit of 1048576/],
    ['a bomb', (url) => post(`${url}/v1/traces`, gzipSync(Buffer.alloc(50 * 2 ** 20)), { ...PROTOBUF, 'content-encoding': 'gzip' }), 413, /decompressed/],
    ['a deflated bomb', (url) => post(`${url}/v1/traces`, deflateSync(Buffer.alloc(50 * 2 ** 20)), { ...PROTOBUF, 'content-encoding': 'deflate' }), 413, /decompressed/],
    ['a batch id too long', (url) => post(`${url}/v1/traces`, traceRequest(1), { ...PROTOBUF, 'signalbox-batch-id': 'x'.repeat(200) }), 400, /batch id/],
    ['a signal without a pipeline', (url) => post(`${url}/v1/metrics`, ''), 404, /no pipeline takes metrics/],
  ];
  for (const [what, send, status, message] of bad) {
    it(`answers ${status} to ${what}, keeps nothing, and goes on`, async () => {
      const { httpUrl, frames, intake } = await start({ signals: ['traces', 'logs'], config: { http: { max_request_body_size: '1MiB' } } });
      const limited = what.startsWith('JSON nested') ? await startReceiver() : null;
      const answer = await send(limited?.httpUrl ?? httpUrl);
      await limited?.close();
      assert.equal(answer.status, status, answer.body.toString());
      const asProtobuf = answer.headers.get('content-type') === 'application/x-protobuf';
      const found = asProtobuf ? decodeStatus(answer.body) : (JSON.parse(answer.body.toString()) as { code: number; message: string });
      assert.match(found.message, message);
      assert.ok(found.code > 0);
      if (status === 405) assert.equal(answer.headers.get('allow'), 'POST');
      assert.deepEqual(await frames(), []);
      assert.equal((await post(`${httpUrl}/v1/traces`, traceRequest(1))).status, 200);
      assert.ok(intake.take(64 * 2 ** 20), 'all of the budget is free again');
    });
  }

  it('answers errors in the form of the request', async () => {
    const { httpUrl } = await start();
    assert.equal((await post(`${httpUrl}/v1/traces`, 'x')).headers.get('content-type'), 'application/x-protobuf');
    assert.equal((await post(`${httpUrl}/v1/traces`, 'x', JSON_TYPE)).headers.get('content-type'), 'application/json');
  });

  it('asks who writes', async () => {
    const auth = { write: (authorization: string | undefined) => (authorization === 'Bearer good' ? { tenant: 'green' } : { refused: authorization === undefined ? ('unauthenticated' as const) : ('forbidden' as const), reason: 'a token is needed' }) };
    const { httpUrl, frames } = await start({ auth });
    const none = await post(`${httpUrl}/v1/traces`, traceRequest(1));
    assert.equal(none.status, 401);
    assert.equal(none.headers.get('www-authenticate'), 'Bearer realm="signalbox"');
    assert.equal((await post(`${httpUrl}/v1/traces`, traceRequest(1), { ...PROTOBUF, authorization: 'Bearer bad' })).status, 403);
    assert.equal((await post(`${httpUrl}/v1/traces`, traceRequest(1), { ...PROTOBUF, authorization: 'Bearer good' })).status, 200);
    assert.deepEqual((await frames()).map(({ tenant }) => tenant), ['green']);
  });

  it('says when to come again while the byte budget is used up, chunked or not', async () => {
    const { httpUrl, intake } = await start({ maxInFlightBytes: 20_000 });
    assert.ok(intake.take(19_000));
    const full = await post(`${httpUrl}/v1/traces`, traceRequest(100));
    assert.equal(full.status, 429);
    assert.equal(full.headers.get('retry-after'), '1');
    assert.equal(decodeStatus(full.body).retryDelayMs, 1000);
    const stream = new ReadableStream({ start: (controller) => (controller.enqueue(traceRequest(100)), controller.close()) });
    const chunked = await fetch(`${httpUrl}/v1/traces`, { method: 'POST', headers: PROTOBUF, body: stream, duplex: 'half' } as RequestInit);
    assert.equal(chunked.status, 429);
    intake.give(19_000);
    assert.equal((await post(`${httpUrl}/v1/traces`, traceRequest(100))).status, 200);
  });

  it('takes chunked bodies, up to the limit', async () => {
    const { httpUrl, frames } = await start({ config: { http: { max_request_body_size: 50_000 } } });
    const send = (pieces: readonly Uint8Array[]): Promise<Response> => {
      const body = new ReadableStream({ start: (controller) => (pieces.forEach((piece) => controller.enqueue(piece)), controller.close()) });
      return fetch(`${httpUrl}/v1/traces`, { method: 'POST', headers: PROTOBUF, body, duplex: 'half' } as RequestInit);
    };
    const request = traceRequest(100);
    assert.equal((await send([request.subarray(0, 10), request.subarray(10, 5000), request.subarray(5000)])).status, 200);
    assert.ok((await frames())[0]!.payload.equals(request));
    assert.equal((await send(Array.from({ length: 10 }, () => Buffer.alloc(10_000)))).status, 413);
  });

  it('answers 503 when the disk refuses', async () => {
    const failing: Appender = { append: () => Promise.reject(Object.assign(new Error('the disk is full'), { code: 'SBX_JOURNAL_FULL' })) };
    const { httpUrl } = await start({ appender: () => failing });
    const answer = await post(`${httpUrl}/v1/traces`, traceRequest(1));
    assert.equal(answer.status, 503);
    assert.equal(answer.headers.get('retry-after'), '5');
    assert.match(decodeStatus(answer.body).message, /SBX_JOURNAL_FULL/);
  });

  it('gives everything back when a client goes away in the middle', async () => {
    const { httpPort, intake, frames, metrics } = await start({ maxInFlightBytes: 50_000 });
    const request = httpRequest({ port: httpPort, host: '127.0.0.1', path: '/v1/traces', method: 'POST', headers: { ...PROTOBUF, 'content-length': '40000' } });
    request.on('error', () => undefined);
    request.write(Buffer.alloc(1000));
    for (let i = 0; i < 6000 && intake.take(20_000); i++) {
      intake.give(20_000);
      await sleep(5);
    }
    assert.equal(intake.take(20_000), false);
    request.destroy();
    for (let i = 0; i < 6000 && !intake.take(50_000); i++) await sleep(5);
    assert.equal(intake.take(1), false);
    assert.deepEqual(await frames(), []);
    assert.match(metrics.expose(), /signalbox_receiver_refused_requests_total\{receiver="otlp",transport="http",reason="cut_off"\} 1/);
  });

  it('does not wait for ever: headers and bodies have their time', async () => {
    const { httpPort } = await start({ config: { http: { read_header_timeout: '100ms', read_timeout: '200ms' } } });
    assert.match(await raw(httpPort, 'POST /v1/traces HTTP/1.1\r\nHost: localhost\r\n'), /^HTTP\/1\.1 408/);
    assert.match(await raw(httpPort, 'POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-protobuf\r\nContent-Length: 100\r\n\r\nabc'), /^HTTP\/1\.1 408|^$/);
  });

  const hosts: readonly (readonly [what: string, headers: Record<string, string>, status: number])[] = [
    ['a name of loopback', { host: 'localhost:4318' }, 200],
    ['a page that points its own name here', { host: 'evil.example:4318' }, 403],
    ['no host', { host: '' }, 403],
    ['a page elsewhere', { origin: 'https://evil.example' }, 403],
    ['a host that is allowed', { host: 'collector.internal' }, 200],
  ];
  for (const [what, headers, status] of hosts) {
    it(`answers ${status} to ${what}`, async () => {
      const { httpPort } = await start({ config: { http: { allowed_hosts: ['collector.internal'] } } });
      const found = await new Promise((resolve, reject) => {
        const request = httpRequest({ port: httpPort, host: '127.0.0.1', path: '/v1/traces', method: 'POST', setHost: headers['host'] !== '', headers: { ...PROTOBUF, ...headers } }, (response) => (response.resume(), resolve(response.statusCode)));
        request.on('error', reject).end(traceRequest(1));
      });
      assert.equal(found, status);
    });
  }

  it('lets pages of allowed origins send, and no others; the preflight needs no token, what is sent does', async () => {
    const auth: Authenticator = { write: (authorization) => (authorization === 'Bearer good' ? { tenant: 'blue' } : { refused: 'unauthenticated', reason: 'no token' }) };
    const { httpUrl } = await start({ auth, config: { http: { cors: { allowed_origins: ['https://*.shop.example'], allowed_headers: ['x-extra'], max_age: 60 } } } });
    const preflight = (origin: string, more: Record<string, string> = {}): Promise<Answer> => post(`${httpUrl}/v1/traces`, '', { origin, 'access-control-request-method': 'POST', ...more }, 'OPTIONS');
    const allowed = await preflight('https://www.shop.example', { 'access-control-request-private-network': 'true' });
    assert.equal(allowed.status, 204);
    assert.equal(allowed.headers.get('access-control-allow-origin'), 'https://www.shop.example');
    assert.equal(allowed.headers.get('access-control-allow-credentials'), 'true');
    assert.equal(allowed.headers.get('access-control-allow-private-network'), 'true');
    assert.match(allowed.headers.get('access-control-allow-headers')!, /content-type.*authorization.*x-extra/);
    assert.equal(allowed.headers.get('access-control-max-age'), '60');
    const send = (headers: Record<string, string>): Promise<Answer> => post(`${httpUrl}/v1/traces`, traceRequest(1), { ...PROTOBUF, origin: 'https://www.shop.example', ...headers });
    for (const [headers, status] of [[{ authorization: 'Bearer good' }, 200], [{}, 401]] as const) {
      const sent = await send(headers);
      assert.equal(sent.status, status);
      assert.equal(sent.headers.get('access-control-allow-origin'), 'https://www.shop.example');
      assert.equal(sent.headers.get('access-control-expose-headers'), 'retry-after');
    }
    const other = await preflight('https://evil.example');
    assert.equal(other.status, 403);
    assert.equal(other.headers.get('access-control-allow-origin'), null);
    assert.equal((await post(`${httpUrl}/v1/traces`, traceRequest(1), { ...PROTOBUF, authorization: 'Bearer good', origin: 'https://evil.example' })).status, 403);
  });

  it('lets pages send any header where that is allowed', async () => {
    const { httpUrl } = await start({ config: { http: { cors: { allowed_origins: ['*'], allowed_headers: ['*'] } } } });
    const answer = await post(`${httpUrl}/v1/logs`, '', { origin: 'https://any.example', 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-one,x-two' }, 'OPTIONS');
    assert.deepEqual([answer.status, answer.headers.get('access-control-allow-headers'), answer.headers.get('access-control-max-age')], [204, 'x-one,x-two', '7200']);
  });

  it('takes the encodings that are configured alone, and answers with the headers that are', async () => {
    const { httpUrl, frames } = await start({ config: { http: { compression_algorithms: ['gzip', 'zlib'], response_headers: { 'X-Served-By': 'east' }, keep_alives_enabled: false } } });
    const answers: Answer[] = [];
    for (const [encoding, body] of [['gzip', gzipSync(traceRequest(1))], ['deflate', deflateSync(traceRequest(2))], ['identity', traceRequest(3)]] as const) answers.push(await post(`${httpUrl}/v1/traces`, body, { ...PROTOBUF, 'content-encoding': encoding }));
    assert.deepEqual(answers.map(({ status, headers }) => [status, headers.get('x-served-by'), headers.get('connection')]), [[200, 'east', 'close'], [200, 'east', 'close'], [415, 'east', 'close']]);
    assert.match(answers[2]!.body.toString(), /'identity' is not supported: send gzip or deflate/);
    assert.deepEqual((await frames()).map(({ items }) => items), [1, 2]);
  });

  it('says which settings of answers it cannot take', async () => {
    await assert.rejects(start({ config: { http: { compression_algorithms: ['snappy'] } } }), /compression_algorithms\[0\]: one of: , gzip, zstd, zlib, deflate/);
    await assert.rejects(start({ config: { http: { response_headers: { 'x y': 'z' } } } }), /response_headers\.x y: Invalid key/);
    await assert.rejects(start({ config: { http: { response_headers: { x: 'a\nb' } } } }), /no line breaks/);
  });

  const zstd = (zlib as { readonly zstdCompressSync?: (bytes: Uint8Array) => Buffer }).zstdCompressSync;
  if (zstd) {
    it('takes zstd, within the limits', async () => {
      const { httpUrl, frames, metrics } = await start({ config: { http: { max_request_body_size: '1MiB' } } });
      const send = async (body: Uint8Array): Promise<number> => (await post(`${httpUrl}/v1/traces`, body, { ...PROTOBUF, 'content-encoding': 'zstd' })).status;
      const whole = zstd(traceRequest(1000));
      assert.deepEqual([await send(zstd(traceRequest(1))), await send(whole)], [200, 200]);
      assert.equal(await send(Buffer.concat([whole, zstd(traceRequest(2))])), 200, 'frames in a row are one message');
      assert.deepEqual((await frames()).map(({ items }) => items), [1, 1000, 1002]);
      assert.equal(await send(zstd(Buffer.alloc(50 * 2 ** 20))), 413);
      for (let cut = 0; cut < whole.length; cut += 1 + Math.floor(whole.length / 50)) assert.equal(await send(whole.subarray(0, cut)), 400, `cut at ${cut}`);
      for (const trash of ['no zstd', Buffer.concat([whole, Buffer.from('trash')])]) assert.equal(await send(Buffer.from(trash)), 400);
      assert.equal((await frames()).length, 3);
      assert.match(metrics.expose(), /signalbox_intake_in_flight_bytes 0/);
    });
  } else {
    it('says what zstd needs where Node.js does not have it', async () => {
      const { httpUrl } = await start();
      const answer = await post(`${httpUrl}/v1/traces`, traceRequest(1), { ...JSON_TYPE, 'content-encoding': 'zstd' });
      assert.equal(answer.status, 415);
      assert.match(answer.body.toString(), /'zstd' is not supported, for which Node\.js 22\.15 is needed: send gzip, deflate or identity/);
    });
  }

  it('tells gRPC clients where OTLP over gRPC is', async () => {
    const { httpPort, grpcPort, lines } = await start();
    const session = connectHttp2(`http://127.0.0.1:${httpPort}`);
    session.on('error', () => undefined);
    const debug = await new Promise<string>((resolve) => session.on('goaway', (_code, _last, data) => resolve(Buffer.from(data ?? []).toString())));
    session.destroy();
    assert.match(debug, new RegExp(`This is the OTLP/HTTP port\\. OTLP over gRPC is at 127\\.0\\.0\\.1:${grpcPort}`));
    assert.match(lines.join(''), /SBX_OTLP_WRONG_PORT/);

    const client = new Client(`127.0.0.1:${httpPort}`, credentials.createInsecure());
    const code = await new Promise((resolve) => {
      client.makeUnaryRequest('/opentelemetry.proto.collector.trace.v1.TraceService/Export', (m: Buffer) => m, (b: Buffer) => b, Buffer.alloc(0), { deadline: Date.now() + 60_000 }, (error) => resolve(error?.code));
    });
    client.close();
    assert.equal(code, 13);
  });

  it('survives bytes of any kind', async () => {
    const { httpPort, httpUrl } = await start();
    const junk = [Buffer.alloc(50_000, 0xff), Buffer.from('\r\n\r\n'), Buffer.from('POST'), Buffer.from(`POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`), Buffer.from('POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n')];
    for (const bytes of junk) await raw(httpPort, bytes, true).catch(() => undefined);
    assert.equal((await post(`${httpUrl}/v1/traces`, traceRequest(1))).status, 200);
  });

  it('lets requests under way end when it stops', async () => {
    let release: (() => void) | undefined;
    let arrived: (() => void) | undefined;
    const stuck = new Promise<void>((resolve) => (release = resolve));
    const inside = new Promise<void>((resolve) => (arrived = resolve));
    const { httpUrl, receiver, frames } = await start({ appender: (journal) => ({ append: async (input) => (arrived!(), await stuck, journal.append(input)) }) });
    const answer = post(`${httpUrl}/v1/traces`, traceRequest(1));
    await inside;
    const stopped = receiver.shutdown();
    release!();
    assert.equal((await answer).status, 200);
    await stopped;
    assert.equal((await frames()).length, 1);
  });
});
