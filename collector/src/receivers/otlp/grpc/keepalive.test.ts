import assert from 'node:assert/strict';
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { startReceiver, traceRequest, type Started } from '../fixture.test.js';

const EXPORT = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';

describe('receivers/otlp over gRPC: keepalive', function () {
  this.timeout(180_000);
  let started: Started | undefined;
  const sessions: ClientHttp2Session[] = [];
  const start = async (keepalive: Record<string, unknown>): Promise<Started> => (started = await startReceiver({ config: { grpc: { keepalive } } }));
  afterEach(async () => {
    for (const session of sessions.splice(0)) session.destroy();
    await started?.close();
    started = undefined;
  });

  async function connected({ grpcPort }: Started): Promise<{ session: ClientHttp2Session; goaway: Promise<string>; closed: Promise<void> }> {
    const session = connectHttp2(`http://127.0.0.1:${grpcPort}`);
    sessions.push(session);
    session.on('error', () => undefined);
    const goaway = new Promise<string>((resolve) => session.once('goaway', (code, _last, data: Buffer | undefined) => resolve(`${code} ${String(data ?? '')}`)));
    const closed = new Promise<void>((resolve) => session.once('close', resolve));
    await new Promise((resolve) => session.once('connect', resolve));
    return { session, goaway, closed };
  }

  /** Whether it was answered. */
  const ping = (session: ClientHttp2Session): Promise<boolean> => new Promise((resolve) => void session.ping((error) => resolve(!error)));

  /** The status of one call. */
  function call(session: ClientHttp2Session): Promise<string> {
    const message = traceRequest(1);
    const frame = Buffer.concat([Buffer.alloc(5), message]);
    frame.writeUInt32BE(message.length, 1);
    return new Promise((resolve, reject) => {
      const stream = session.request({ ':method': 'POST', ':path': EXPORT, 'content-type': 'application/grpc', te: 'trailers' });
      let status = '';
      stream.on('trailers', (trailers) => (status = String(trailers['grpc-status']))).on('end', () => resolve(status)).on('error', reject).resume();
      stream.end(frame);
    });
  }

  it('closes connections without calls', async () => {
    const { session, goaway, closed } = await connected(await start({ server_parameters: { max_connection_idle: '1s' } }));
    assert.equal(await call(session), '0');
    assert.match(await goaway, /^0 /);
    await closed;
  });

  it('closes connections of age, and lets calls end', async () => {
    const { session, goaway, closed } = await connected(await start({ server_parameters: { max_connection_age: '1s' } }));
    const slow = session.request({ ':method': 'POST', ':path': EXPORT, 'content-type': 'application/grpc', te: 'trailers' });
    let status = '';
    const ended = new Promise<void>((resolve) => slow.on('trailers', (trailers) => (status = String(trailers['grpc-status']))).on('close', resolve).resume());
    slow.write(Buffer.alloc(3));
    await goaway;
    slow.end(Buffer.alloc(2));
    await ended;
    assert.equal(status, '0');
    await closed;
  });

  it('ends calls after the grace', async () => {
    const { session, closed } = await connected(await start({ server_parameters: { max_connection_age: '100ms', max_connection_age_grace: '100ms' } }));
    session.request({ ':method': 'POST', ':path': EXPORT, 'content-type': 'application/grpc', te: 'trailers' }).on('error', () => undefined).write(Buffer.alloc(3));
    await closed;
  });

  it('keeps those that answer pings, and closes those that do not', async () => {
    const to = await start({ server_parameters: { time: '100ms', timeout: '3s' } });
    const { session } = await connected(to);
    let pings = 0;
    const pinged = new Promise<void>((resolve) => session.on('ping', () => ++pings === 5 && resolve()));
    const silent = connectTcp(to.grpcPort, '127.0.0.1', () => silent.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0'));
    await new Promise<void>((resolve) => silent.resume().on('error', () => undefined).once('close', () => resolve()));
    await pinged;
    assert.equal(await call(session), '0');
  });

  it('sends away clients that ping too often, and not those that work meanwhile', async () => {
    const to = await start({ enforcement_policy: { min_time: '1h' } });
    const working = await connected(to);
        for (let i = 0; i < 10; i++) {
      assert.ok(await ping(working.session));
      assert.equal(await call(working.session), '0');
    }
    const { session, goaway, closed } = await connected(to);
    for (let i = 0; i < 4; i++) await ping(session);
    assert.equal(await goaway, '11 too_many_pings');
    await closed;
    assert.equal(await call(working.session), '0');
  });

  it('takes pings as often as it is told to', async () => {
    const { session } = await connected(await start({ enforcement_policy: { min_time: '0s' } }));
    for (let i = 0; i < 20; i++) assert.ok(await ping(session));
    assert.equal(await call(session), '0');
  });
});
