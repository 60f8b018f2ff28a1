import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import type { LogsData } from '@signalbox/signals/model/log-record';
import type { Outcome } from '../../component.js';
import { detachedPlace } from '../../config/place.js';
import { makeCertificate, type Certificate } from '../testing/certificates.js';
import { batchOf, testContext } from '../testing/context.js';
import { kafkaFailure } from './failure.js';
import { kafka } from './index.js';

const LOGS: LogsData = { resourceLogs: [{ resource: null, schemaUrl: '', scopeLogs: [{ scope: null, schemaUrl: '', logRecords: [{
  timeNs: 1n, observedTimeNs: 0n, severityNumber: 9, severityText: '', body: 'line', attributes: [], droppedAttributesCount: 0, flags: 0, traceId: '', spanId: '', eventName: '',
}] }] }] };

describe('exporters/kafka failures', () => {
  const protocol = (apiId: string): Error => Object.assign(new Error(apiId.toLowerCase()), { code: 'PLT_KFK_PROTOCOL', apiId });
  const broken = Object.assign(new Error('Connection closed'), { code: 'PLT_KFK_NETWORK' });
  const noConnection = new Error('Connection to a:1 failed.', { cause: Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }) });
  const unknown = (messages: number, ...errors: Error[]): boolean => {
    const failure = kafkaFailure(new AggregateError(errors, 'Producing messages failed.'), messages);
    return failure.kind === 'retry' && failure.cause.unknown === true;
  };

  it('are of unknown outcome where any cause may have let something through', () => {
    assert.equal(unknown(5, noConnection), false);
    assert.equal(unknown(5, noConnection, broken), true);
    assert.equal(unknown(5, protocol('TOPIC_AUTHORIZATION_FAILED')), false);
    assert.equal(unknown(5, protocol('NOT_LEADER_OR_FOLLOWER')), true, 'other partitions may have taken theirs');
    assert.equal(unknown(1, protocol('NOT_LEADER_OR_FOLLOWER')), false);
    assert.equal(unknown(1, protocol('NOT_LEADER_OR_FOLLOWER'), broken), true);
    assert.equal(unknown(1, protocol('REQUEST_TIMED_OUT')), true);
    assert.equal(unknown(5, Object.assign(new Error('Unknown topic x.'), { code: 'PLT_KFK_USER' })), false);
  });

  it('are refusals where the content is at fault', () => {
    assert.equal(kafkaFailure(protocol('MESSAGE_TOO_LARGE'), 3).kind, 'too_large');
    assert.deepEqual(kafkaFailure(protocol('INVALID_RECORD'), 3), { kind: 'refused', reason: 'invalid_record: PLT_KFK_PROTOCOL: invalid_record' });
  });
});

describe('exporters/kafka connections', () => {
  let dir: string;
  let server: Server | undefined;
  const sockets = new Set<Socket>();
  before(() => (dir = mkdtempSync(join(tmpdir(), 'signalbox-kafka-tls-'))));
  after(() => rmSync(dir, { recursive: true, force: true }));
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => (server ? server.close(resolve) : resolve(null)));
    server = undefined;
  });

  async function listen(made: Server): Promise<string> {
    server = made;
    made.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(made.address() as AddressInfo).port}`;
  }

  async function send(settings: Record<string, unknown>, withinMs = 60_000): Promise<Outcome> {
    const exporter = kafka.create(kafka.parseConfig(settings, detachedPlace('test')), testContext());
    try {
      return await exporter.export(batchOf('default', LOGS), AbortSignal.timeout(withinMs));
    } finally {
      await exporter.shutdown();
    }
  }

  it('close with a broker that is silent, and leave nothing behind', async () => {
    const broker = await listen(createServer((socket) => void socket.resume()));
    for (const settings of [{}, { tls: {} }, { auth: { sasl: { username: 'a', password: 'b' } } }]) {
      assert.equal((await send({ brokers: [broker], ...settings }, 200)).kind, 'retryable');
      while (sockets.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });

  it('check the certificate against the broker\'s name, or the one that is set', async function () {
    let certificate: Certificate;
    try {
      certificate = makeCertificate(dir, 'broker', 'DNS:kafka.test');
    } catch {
      console.warn('      skipped: openssl is not there');
      return this.skip();
    }
    const names: (string | false | null)[] = [];
    const broker = await listen(createTlsServer({ key: readFileSync(certificate.keyFile), cert: readFileSync(certificate.certFile) }, (socket) => {
      names.push(socket.servername);
      socket.on('error', () => undefined).once('data', () => socket.destroy());
    }));
    const untrusted = await send({ brokers: [broker], tls: {} });
    assert.ok(untrusted.kind === 'retryable');
    assert.match(untrusted.reason, /self-signed certificate/);
    const wrongName = await send({ brokers: [broker], tls: { ca_file: certificate.certFile } });
    assert.ok(wrongName.kind === 'retryable');
    assert.match(wrongName.reason, /127\.0\.0\.1 is not in the cert|does not match certificate/);
    assert.deepEqual([untrusted.unknown, wrongName.unknown], [undefined, undefined]);
    const known = names.length;
    const named = await send({ brokers: [broker], tls: { ca_file: certificate.certFile, server_name_override: 'kafka.test' } });
    assert.ok(named.kind === 'retryable' && !/certificate/.test(named.reason), JSON.stringify(named));
    assert.equal(names.slice(known)[0], 'kafka.test');
  });

  it('prove who they are by SASL', async () => {
    const proofs: string[] = [];
    const broker = await listen(createServer((socket) => saslBroker(socket, (proof) => proofs.push(proof))));
    await send({ brokers: [broker], auth: { sasl: { mechanism: 'PLAIN', username: 'shop', password: 'secret' } } });
    assert.equal(proofs[0], '\0shop\0secret');
  });
});

const SASL_HANDSHAKE = 17;
const SASL_AUTHENTICATE = 36;

/** As much of a broker as SASL PLAIN needs (Kafka's protocol guide, SaslHandshake v1 and SaslAuthenticate v2); then it hangs up. */
function saslBroker(socket: Socket, proved: (proof: string) => void): void {
  let received = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) {
      const request = received.subarray(4, 4 + received.readInt32BE(0));
      received = received.subarray(4 + request.length);
      const answer = (body: Buffer): void => {
        const head = Buffer.alloc(8);
        head.writeInt32BE(4 + body.length, 0);
        request.copy(head, 4, 4, 8); // correlation id
        socket.write(Buffer.concat([head, body]));
      };
      const apiKey = request.readInt16BE(0);
      if (apiKey === SASL_HANDSHAKE) answer(Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 1, 0, 5]), Buffer.from('PLAIN')]));
      else if (apiKey === SASL_AUTHENTICATE) {
        // api key, version, correlation id, client id, tags; then the proof behind its length plus one.
        const proofAt = 8 + 2 + request.readInt16BE(8) + 1;
        proved(request.subarray(proofAt + 1, proofAt + request[proofAt]!).toString());
        socket.destroy();
      } else socket.destroy();
    }
  });
}
