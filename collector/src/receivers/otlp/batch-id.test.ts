import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:http2';
import { startReceiver, traceRequest, type Started } from './fixture.test.js';

describe('a batch that is sent again', () => {
  let receiver: Started;
  afterEach(() => receiver.close());

  const post = (body: Uint8Array, headers: Record<string, string>): Promise<number> =>
    fetch(`${receiver.httpUrl}/v1/traces`, { method: 'POST', body, headers: { 'content-type': 'application/x-protobuf', ...headers } }).then((answer) => answer.status);

  function grpc(body: Uint8Array, headers: Record<string, string>): Promise<string> {
    const session = connect(`http://127.0.0.1:${receiver.grpcPort}`);
    return new Promise<string>((resolve, reject) => {
      session.on('error', reject);
      const stream = session.request({ ':method': 'POST', ':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export', 'content-type': 'application/grpc', te: 'trailers', ...headers });
      let status = '';
      const take = (fields: Record<string, unknown>): void => void (status = String(fields['grpc-status'] ?? status));
      stream.on('response', take);
      stream.on('trailers', take);
      stream.on('error', reject);
      stream.on('end', () => resolve(status));
      stream.resume();
      const prefix = Buffer.alloc(5);
      prefix.writeUInt32BE(body.length, 1);
      stream.end(Buffer.concat([prefix, body]));
    }).finally(() => session.close());
  }

  it('is stored once, whichever way it comes', async () => {
    receiver = await startReceiver();
    const body = traceRequest(7);
    assert.equal(await post(body, { 'x-signalbox-batch-id': 'a' }), 200);
    assert.equal(await post(body, { 'x-signalbox-batch-id': 'a' }), 200);
    assert.equal(await post(body, { 'signalbox-batch-id': 'a' }), 200);
    assert.equal(await grpc(body, { 'x-signalbox-batch-id': 'a' }), '0');
    assert.equal(await grpc(body, { 'x-signalbox-batch-id': 'b' }), '0');
    assert.equal(await post(body, { 'x-signalbox-batch-id': 'a', 'x-scope-orgid': 'blue' }), 200);
    assert.deepEqual((await receiver.frames()).map(({ tenant, batchId, items }) => `${tenant} ${batchId} ${items}`), ['default a 7', 'default b 7', 'blue a 7']);
    assert.match(receiver.metrics.expose(), /signalbox_intake_duplicate_batches_total 3/);
  });

  it('is stored once when the sender never had the answer', async () => {
    let appended = 0;
    let answerer = (): void => undefined;
    // Holds back the answer of the first append, which is on disk already.
    receiver = await startReceiver({
      appender: (journal) => ({
        append: async (input) => {
          const done = await journal.append(input);
          if (appended++ === 0) await new Promise<void>((resolve) => (answerer = resolve));
          return done;
        },
      }),
    });
    const body = traceRequest(3);
    const lost = httpRequest(`${receiver.httpUrl}/v1/traces`, { method: 'POST', headers: { 'content-type': 'application/x-protobuf', 'x-signalbox-batch-id': 'lost', 'content-length': body.length } });
    lost.on('error', () => undefined);
    lost.end(body);
    while (appended === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    lost.destroy();
    assert.equal(await post(body, { 'x-signalbox-batch-id': 'lost' }), 200);
    answerer();
    assert.equal((await receiver.frames()).length, 1);
  });
});
