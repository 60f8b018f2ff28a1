import { strict as assert } from 'node:assert';
import { createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { TracesData } from '@signalbox/signals/model/span';
import { decodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import { encodeExportResponse, encodeStatus } from '@signalbox/signals/otlp/response';
import type { Exporter, Outcome } from '../../component.js';
import { ConfigError } from '../../config/error.js';
import { detachedPlace } from '../../config/place.js';
import { IntakeFull } from '../../intake/errors.js';
import { span, startReceiver, traces, type Started } from '../../receivers/otlp/fixture.test.js';
import { batchOf, testContext } from '../testing/context.js';
import { httpDestination } from '../testing/http-destination.js';
import { toOtlpAnswer } from './grpc-sender.js';
import { otlp, otlphttp } from './index.js';

const place = detachedPlace('test', ['exporters', 'otlp']);
const soon = (): AbortSignal => AbortSignal.timeout(60_000);
const grpcTo = (endpoint: string, settings = {}): Exporter => otlp.create(otlp.parseConfig({ endpoint, tls: { insecure: true }, ...settings }, place), testContext());
const httpTo = (endpoint: string, settings = {}): Exporter => otlphttp.create(otlphttp.parseConfig({ endpoint, ...settings }, place), testContext());
const spans = (count: number, change = {}): TracesData => traces(Array.from({ length: count }, (_, i) => span(i, change)));
const delivered = (count: number): Outcome => ({ kind: 'settled', delivered: count, duplicate: 0, retry: { items: [] }, rejected: [] });

describe('exporters/otlp to our own receivers', () => {
  let receiver: Started;
  afterEach(() => receiver?.close());

  for (const [name, exporterTo] of [
    ['gRPC, gzip', (to: Started) => grpcTo(`127.0.0.1:${to.grpcPort}`)],
    ['gRPC, not compressed, scheme in the endpoint', (to: Started) => grpcTo(`http://127.0.0.1:${to.grpcPort}`, { tls: {}, compression: 'none' })],
    ['HTTP, protobuf, gzip', (to: Started) => httpTo(to.httpUrl)],
    ['HTTP, JSON, not compressed', (to: Started) => httpTo(`${to.httpUrl}/`, { encoding: 'json', compression: 'none' })],
  ] as const) {
    it(`arrives whole and once: ${name}`, async () => {
      receiver = await startReceiver();
      const exporter = exporterTo(receiver);
      const data = spans(300);
      const batch = batchOf('blue', data, spans(20));
      for (let i = 0; i < 2; i++) assert.deepEqual(await exporter.export(batch, soon()), delivered(320));
      const frames = await receiver.frames();
      assert.deepEqual(frames.map(({ tenant, items }) => [tenant, items]), [['blue', 320]]);
      assert.deepEqual(decodeTraces(frames[0]?.payload ?? Buffer.alloc(0)).resourceSpans[0], data.resourceSpans[0]);
      await exporter.shutdown();
    });
  }

  it('counts what the destination rejected', async () => {
    receiver = await startReceiver();
    for (const exporter of [grpcTo(`127.0.0.1:${receiver.grpcPort}`), httpTo(receiver.httpUrl), httpTo(receiver.httpUrl, { encoding: 'json' })]) {
      const data = traces([span(1), span(2, { traceId: '0'.repeat(32) }), span(3)]);
      const outcome = await exporter.export(batchOf('default', data), soon());
      assert.equal(outcome.kind, 'settled');
      assert.equal(outcome.delivered, 2);
      assert.equal(outcome.rejected.length, 1);
      assert.match(outcome.rejected[0]?.reason ?? '', /^rejected_by_destination: .+/);
      await exporter.shutdown();
    }
  });

  it('waits as long as a full destination asks', async () => {
    receiver = await startReceiver({ appender: () => ({ append: () => Promise.reject(new IntakeFull(1)) }) });
    for (const exporter of [grpcTo(`127.0.0.1:${receiver.grpcPort}`), httpTo(receiver.httpUrl)]) {
      const outcome = await exporter.export(batchOf('default', spans(1)), soon());
      assert.equal(outcome.kind, 'retryable', JSON.stringify(outcome));
      assert.ok((outcome.afterMs ?? 0) >= 1000, JSON.stringify(outcome));
      await exporter.shutdown();
    }
  });

  it('divides what is too large in one piece', async () => {
    receiver = await startReceiver({ config: { grpc: { max_recv_msg_size_mib: 1 }, http: { max_request_body_size: 1024 * 1024 } } });
    const data = traces(Array.from({ length: 40 }, (_, i) => span(i, { name: 'x'.repeat(100_000) })));
    for (const exporter of [grpcTo(`127.0.0.1:${receiver.grpcPort}`), httpTo(receiver.httpUrl, { compression: 'none' })]) {
      assert.deepEqual(await exporter.export(batchOf('default', data), soon()), delivered(40));
      await exporter.shutdown();
    }
    assert.ok((await receiver.frames()).reduce((sum, { items }) => sum + items, 0) >= 40);
  });

  it('goes on after the destination was gone', async () => {
    receiver = await startReceiver();
    const endpoint = `127.0.0.1:${receiver.grpcPort}`;
    const exporter = grpcTo(endpoint);
    await exporter.export(batchOf('default', spans(1)), soon());
    await receiver.close();
    const down = await exporter.export(batchOf('default', spans(2)), soon());
    assert.equal(down.kind, 'retryable');
    receiver = await startReceiver({ config: { grpc: { endpoint } } });
    assert.deepEqual(await exporter.export(batchOf('default', spans(2)), soon()), delivered(2));
    await exporter.shutdown();
  });
});

describe('exporters/otlp to destinations that misbehave', () => {
  let server: Http2Server;
  const sessions = new Set<ServerHttp2Session>();
  async function http2Server(onStream: (stream: ServerHttp2Stream, number: number) => void): Promise<string> {
    let count = 0;
    server = createServer();
    server.on('session', (session) => sessions.add(session));
    server.on('stream', (stream) => {
      stream.on('error', () => undefined);
      stream.on('end', () => onStream(stream, ++count)).resume();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  afterEach(async () => {
    for (const session of sessions) session.destroy();
    await new Promise((resolve) => server?.close(resolve));
  });

  it('knows whether a call without an answer may have arrived', async () => {
    const given = new AbortController();
    const endpoint = await http2Server((stream, number) => {
      if (number === 1) stream.session?.destroy();
      else if (number === 2) stream.close(7);
      else given.abort(new Error('no answer in time'));
    });
    const exporter = grpcTo(endpoint);
    const cut = await exporter.export(batchOf('default', spans(1)), soon());
    assert.equal(cut.kind === 'retryable' && cut.unknown, true, JSON.stringify(cut));
    const refused = await exporter.export(batchOf('default', spans(1)), soon());
    assert.equal(refused.kind === 'retryable' && refused.unknown, undefined, JSON.stringify(refused));
    const silent = await exporter.export(batchOf('default', spans(1)), given.signal);
    assert.equal(silent.kind === 'retryable' && silent.unknown, true, JSON.stringify(silent));
    await exporter.shutdown();
    const nobody = grpcTo('127.0.0.1:1');
    const unreachable = await nobody.export(batchOf('default', spans(1)), soon());
    assert.equal(unreachable.kind, 'retryable');
    assert.match(unreachable.reason, /ECONNREFUSED/);
    assert.equal(unreachable.unknown, undefined);
    await nobody.shutdown();
  });

  it('reads the status from headers and trailers, and survives what is no gRPC', async () => {
    const details = Buffer.from(encodeStatus(8, 'full', 1500)).toString('base64');
    const endpoint = await http2Server((stream, number) => {
      if (number === 1) stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '8', 'grpc-message': 'f%C3%BCll', 'grpc-status-details-bin': details }, { endStream: true });
      else if (number === 2) stream.respond({ ':status': 404 }, { endStream: true });
      else {
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
        const message = Buffer.from(encodeExportResponse('traces', { rejected: 1, message: 'one' }));
        stream.end(Buffer.concat([Buffer.of(0, 0, 0, 0, message.length), message]));
      }
    });
    const exporter = grpcTo(endpoint);
    assert.deepEqual(await exporter.export(batchOf('default', spans(1)), soon()), { kind: 'retryable', reason: 'RESOURCE_EXHAUSTED: füll', afterMs: 1500 });
    const http = await exporter.export(batchOf('default', spans(1)), soon());
    assert.match(http.kind === 'retryable' ? http.reason : '', /HTTP 404/);
    const partial = await exporter.export(batchOf('default', spans(3)), soon());
    assert.equal(partial.kind === 'settled' && partial.delivered, 2);
    await exporter.shutdown();
  });

  it('finds the item that makes a destination refuse the request', async () => {
    const destination = await httpDestination(({ body }) => (body.includes('bad') ? { status: 400, headers: { 'content-type': 'application/x-protobuf' }, body: Buffer.from(encodeStatus(3, 'no bad ones')) } : { status: 200 }));
    const exporter = httpTo(destination.url, { compression: 'none' });
    const outcome = await exporter.export(batchOf('default', traces([span(0), span(1), span(2, { name: 'bad' }), span(3), span(4)])), soon());
    assert.deepEqual(outcome, { kind: 'settled', delivered: 4, duplicate: 0, retry: { items: [] }, rejected: [{ item: 2, reason: 'HTTP 400: no bad ones' }] });
    await exporter.shutdown();
    await destination.close();
  });
});

describe('exporters/otlp', () => {
  it('tries again what the specification calls retryable', () => {
    const kind = (code: number, details: Uint8Array | null = null): string => toOtlpAnswer({ code, message: '', details, body: new Uint8Array(0) }).kind;
    for (const code of [1, 4, 7, 10, 11, 12, 14, 15, 16]) assert.equal(kind(code), 'retry', String(code));
    for (const code of [2, 3, 5, 6, 8, 9, 13, 99]) assert.equal(kind(code), 'refused', String(code));
    assert.equal(kind(8, encodeStatus(8, '', 0)), 'retry');
    assert.equal(kind(8, Uint8Array.of(255)), 'refused');
    assert.deepEqual(toOtlpAnswer({ code: 14, message: 'm', details: encodeStatus(14, '', 250), body: new Uint8Array(0) }), { kind: 'retry', cause: { reason: 'UNAVAILABLE: m', afterMs: 250 } });
    assert.deepEqual(toOtlpAnswer({ code: 0, message: '', details: null, body: Uint8Array.of(255) }).kind, 'accepted');
  });

  it('takes the endpoints that the OpenTelemetry Collector takes', () => {
    const url = (raw: object): string => {
      const config = otlp.parseConfig(raw, place);
      return `${config.endpoint} ${config.compression}`;
    };
    assert.equal(url({ endpoint: 'collector:4317' }), 'collector:4317 gzip');
    assert.equal(url({ endpoint: 'https://[::1]:4317', compression: 'none' }), 'https://[::1]:4317 none');
    for (const endpoint of ['collector', ':4317', 'ftp://x:1', 'x:99999', '']) assert.throws(() => otlp.parseConfig({ endpoint }, place), ConfigError, endpoint);
    assert.throws(() => otlphttp.parseConfig({ traces_endpoint: 'http://x' }, place), /endpoint/);
    assert.doesNotThrow(() => otlphttp.parseConfig({ endpoint: 'http://x/base' }, place));
  });
});
