import { setTimeout as sleep } from 'node:timers/promises';
import { GrpcSender } from './grpc-sender.js';
import { LogTemplate } from './log-template.js';
import { MetricTemplate } from './metric-template.js';
import { Random } from './random.js';
import { SpanTemplate } from './span-template.js';

export type LoadSignal = 'traces' | 'logs' | 'metrics';

export interface LoadOptions {
  readonly signal: LoadSignal;
  /** `http://host:port` of an OTLP/gRPC receiver. */
  readonly target: string;
  readonly items: number;
  /** Items a second; 0 for flat out. */
  readonly rate: number;
  readonly perRequest: number;
  readonly senders: number;
  readonly connections: number;
  readonly services: number;
  /** The run ends here whatever was sent. */
  readonly maxSeconds: number;
}

export interface LoadResult {
  readonly seconds: number;
  readonly accepted: number;
  readonly failed: number;
  readonly errors: Readonly<Record<string, number>>;
  readonly bytes: number;
  readonly bytesPerItem: number;
  /** From the time a request was due (with a rate) or sent, to its acknowledgement. */
  readonly ackMsP50: number;
  readonly ackMsP99: number;
  readonly ackMsMax: number;
  /** Ids of some traces, for look-ups. */
  readonly traceIds: readonly string[];
}

const METHOD = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
} as const;
const PAUSE_AFTER_FAILURE_MS = 5;
const KEEP_ID_EVERY = 20;

/** Sends as a number of clients would, flat out or at a rate (an open loop: a late answer does not slow the clock down). */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const connections = Array.from({ length: options.connections }, () => new GrpcSender(options.target, METHOD[options.signal]));
  const requests = Math.ceil(options.items / options.perRequest);
  const gapMs = options.rate > 0 ? (options.perRequest / options.rate) * 1000 : 0;
  const make = makeSources(options);
  const sources = Array.from({ length: options.senders }, (_, w) => make(w));
  const started = performance.now();
  const deadline = started + options.maxSeconds * 1000;
  const latencies: number[] = [];
  const errors: Record<string, number> = {};
  const traceIds: string[] = [];
  let next = 0;
  let accepted = 0;
  let failed = 0;
  let bytes = 0;

  const sender = async (w: number): Promise<void> => {
    const random = new Random(Date.now() + w * 7919);
    const source = sources[w]!;
    const connection = connections[w % connections.length]!;
    for (;;) {
      const n = next++;
      if (n >= requests) return;
      let due = performance.now();
      if (gapMs > 0) {
        due = started + n * gapMs;
        if (due > performance.now()) await sleep(due - performance.now());
      }
      if (due > deadline) return;
      const { message, traceId } = source(random, n);
      bytes += message.length;
      const failure = await connection.send(message);
      if (failure === null) {
        accepted += options.perRequest;
        latencies.push(performance.now() - due);
        if (traceId !== null && n % KEEP_ID_EVERY === 0) traceIds.push(traceId);
      } else {
        failed += options.perRequest;
        errors[failure] = (errors[failure] ?? 0) + 1;
        await sleep(PAUSE_AFTER_FAILURE_MS);
      }
    }
  };
  await Promise.all(Array.from({ length: options.senders }, (_, w) => sender(w)));
  for (const connection of connections) connection.close();
  latencies.sort((a, b) => a - b);
  const quantile = (q: number): number => latencies[Math.min(latencies.length - 1, Math.floor(q * latencies.length))] ?? Number.NaN;
  return {
    seconds: (performance.now() - started) / 1000, accepted, failed, errors, bytes, bytesPerItem: bytes / Math.max(1, accepted + failed),
    ackMsP50: quantile(0.5), ackMsP99: quantile(0.99), ackMsMax: latencies.at(-1) ?? Number.NaN, traceIds,
  };
}

interface Message {
  readonly message: Buffer;
  readonly traceId: string | null;
}

type Source = (random: Random, n: number) => Message;

/** Builds the templates once; each sender gets a source with bytes of its own. */
function makeSources(options: LoadOptions): (sender: number) => Source {
  const nowNs = (): bigint => BigInt(Date.now()) * 1_000_000n;
  const services = Array.from({ length: options.services }, (_, s) => `svc-${s}`);
  if (options.signal === 'metrics') {
    return (sender) => {
      const templates = services.map((service) => new MetricTemplate(options.perRequest, `${service}-${sender}`, nowNs()));
      return (_random, n) => ({ message: templates[n % templates.length]!.encode(nowNs()), traceId: null });
    };
  }
  const made = services.map((service, s) => (options.signal === 'traces' ? SpanTemplate.make(options.perRequest, service, s + 1) : LogTemplate.make(options.perRequest, service, s + 1)));
  return () => {
    const templates = made.map((template) => template.clone());
    return (random, n) => {
      const template = templates[n % templates.length]!;
      template.patch(random, nowNs());
      return { message: template.bytes, traceId: template instanceof SpanTemplate ? template.firstTraceId() : null };
    };
  };
}
