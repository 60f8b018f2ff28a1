import { appendFile, mkdir } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Receiver } from '@signalbox/collector/component';
import type { Signal } from '@signalbox/signals/model/signal';
import { encodeWriteV2 } from '@signalbox/signals/prometheus/remote-write/encode';
import type { ReceiverScene } from './receiver-scene.js';
import { TENANT } from './receiver-scene.js';

/** What the tests need to know of one receiver to hold it to what is common to all. */
export interface ReceiverDriver {
  readonly signal: Signal;
  /**
   * What becomes of what cannot be kept now: the sender is told (`answers`), it is taken later (`waits`), or it is counted as refused
   * (`drops`), where the next reading says the same anew.
   */
  readonly withoutRoom: 'answers' | 'waits' | 'drops';
  /** Settings for a scene; called before each start. */
  config(scene: ReceiverScene): Promise<Record<string, unknown>> | Record<string, unknown>;
  /** Sends so many items, or lets them be fetched; answers the status where there is one. */
  send(scene: ReceiverScene, receiver: Receiver, items: number): Promise<Response | null>;
  /** Sends what is none of the protocol. */
  sendGarbage?(scene: ReceiverScene, receiver: Receiver): Promise<Response | null>;
  /** It has an address of its own. */
  readonly listens: boolean;
  /** The items of `send` are not the only ones: it reads more by itself, again and again. */
  readonly readsMore?: boolean;
  close?(): Promise<void>;
}

const NOW = BigInt(Date.now()) * 1_000_000n;
const addressOf = (receiver: Receiver): string => receiver.endpoints()[0]!.address;
const many = <T>(items: number, make: (i: number) => T): T[] => Array.from({ length: items }, (_, i) => make(i));
let serial = 0;
const id = (bytes: number): string => (++serial).toString(16).padStart(bytes * 2, '0');

function overHttp(signal: Signal, config: (scene: ReceiverScene) => Record<string, unknown>, path: string, headers: Record<string, string>, body: (items: number) => string | Uint8Array): ReceiverDriver {
  const post = (receiver: Receiver, content: string | Uint8Array): Promise<Response> => fetch(`http://${addressOf(receiver)}${path}`, { method: 'POST', headers, body: content });
  return {
    signal, withoutRoom: 'answers', listens: true, config,
    send: (_scene, receiver, items) => post(receiver, body(items)),
    sendGarbage: (_scene, receiver) => post(receiver, '\u0000\u0001{[not at all'),
  };
}

/** An uncompressed snappy block: a length and literals of at most 60 bytes. */
function snappy(bytes: Uint8Array): Uint8Array {
  const parts: number[] = [];
  for (let left = bytes.length; ; left >>>= 7) {
    if (left < 0x80) {
      parts.push(left);
      break;
    }
    parts.push((left & 0x7f) | 0x80);
  }
  for (let at = 0; at < bytes.length; at += 60) {
    const literal = bytes.subarray(at, at + 60);
    parts.push((literal.length - 1) << 2, ...literal);
  }
  return Uint8Array.from(parts);
}

const local = { endpoint: '127.0.0.1:0' };

function filelogDriver(): ReceiverDriver {
  const path = (scene: ReceiverScene): string => join(scene.dir, 'logs/app.log');
  return {
    signal: 'logs', withoutRoom: 'waits', listens: false,
    async config(scene) {
      await mkdir(join(scene.dir, 'logs'), { recursive: true });
      return { include: [path(scene)], start_at: 'beginning', poll_interval: '20ms', parse: 'json', tenant: TENANT };
    },
    async send(scene, _receiver, items) {
      await appendFile(path(scene), many(items, () => `{"level":"info","msg":"line ${id(4)}"}\n`).join(''));
      return null;
    },
  };
}

function syslogDriver(): ReceiverDriver {
  const write = (receiver: Receiver, bytes: string): Promise<null> => new Promise((resolve, reject) => {
    const [host, port] = addressOf(receiver).split(':') as [string, string];
    const socket = connect(Number(port), host, () => socket.end(bytes)).on('error', reject).on('close', () => resolve(null)).resume();
  });
  return {
    signal: 'logs', withoutRoom: 'waits', listens: true,
    config: () => ({ tcp: { listen_address: '127.0.0.1:0' }, tenant: TENANT }),
    send: (_scene, receiver, items) => write(receiver, many(items, () => `<34>1 2026-03-04T05:06:07Z host app - - - message ${id(4)}\n`).join('')),
    sendGarbage: (_scene, receiver) => write(receiver, '99999999999999 \u0000\u0001'),
  };
}

function prometheusDriver(): ReceiverDriver {
  let exposed = '';
  let server: Server | null = null;
  return {
    signal: 'metrics', withoutRoom: 'drops', listens: false, readsMore: true,
    async config() {
      server ??= await new Promise<Server>((resolve) => {
        const listening = createServer((_request, response) => response.end(exposed)).listen(0, '127.0.0.1', () => resolve(listening));
      });
      return { tenant: TENANT, config: { scrape_configs: [{ job_name: 'contract', scrape_interval: '100ms', static_configs: [{ targets: [`127.0.0.1:${(server.address() as AddressInfo).port}`] }] }] } };
    },
    async send(_scene, _receiver, items) {
      exposed = many(items, (i) => `metric{i="${i}"} ${serial++}\n`).join('');
      return null;
    },
    async sendGarbage() {
      exposed = '\u0000\u0001{[not at all\n';
      return null;
    },
    async close() {
      server?.closeAllConnections();
      await new Promise((resolve) => (server ? server.close(resolve) : resolve(null)));
      server = null;
    },
  };
}

/** By type. Those that are missing here need a server of another kind, and have suites of their own. */
export const DRIVERS: Readonly<Record<string, () => ReceiverDriver>> = {
  otlp: () => overHttp('traces', () => ({ protocols: { http: local } }), '/v1/traces', { 'content-type': 'application/json' }, (items) => JSON.stringify({
    resourceSpans: [{ resource: { attributes: [] }, scopeSpans: [{ spans: many(items, () => ({ traceId: id(16), spanId: id(8), name: 'span', startTimeUnixNano: String(NOW), endTimeUnixNano: String(NOW + 1n) })) }] }],
  })),
  zipkin: () => overHttp('traces', () => local, '/api/v2/spans', { 'content-type': 'application/json' }, (items) => JSON.stringify(many(items, () => ({ traceId: id(16), id: id(8), name: 'span', timestamp: Number(NOW / 1000n), duration: 5 })))),
  loki: () => overHttp('logs', () => local, '/loki/api/v1/push', { 'content-type': 'application/json' }, (items) => JSON.stringify({ streams: [{ stream: { app: 'contract' }, values: many(items, () => [String(NOW), `line ${id(4)}`]) }] })),
  prometheusremotewrite: () => overHttp('metrics', () => local, '/api/v1/write', { 'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request', 'content-encoding': 'snappy', 'x-prometheus-remote-write-version': '2.0.0' }, (items) => snappy(encodeWriteV2({
    series: many(items, () => ({ labels: [['__name__', `metric_${id(4)}`]], timesMs: Float64Array.of(Number(NOW / 1_000_000n)), values: Float64Array.of(1), startsMs: null, histograms: [], exemplars: [], metadata: null })),
  }))),
  filelog: filelogDriver,
  syslog: syslogDriver,
  prometheus: prometheusDriver,
  hostmetrics: () => ({ signal: 'metrics', withoutRoom: 'drops', listens: false, readsMore: true, config: () => ({ tenant: TENANT, initial_delay: '0s', collection_interval: '100ms' }), send: async () => null }),
};
