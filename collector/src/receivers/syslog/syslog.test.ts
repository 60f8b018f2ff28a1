import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { attributesToJson } from '@signalbox/signals/model/attribute-text';
import type { LogRecord } from '@signalbox/signals/model/log-record';
import { decodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import fc from 'fast-check';
import { ConfigError } from '../../config/error.js';
import { detachedPlace } from '../../config/place.js';
import { makeCertificate, type Certificate } from '../../exporters/testing/certificates.js';
import { createIntake } from '../../intake/intake.js';
import { toAttributes } from '../../parsing/entry.js';
import { knownZone } from '../../parsing/time-zone.js';
import { systemClock } from '../../telemetry/clock.js';
import { createLogger } from '../../telemetry/logger.js';
import { createMetrics } from '../../telemetry/metrics.js';
import { FrameCutter, type Framing } from './framing.js';
import { syslog } from './index.js';
import { parseSyslog } from './message.js';

const options = { protocol: 'auto', zone: '', allowNoPriority: false, keepLine: false, nowMs: Date.parse('2026-01-02T00:00:00Z') } as const;
const read = (line: string, change: object = {}) => {
  const entry = parseSyslog(line, { ...options, ...change });
  return { body: entry.body, attributes: attributesToJson(toAttributes(entry.attributes)), severity: [entry.severityText, entry.severityNumber], time: entry.timeNs === 0n ? null : new Date(Number(entry.timeNs / 1_000_000n)).toISOString() };
};

async function start(config: Record<string, unknown>, append?: () => Promise<void>) {
  const records: LogRecord[] = [];
  const metrics = createMetrics();
  const clock = systemClock();
  const lines: string[] = [];
  const intake = createIntake({ journal: { append: async ({ payload }) => {
    await append?.();
    for (const resource of decodeLogs(payload).resourceLogs) for (const scope of resource.scopeLogs) records.push(...scope.logRecords);
    return { position: 0, duplicate: false };
  } }, clock, metrics });
  const receiver = syslog.create(syslog.parseConfig(config, detachedPlace('(test)')), { id: 'syslog', logger: createLogger({ stream: { write: (line) => void lines.push(line) } }), clock, metrics, dataDir: '', journalId: '', intake, mounts: { post: () => undefined }, auth: { write: () => ({ tenant: 'default' }) }, signals: ['logs'] });
  await receiver.start();
  const wait = async (count: number): Promise<void> => {
    for (let i = 0; records.length < count; i++) {
      if (i > 5000) assert.fail(`${records.length} of ${count} records`);
      await sleep(20);
    }
  };
  return { receiver, records, metrics, lines, wait, port: Number(receiver.endpoints()[0]!.address.split(':').at(-1)) };
}

describe('receivers/syslog', () => {
  it('reads RFC 5424 with structured data', () => {
    assert.deepEqual(read('<165>1 2026-01-01T22:14:15.003+02:00 host.example evntslog 123 ID47 [ex@32473 iut="3" text="a \\"q\\" \\] \\\\"][b@1] \ufeffAn event'), {
      body: 'An event', severity: ['notice', 10], time: '2026-01-01T20:14:15.003Z',
      attributes: '{"priority":165,"facility":20,"log.time_zone":"+02:00","version":1,"hostname":"host.example","appname":"evntslog","proc_id":"123","msg_id":"ID47","structured_data":{"ex@32473":{"iut":"3","text":"a \\"q\\" ] \\\\"},"b@1":{}}}',
    });
    assert.deepEqual(read('<0>1 - - - - - -'), { body: '', severity: ['emerg', 21], time: null, attributes: '{"priority":0,"facility":0,"version":1}' });
  });

  it('reads RFC 3164, and finds the year', () => {
    assert.deepEqual(read('<34>Oct 11 22:14:15 mymachine su[77]: \'su root\' failed'), { body: '\'su root\' failed', severity: ['crit', 18], time: '2025-10-11T22:14:15.000Z', attributes: '{"priority":34,"facility":4,"hostname":"mymachine","appname":"su","proc_id":"77"}' });
    assert.equal(read('<34>Jan  2 12:00:00 h a: x').time, '2026-01-02T12:00:00.000Z');
    assert.equal(read('<34>Jan  1 12:00:00 h a: x', { zone: '+02:00' }).time, '2026-01-01T10:00:00.000Z');
    assert.equal(read('<34>Oct 10 12:00:00 h a: x', { zone: knownZone('Europe/Berlin') }).time, '2025-10-10T10:00:00.000Z');
    assert.equal(read('<34>Dec 10 12:00:00 h a: x', { zone: knownZone('Europe/Berlin') }).time, '2025-12-10T11:00:00.000Z');
    assert.equal(read('<34>Feb 29 12:00:00 h a: x', { nowMs: Date.parse('2024-03-01T00:00:00Z') }).time, '2024-02-29T12:00:00.000Z');
    assert.equal(read('<13>2026-01-01T10:00:00Z h app: x').body, 'x');
    assert.deepEqual(read('<13>just text').body, 'just text');
    assert.equal(read('Jan  1 12:00:00 h a: x', { allowNoPriority: true }).attributes, '{"hostname":"h","appname":"a"}');
    assert.deepEqual(read('<34>Jan  1 12:00:00 h a: x', { keepLine: true }).body, '<34>Jan  1 12:00:00 h a: x');
  });

  for (const line of ['no priority', '<192>x', '<1>1 notatime h a p m - x', '<1>1 - h a p m [x', '<1>1 - h a p m [x y="z] x', '<1>1 - h', '']) {
    it(`keeps ${JSON.stringify(line)} whole, with the reason`, () => {
      const { body, attributes } = read(line);
      assert.equal(body, line);
      assert.match(attributes, /log\.parse_error/);
    });
  }

  it('cuts frames in any pieces, counted, by lines, and both', () => {
    const messages = ['<1>a', '<1>zwei Wörter', '<1>c'];
    const counted = messages.map((m) => `${Buffer.byteLength(m)} ${m}`).join('');
    const lines = messages.map((m) => `${m}\n`).join('');
    const cut = (framing: Framing, text: string, at: readonly number[], max = 1000): string[] => {
      const got: string[] = [];
      const cutter = new FrameCutter(framing, max, (bytes) => got.push(bytes.toString()));
      const bytes = Buffer.from(text);
      const places = [0, ...at.map((each) => each % bytes.length).sort((a, b) => a - b), bytes.length];
      for (let i = 0; i + 1 < places.length; i++) assert.ok(cutter.push(bytes.subarray(places[i], places[i + 1])));
      cutter.end();
      return got;
    };
    fc.assert(fc.property(fc.array(fc.nat(200), { maxLength: 8 }), (at) => {
      assert.deepEqual(cut('counted', counted, at), messages);
      assert.deepEqual(cut('lines', lines, at), messages);
      assert.deepEqual(cut('auto', counted + lines, at), [...messages, ...messages]);
      assert.deepEqual(cut('lines', `${'x'.repeat(50)}\n<1>c\nlast`, at, 10), ['x'.repeat(10), '<1>c', 'last']);
      assert.deepEqual(cut('counted', `50 ${'x'.repeat(50)}4 <1>c`, at, 10), ['x'.repeat(10), '<1>c']);
    }));
    const cutter = new FrameCutter('counted', 10, () => undefined);
    assert.equal(cutter.push(Buffer.from('x')), false);
  });

  it('receives over TCP and UDP, and sends what waits at the end', async () => {
    const { receiver, records, wait, port } = await start({ tcp: { listen_address: '127.0.0.1:0' } });
    const socket = connect(port, '127.0.0.1');
    socket.write('<14>Jan  1 12:00:00 h a: one\n26 <14>Jan  1 12:00:00 h a: 2');
    await wait(2);
    socket.end('<14>no newline');
    await wait(3);
    await receiver.shutdown();
    assert.deepEqual(records.map(({ body }) => body), ['one', '2', 'no newline']);
    const udp = await start({ udp: { listen_address: '127.0.0.1:0', max_log_size: 64 } });
    const client = createSocket('udp4');
    client.send('<14>Jan  1 12:00:00 h a: datagram', udp.port, '127.0.0.1');
    await udp.wait(1);
    client.close();
    await udp.receiver.shutdown();
    assert.equal(udp.records[0]!.body, 'datagram');
  });

  it('takes a datagram for one message or for lines, as it is told', async () => {
    const datagram = '<14>Jan  1 12:00:00 h a: one\n<14>Jan  1 12:00:00 h a: two\r\n\0';
    for (const [one_log_per_packet, expected] of [[false, ['one', 'two']], [true, ['one\n<14>Jan  1 12:00:00 h a: two']]] as const) {
      const { receiver, records, wait, port } = await start({ udp: { listen_address: '127.0.0.1:0', one_log_per_packet } });
      const client = createSocket('udp4');
      client.send(datagram, port, '127.0.0.1');
      await wait(expected.length);
      client.close();
      await receiver.shutdown();
      assert.deepEqual(records.map(({ body }) => body), expected);
    }
  });

  it('counts the datagrams that it has no room for while the disk does not answer, and goes on', async () => {
    let open = (): void => undefined;
    const disk = new Promise<void>((resolve) => (open = resolve));
    const { receiver, records, metrics, port } = await start({ udp: { listen_address: '127.0.0.1:0' }, max_buffered_bytes: 65_536 }, () => disk);
    const client = createSocket('udp4');
    const dropped = (): number => Number(/signalbox_syslog_dropped_datagrams_total\{receiver="syslog"\} (\d+)/.exec(metrics.expose())?.[1] ?? 0);
    const until = async (what: string, condition: () => boolean): Promise<void> => {
      for (let i = 0; !condition(); i++) {
        if (i > 10_000) assert.fail(`never: ${what}; ${records.length} records, ${dropped()} dropped`);
        client.send(`<14>Jan  1 12:00:00 h a: ${'x'.repeat(4000)}`, port, '127.0.0.1');
        await sleep(5);
      }
    };
    await until('some are dropped', () => dropped() > 3);
    assert.equal(records.length, 0);
    const before = dropped();
    open();
    await until('there is room again', () => records.length > 16);
    assert.ok(dropped() >= before);
    client.close();
    await receiver.shutdown();
  });

  it('takes nothing from networks that are not named', async function () {
    const outside = Object.values(networkInterfaces()).flat().find((each) => each?.family === 'IPv4' && !each.internal)?.address;
    if (outside === undefined) {
      console.warn('      skipped: this machine has no address but loopback');
      return this.skip();
    }
    const { receiver, records, lines, wait } = await start({ tcp: { listen_address: '0.0.0.0:0' }, udp: { listen_address: '0.0.0.0:0' }, accept_from: ['255.255.255.255'] });
    const ports = Object.fromEntries(receiver.endpoints().map(({ protocol, address }) => [protocol, Number(address.split(':').at(-1))]));
    const client = createSocket('udp4');
    client.send('<14>Jan  1 12:00:00 h a: refused', ports['syslog+udp']!, outside);
    const socket = connect(ports['syslog+tcp'] ?? ports['syslog']!, outside);
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.write('<14>Jan  1 12:00:00 h a: refused, too\n');
    await closed;
    // Of loopback it comes behind the datagram that is refused.
    client.send('<14>Jan  1 12:00:00 h a: welcome', ports['syslog+udp']!, '127.0.0.1');
    await wait(1);
    client.close();
    await receiver.shutdown();
    assert.deepEqual(records.map(({ body }) => body), ['welcome']);
    assert.match(lines.join(''), /SBX_SYSLOG_REFUSED/);
  });

  describe('over TLS', () => {
    let dir: string;
    let server: Certificate;
    let client: Certificate;
    before(() => {
      dir = mkdtempSync(join(tmpdir(), 'signalbox-syslog-'));
      [server, client] = [makeCertificate(dir, 'server', 'IP:127.0.0.1'), makeCertificate(dir, 'client', 'DNS:client')];
    });
    after(() => rmSync(dir, { recursive: true, force: true }));
    const tlsOf = (more: object = {}) => ({ tcp: { listen_address: '127.0.0.1:0', enable_octet_counting: true, tls: { cert_file: server.certFile, key_file: server.keyFile, ...more } } });
    /** Settles when the connection has ended: with the error, if it was one. */
    const send = (port: number, text: string, options: object = {}): Promise<Error | null> => new Promise((resolve) => {
      const socket = connectTls({ port, host: '127.0.0.1', ca: readFileSync(server.certFile), ...options }, () => socket.end(text));
      socket.on('error', resolve).on('close', () => resolve(null)).resume();
    });
    const framed = (text: string): string => `${Buffer.byteLength(text)} ${text}`;

    it('takes messages with their length in front (RFC 5425), newlines within them too', async () => {
      const { receiver, records, wait, port } = await start(tlsOf());
      assert.deepEqual(receiver.endpoints().map(({ protocol }) => protocol), ['syslog+tls']);
      assert.equal(await send(port, framed('<14>1 - h a - - - größe\nzwei') + framed('<14>1 - h a - - - second')), null);
      await wait(2);
      assert.deepEqual(records.map(({ body }) => body), ['größe\nzwei', 'second']);
      await receiver.shutdown();
    });

    it('demands the certificate of a known authority where one is named', async () => {
      const { receiver, records, wait, port, lines } = await start(tlsOf({ client_ca_file: client.certFile }));
      await send(port, framed('<14>1 - h a - - - without'));
      await send(port, framed('<14>1 - h a - - - of another'), { cert: readFileSync(server.certFile), key: readFileSync(server.keyFile) });
      assert.equal(await send(port, framed('<14>1 - h a - - - with'), { cert: readFileSync(client.certFile), key: readFileSync(client.keyFile) }), null);
      await wait(1);
      await receiver.shutdown();
      assert.deepEqual(records.map(({ body }) => body), ['with']);
      assert.match(lines.join(''), /failed to begin TLS/);
    });

    it('survives senders that speak no TLS, or say nothing, and does not wait for them at the end', async () => {
      const { receiver, records, wait, port } = await start(tlsOf());
      const silent = connect(port, '127.0.0.1').on('error', () => undefined);
      const plain = connect(port, '127.0.0.1', () => plain.write(framed('<14>1 - h a - - - plain'))).on('error', () => undefined);
      await new Promise((resolve) => plain.once('close', resolve).resume());
      assert.equal(await send(port, framed('<14>1 - h a - - - well')), null);
      await wait(1);
      const begun = Date.now();
      await receiver.shutdown();
      assert.ok(Date.now() - begun < 5000, 'it ends before a handshake times out');
      silent.destroy();
      assert.deepEqual(records.map(({ body }) => body), ['well']);
    });

    it('names the file and the setting where a certificate cannot be used', async () => {
      await assert.rejects(start(tlsOf({ key_file: client.keyFile })), /syslog over TLS.*client\.key \(key_file\) is not that of the first certificate/);
      await assert.rejects(start(tlsOf({ cert_file: join(dir, 'none.pem') })), /none\.pem \(cert_file\) does not exist/);
    });
  });

  it('lets connections wait while the disk does, and loses nothing', async () => {
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const { receiver, records, wait, port } = await start({ tcp: { listen_address: '127.0.0.1:0' }, max_buffered_bytes: 65_536 }, () => gate);
    const socket = connect(port, '127.0.0.1');
    for (let i = 0; i < 20_000; i++) socket.write(`<14>Jan  1 12:00:00 h a: ${i} ${'x'.repeat(200)}\n`);
    await sleep(50);
    assert.equal(records.length, 0);
    open();
    await wait(20_000);
    assert.deepEqual(records.map(({ body }) => Number(String(body as string).split(' ')[0])), Array.from({ length: 20_000 }, (_, i) => i));
    socket.destroy();
    await receiver.shutdown();
  });

  it('takes messages through operators, as filelog does, and counts what they drop', async () => {
    const operators = [
      { type: 'filter', expr: 'attributes.appname == "noise"' },
      { type: 'json_parser', if: 'body startsWith "{"', trace: { trace_id: { parse_from: 'attributes.trace_id' } } },
      { type: 'move', if: 'attributes.tenant != nil', from: 'attributes.tenant', to: 'resource["team"]' },
      { type: 'regex_parser', if: 'body startsWith "took"', regex: '^took (?P<ms>\\d+)$', on_error: 'drop' },
    ];
    const { receiver, records, metrics, wait, port } = await start({ tcp: { listen_address: '127.0.0.1:0' }, operators });
    const socket = connect(port, '127.0.0.1');
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    socket.end(`<14>Jan  1 12:00:00 h noise: x\n<14>Jan  1 12:00:00 h a: {"trace_id":"${traceId}","tenant":"shop"}\n<14>Jan  1 12:00:00 h a: took 5\n<14>Jan  1 12:00:00 h a: took long\nno syslog\n`);
    await wait(3);
    await receiver.shutdown();
    assert.deepEqual(records.map(({ body, traceId: id }) => [body, id]), [[`{"trace_id":"${traceId}","tenant":"shop"}`, traceId], ['took 5', ''], ['no syslog', '']]);
    assert.equal(records[1]?.attributes.find(({ key }) => key === 'ms')?.value, '5');
    assert.match(metrics.expose(), /signalbox_syslog_dropped_messages_total\{receiver="syslog"\} 2\n/);
    assert.match(metrics.expose(), /signalbox_syslog_unparsed_messages_total\{receiver="syslog"\} 2\n/);
  });

  it('puts messages of one sender together, apart from those of others, and lets go what no more comes of', async () => {
    const recombine = { type: 'recombine', combine_field: 'body', is_first_entry: 'body matches "^[A-Z]"' };
    const { receiver, records, wait, port } = await start({ tcp: { listen_address: '127.0.0.1:0' }, operators: [{ ...recombine, force_flush_period: '1h' }] });
    const message = (text: string): string => `<14>1 - h a - - - ${text}\n`;
    const [one, two] = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
    one.write(message('One') + message(' of one'));
    two.write(message('Two') + message(' of two') + message('Three'));
    await wait(1);
    one.write(message(' and more') + message('Four'));
    await wait(2);
    two.end(message(' of three'));
    await wait(3);
    await receiver.shutdown();
    assert.deepEqual(records.map(({ body }) => body).sort(), ['Four', 'One\n of one\n and more', 'Three\n of three', 'Two\n of two']);

    const soon = await start({ udp: { listen_address: '127.0.0.1:0' }, operators: [{ ...recombine, force_flush_period: '50ms' }] });
    const client = createSocket('udp4');
    client.send(message('Five') + message(' of five'), soon.port, '127.0.0.1');
    await soon.wait(1);
    client.close();
    assert.deepEqual(soon.records.map(({ body }) => body), ['Five\n of five']);
    await soon.receiver.shutdown();
  });

  it('lets go what operators hold where it takes all the room', async () => {
    const { receiver, records, port } = await start({ tcp: { listen_address: '127.0.0.1:0' }, max_buffered_bytes: 65_536, operators: [{ type: 'recombine', combine_field: 'body', is_last_entry: 'body == "end"', max_batch_size: 100_000, max_unmatched_batch_size: 0, force_flush_period: 0 }] });
    const socket = connect(port, '127.0.0.1');
    for (let i = 0; i < 1000; i++) socket.write(`<14>1 - h a - - - ${i} ${'x'.repeat(1000)}\n`);
    socket.write('<14>1 - h a - - - end\n');
    socket.end();
    await new Promise((resolve) => socket.once('close', resolve).resume());
    await receiver.shutdown();
    assert.ok(records.length > 1);
    const lines = records.flatMap(({ body }) => String(body as string).split('\n'));
    assert.deepEqual(lines.map((line) => line.split(' ')[0]), [...Array.from({ length: 1000 }, (_, i) => String(i)), 'end']);
  });

  it('names what is wrong in its configuration', () => {
    for (const [config, message] of [[{}, /tcp, udp/], [{ udp: { listen_address: '0.0.0.0:514' } }, /accept_from/], [{ tcp: { listen_address: ':514' } }, /accept_from/], [{ tcp: {}, accept_from: ['x'] }, /network/], [{ tcp: {}, protocol: 'rfc' }, /rfc5424/], [{ tcp: {}, operators: [{ type: 'json_parse' }] }, /no operator 'json_parse' here/]] as const) {
      assert.throws(() => syslog.parseConfig(config, detachedPlace('(test)')), (error) => error instanceof ConfigError && message.test(error.mistakes.map((mistake) => mistake.message).join()));
    }
    syslog.parseConfig({ udp: { listen_address: '0.0.0.0:514' }, accept_from: ['10.0.0.0/8'] }, detachedPlace('(test)'));
  });
});
