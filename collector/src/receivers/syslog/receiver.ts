import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { BlockList, createServer as createTcpServer, isIPv6, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { endpointText, parseEndpoint } from '../../config/endpoint.js';
import type { Receiver, ReceiverContext } from '../../component.js';
import { ReceiverMeter } from '../../intake/receiver-meter.js';
import { LogSender } from '../../parsing/log-sender.js';
import { PARSE_ERROR_ATTRIBUTE } from '../../parsing/parse-line.js';
import { knownZone, type Zone } from '../../parsing/time-zone.js';
import { ServerTls } from '../../security/server-tls.js';
import { RateLimitedLog } from '../../telemetry/rate-limited.js';
import { MessageBatcher } from './batcher.js';
import { parseNetwork, type SyslogConfig } from './config.js';
import { FrameCutter } from './framing.js';
import { parseSyslog } from './message.js';
import { MessageSources, type Sender } from './message-sources.js';

/** Listens for syslog messages; what is waiting for the disk makes connections wait, and datagrams go. */
export class SyslogReceiver implements Receiver {
  readonly #config: SyslogConfig;
  readonly #zone: Zone;
  readonly #context: ReceiverContext;
  readonly #stop = new AbortController();
  readonly #log: RateLimitedLog;
  readonly #allowed = new BlockList();
  readonly #connections = new Set<Socket>();
  /** Below the connections that speak TLS, and those that have not begun to. */
  readonly #underTls = new Set<Socket>();
  readonly #batcher: MessageBatcher;
  readonly #sources: MessageSources;
  #server: Server | null = null;
  #tls: ServerTls | null = null;
  #udp: UdpSocket | null = null;
  #addresses: { readonly protocol: string; readonly address: string }[] = [];

  constructor(config: SyslogConfig, context: ReceiverContext) {
    this.#config = config;
    this.#zone = knownZone(config.location);
    this.#context = context;
    this.#log = new RateLimitedLog(context.logger, context.clock);
    for (const text of ['127.0.0.0/8', '::1', ...config.accept_from]) {
      const network = parseNetwork(text);
      if (network) this.#allowed.addSubnet(network.address, network.prefix, network.family);
    }
    const sender = new LogSender({ intake: context.intake, tenant: config.tenant, maxInFlight: 4, meter: new ReceiverMeter(context.metrics, context.id, 'syslog'), log: this.#log });
    this.#batcher = new MessageBatcher({ sender, maxBytes: config.max_buffered_bytes, resource: config.resource, nowNs: () => context.clock.nowNs(), signal: this.#stop.signal, drained: () => this.#resume() });
    const counted = (name: string) => (): void => context.metrics.count(name, { receiver: context.id }, 1);
    this.#sources = new MessageSources(config.operators, { batcher: this.#batcher, unparsed: counted('signalbox_syslog_unparsed_messages'), dropped: counted('signalbox_syslog_dropped_messages') });
  }

  async start(): Promise<void> {
    try {
      if (this.#config.tcp) await this.#listenTcp(this.#config.tcp);
      if (this.#config.udp) await this.#listenUdp(this.#config.udp);
    } catch (error) {
      await this.shutdown();
      throw error;
    }
  }

  async shutdown(): Promise<void> {
    this.#tls?.stop();
    const closed = [closing(this.#server), closing(this.#udp)];
    this.#server = null;
    this.#udp = null;
    for (const socket of [...this.#connections, ...this.#underTls]) socket.destroy();
    await Promise.all(closed);
    this.#sources.flush();
    await this.#batcher.close(SHUTDOWN_MS);
    this.#stop.abort();
  }

  endpoints(): readonly { readonly protocol: string; readonly address: string }[] {
    return this.#addresses;
  }

  async #listenTcp(config: NonNullable<SyslogConfig['tcp']>): Promise<void> {
    const tls = config.tls ? new ServerTls(config.tls, { what: `${this.#context.id} (syslog over TLS)`, logger: this.#context.logger }) : null;
    const accept = (socket: Socket): void => this.#accept(socket);
    let server: Server;
    if (tls === null) server = createTcpServer(accept);
    else {
      const secure = createTlsServer(tls.serverOptions(), accept);
      tls.load(secure);
      secure.on('connection', (socket: Socket) => void this.#underTls.add(socket.once('close', () => this.#underTls.delete(socket))));
      secure.on('tlsClientError', (error: Error) => this.#log.info('tls', 'a syslog sender failed to begin TLS', { receiver: this.#context.id, error: error.message }));
      server = secure;
      this.#tls = tls;
    }
    server.maxConnections = config.max_connections;
    const { host, port } = parseEndpoint(config.listen_address)!;
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
    server.on('error', (error) => this.#log.error('tcp', 'listening for syslog failed', { code: 'SBX_SYSLOG_LISTEN', receiver: this.#context.id, error: error.message }));
    this.#server = server;
    const address = server.address();
    if (typeof address === 'object' && address) this.#addresses.push({ protocol: tls ? 'syslog+tls' : 'syslog+tcp', address: endpointText(address.address, address.port) });
  }

  #accept(socket: Socket): void {
    const { tcp } = this.#config;
    if (!tcp || !this.#mayCome(socket.remoteAddress)) {
      socket.destroy();
      return;
    }
    this.#connections.add(socket);
    const framing = tcp.enable_octet_counting === undefined ? 'auto' : tcp.enable_octet_counting ? 'counted' : 'lines';
    const cutter = new FrameCutter(framing, tcp.max_log_size, (message) => this.#take(message, socket));
    socket.setTimeout(tcp.idle_timeout, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      if (!cutter.push(chunk)) {
        this.#log.warn('framing', 'a syslog connection was closed: where the length of a message should be, there is none', { code: 'SBX_SYSLOG_FRAMING', receiver: this.#context.id, from: socket.remoteAddress });
        socket.destroy();
      } else if (this.#isFull()) socket.pause();
    });
    socket.on('end', () => cutter.end());
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#connections.delete(socket);
      this.#sources.end(socket);
    });
  }

  async #listenUdp(config: NonNullable<SyslogConfig['udp']>): Promise<void> {
    const { host, port } = parseEndpoint(config.listen_address)!;
    const socket = createSocket({ type: host !== undefined && isIPv6(host) ? 'udp6' : 'udp4', recvBufferSize: UDP_BUFFER_BYTES });
    await new Promise<void>((resolve, reject) => socket.once('error', reject).bind(port, host, resolve));
    socket.on('error', (error) => this.#log.error('udp', 'listening for syslog failed', { code: 'SBX_SYSLOG_LISTEN', receiver: this.#context.id, error: error.message }));
    socket.on('message', (message, from) => {
      if (!this.#mayCome(from.address)) return;
      if (this.#isFull()) this.#context.metrics.count('signalbox_syslog_dropped_datagrams', { receiver: this.#context.id }, 1);
      else if (config.one_log_per_packet) this.#take(withoutEnd(message).subarray(0, config.max_log_size), from.address);
      else new FrameCutter('lines', config.max_log_size, (line) => this.#take(line, from.address)).push(Buffer.concat([message, NEWLINE]));
    });
    this.#udp = socket;
    const address = socket.address();
    this.#addresses.push({ protocol: 'syslog+udp', address: endpointText(address.address, address.port) });
  }

  #mayCome(address: string | undefined): boolean {
    const plain = (address ?? '').replace(/^::ffff:(?=\d+\.)/, '');
    // With a certificate that was checked the network does not matter.
    const allowed = (this.#config.accept_from.length === 0 && this.#config.tcp?.tls?.client_ca_file !== undefined) || this.#allowed.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
    if (!allowed) this.#log.warn('refused', 'a syslog sender is not among accept_from', { code: 'SBX_SYSLOG_REFUSED', receiver: this.#context.id, from: plain });
    return allowed;
  }

  /** Whether there is no room; what operators hold makes way then. */
  #isFull(): boolean {
    if (this.#batcher.isFull) this.#sources.flush();
    return this.#batcher.isFull;
  }

  #take(message: Buffer, sender: Sender): void {
    const { protocol, allow_skip_pri_header: allowNoPriority, keep_line: keepLine } = this.#config;
    const entry = parseSyslog(message.toString('utf8'), { protocol, zone: this.#zone, allowNoPriority, keepLine, nowMs: Number(this.#context.clock.nowNs() / 1_000_000n) });
    this.#sources.take(sender, entry, message.length, entry.attributes.has(PARSE_ERROR_ATTRIBUTE));
  }

  #resume(): void {
    for (const socket of this.#connections) socket.resume();
  }
}

/** A message without the newlines and NULs that some senders put behind it. */
function withoutEnd(message: Buffer): Buffer {
  let end = message.length;
  while (end > 0 && (message[end - 1] === 0x0a || message[end - 1] === 0x0d || message[end - 1] === 0)) end--;
  return message.subarray(0, end);
}

const NEWLINE = Buffer.from('\n');
const UDP_BUFFER_BYTES = 4 << 20;
/** What is on its way to the disk has so long at the end. */
const SHUTDOWN_MS = 5000;

function closing(server: { close(done: () => void): unknown } | null): Promise<void> {
  return new Promise((resolve) => (server ? void server.close(() => resolve()) : resolve()));
}
