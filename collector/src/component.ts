import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LogsData } from '@signalbox/signals/model/log-record';
import type { MetricsData } from '@signalbox/signals/model/metric';
import type { Signal } from '@signalbox/signals/model/signal';
import type { TracesData } from '@signalbox/signals/model/span';
import type { WriteRequest } from '@signalbox/signals/prometheus/remote-write/types';
import type { ConfigPlace } from './config/place.js';
import type { TraceSampler } from './sampling/trace-sampler.js';

/** Where a component writes what people read. Fields are structured; secrets never go in. */
export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

export interface Clock {
  /** Unix time in nanoseconds. */
  nowNs(): bigint;
  /** Monotonic milliseconds. */
  monotonicMs(): number;
}

/** Self-metrics, under the OpenTelemetry Collector's names. */
export interface Metrics {
  /** Adds to a counter; the name without the `_total` suffix. */
  count(name: string, labels: Readonly<Record<string, string>>, by: number): void;
  gauge(name: string, labels: Readonly<Record<string, string>>, value: number): void;
  /** Observes into a histogram with the bounds that the name was first used with. */
  observe(name: string, labels: Readonly<Record<string, string>>, value: number, bounds?: readonly number[]): void;
}

export interface ComponentContext {
  /** The component's id in the configuration: `loki` or `loki/second`. */
  readonly id: string;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** The data directory, for components that keep state; they use a folder of their own name. */
  readonly dataDir: string;
  /** Uuid of the journal that items come from: an item's id is uuid + position + ordinal. */
  readonly journalId: string;
}

/** One journal frame, decoded; rejected items are taken out. */
export interface BatchPart {
  readonly position: number;
  readonly receivedNs: bigint;
  readonly data: SignalData;
  /** Items in `data`. */
  readonly items: number;
  /** Ordinal in the frame of each item of `data`, in document order. */
  readonly ordinals: Uint32Array;
  /** An attempt of an earlier life of the process may have brought it, in which nobody booked what became of it. */
  readonly attempted?: boolean;
  /**
   * For exporters that ask for it (`Exporter.wire`): the items as OTLP protobuf, an Export*ServiceRequest, beside others perhaps
   * (`wireItems`). Absent for frames of Prometheus samples. Not to be changed.
   */
  readonly wire?: Uint8Array;
  /** Ordinal within `wire` (in document order) of each item of the part, ascending; null or absent when it is all of them. */
  readonly wireItems?: Uint32Array | null;
}

export type SignalData =
  | { readonly signal: 'traces'; readonly traces: TracesData }
  | { readonly signal: 'logs'; readonly logs: LogsData }
  | {
      readonly signal: 'metrics';
      /** Of a frame of Prometheus samples: converted when it is first read. */
      readonly metrics: MetricsData;
      /** The samples as they came, where the frame holds Prometheus samples and no processor has changed them; else null or absent. */
      readonly prometheus?: WriteRequest | null;
    };

/** What an exporter is given: one tenant, one signal, parts in journal order. Its items are numbered from 0 through all parts. */
export interface Batch {
  readonly tenant: string;
  readonly signal: Signal;
  readonly parts: readonly BatchPart[];
  /** Sum of the parts' items. */
  readonly items: number;
}

/** What became of a batch. Item numbers are those of the batch. Items not named in `retry` or `rejected` are delivered (or duplicate). */
export type Outcome =
  | {
      readonly kind: 'settled';
      /** delivered + duplicate + retry.items.length + rejected.length = batch.items */
      readonly delivered: number;
      /** Items that the destination already had. */
      readonly duplicate: number;
      /** `unknown`: some of them may have arrived, nobody knows. */
      readonly retry: { readonly items: readonly number[]; readonly afterMs?: number; readonly reason?: string; readonly unknown?: boolean };
      readonly rejected: readonly { readonly item: number; readonly reason: string }[];
    }
  /** Nothing of it arrived, or nobody knows (`unknown`), and it is worth another try. */
  | { readonly kind: 'retryable'; readonly reason: string; readonly afterMs?: number; readonly unknown?: boolean };

export interface Exporter {
  /** One batch after the other, each until it is settled, whatever `num_consumers` says. */
  readonly ordered?: boolean;
  /**
   * It reads the parts' bytes (`BatchPart.wire`) and their objects hardly ever: frames that no processor changed are not decoded then,
   * and `data` is when it is first read, which throws where the bytes are not what they should be.
   */
  readonly wire?: boolean;
  start?(): Promise<void>;
  /**
   * Never throws for what is expected of a network; `signal` ends it at shutdown or timeout. Whoever reads `wire` throws before it sends
   * anything where the bytes are malformed: parts that cannot be decoded are dropped as `undecodable` then, and the others tried again.
   */
  export(batch: Batch, signal: AbortSignal): Promise<Outcome>;
  shutdown(): Promise<void>;
}

export interface ExporterFactory<C = unknown> {
  /** The name in the configuration. */
  readonly type: string;
  readonly signals: readonly Signal[];
  /** `raw` is the component's section with `${env:…}` already replaced; throws ConfigError with every mistake, each with its place. */
  parseConfig(raw: unknown, place: ConfigPlace): C;
  create(config: C, context: ComponentContext): Exporter;
}

/** Accepts what receivers read: appends to the journal and settles once it is on disk. */
export interface Intake {
  /**
   * @throws IntakeFull when the byte budget is used up (the receiver answers 429/503 with retry-after, or RESOURCE_EXHAUSTED with RetryInfo)
   * @throws JournalFailed when the disk refuses (the receiver answers 503 or UNAVAILABLE)
   */
  accept(request: IntakeRequest): Promise<void>;
  /** Takes bytes from the budget before a body is read; answers a function that gives them back, or null when there is no room. */
  reserve(bytes: number): (() => void) | null;
  /** The same without a closure, for hot paths: false when there is no room. Every take is followed by one give of as many. */
  take(bytes: number): boolean;
  give(bytes: number): void;
  /** What to tell a sender for whom there is no room. */
  readonly retryAfterMs: number;
}

export interface IntakeRequest {
  readonly signal: Signal;
  readonly encoding: 'otlp' | 'prometheus';
  readonly tenant: string;
  readonly payload: Uint8Array;
  readonly items: number;
  readonly rejected: readonly number[];
  readonly batchId?: string;
  /** The caller has taken the payload's bytes from the budget (and gives them back); otherwise accept() does. */
  readonly reserved?: boolean;
}

export interface Receiver {
  /** Listens; settles when it accepts. */
  start(): Promise<void>;
  /** Stops accepting, lets requests in flight end, then closes. */
  shutdown(): Promise<void>;
  /** What listens where, for the start-up lines and doctor; `tls` where TLS is spoken. */
  endpoints(): readonly { readonly protocol: string; readonly address: string; readonly tls?: boolean }[];
  /** Of receivers that scrape: what, and how that went, as Prometheus' /api/v1/targets shows it to the tenant whose series they are. */
  targets?(): { readonly tenant: string; readonly activeTargets: readonly object[]; readonly droppedTargets: readonly object[] };
  /** Of receivers that scrape: what their targets say of their metrics. */
  scrapedMetadata?(): ScrapedMetadata;
}

/** What scraped targets say of their metric families. */
export interface ScrapedMetadata {
  readonly tenant: string;
  readonly targets: readonly ScrapedTarget[];
}

export interface ScrapedTarget {
  readonly labels: Readonly<Record<string, string>>;
  /** Read anew with each call. `type` as the target writes it, `unknown` where it says none. */
  families(): readonly { readonly name: string; readonly type: string; readonly help: string; readonly unit: string }[];
}

/** Who may write, and as whom. The appliance supplies it; null headers mean none was sent. */
export interface Authenticator {
  /** Answers the tenant, or why not. `authorization` is the header's value, `tenantHeader` that of X-Scope-OrgID. */
  write(authorization: string | undefined, tenantHeader: string | undefined): { readonly tenant: string } | { readonly refused: 'unauthenticated' | 'forbidden'; readonly reason: string };
}

/** Paths of the query port (4319) whose requests are passed on to a receiver, over a local socket between the roles. */
export interface Mounts {
  /** The handler authenticates by itself (`ReceiverContext.auth`), as for its own port; Host and Origin have been checked. */
  post(path: string, handler: (request: IncomingMessage, response: ServerResponse) => Promise<void>): void;
}

export interface ReceiverContext extends ComponentContext {
  /** What is accepted through it carries the receiver's id as its origin. */
  readonly intake: Intake;
  readonly mounts: Mounts;
  readonly auth: Authenticator;
  /** Signals that some pipeline takes from this receiver; others are answered with UNIMPLEMENTED / 404. */
  readonly signals: readonly Signal[];
}

export interface ReceiverFactory<C = unknown> {
  readonly type: string;
  readonly signals: readonly Signal[];
  parseConfig(raw: unknown, place: ConfigPlace): C;
  create(config: C, context: ReceiverContext): Receiver;
}

/**
 * A processor runs inside each reader, on decoded data, one frame's part at a time; it answers what remains, and why items went.
 * Parts are shared between readers: what changes is answered as new objects, what does not is answered as it came.
 */
export interface Processor {
  process(batch: Batch): { readonly batch: Batch; readonly dropped: readonly { readonly reason: string; readonly items: number }[] };
  /**
   * Of processors that remember what went before (per stream, for example). The reader keeps a snapshot with its place in the
   * journal; after a restart it restores the last one and goes from there on, without sending again what is settled.
   */
  readonly state?: ComponentState;
  shutdown?(): Promise<void>;
}

export interface ComponentState {
  /** Bytes of a format of the component's own, with a version in front. */
  snapshot(): Uint8Array;
  /** @throws Error when the bytes are not of a snapshot that it knows: it begins empty then, which is logged */
  restore(snapshot: Uint8Array): void;
}

export interface ProcessorFactory<C = unknown> {
  readonly type: string;
  readonly signals: readonly Signal[];
  parseConfig(raw: unknown, place: ConfigPlace): C;
  create(config: C, context: ComponentContext): Processor;
}

/**
 * A processor whose work is to decide, trace by trace, what stays. One reader decides for its pipeline and appends the decisions with
 * the sampler's id as origin; all readers of the pipeline follow them (collector/src/sampling).
 */
export interface SamplerFactory<C = unknown> {
  readonly type: string;
  readonly signals: readonly Signal[];
  /** Signals of the pipelines that its decisions can begin. */
  readonly gives: readonly Signal[];
  parseConfig(raw: unknown, place: ConfigPlace): C;
  createSampler(config: C, context: ComponentContext): TraceSampler;
}

/** What a connector made of what it took. */
export interface Derived {
  readonly tenant: string;
  readonly data: SignalData;
}

/**
 * Ends some pipelines (which list it as an exporter) and begins others (which list it as a receiver): the journal stands in between.
 * It has one reader of the journal for each pipeline that it ends; what it derives is appended with its id as origin.
 */
export interface Connector {
  readonly state: ComponentState;
  /** In the journal's order. Every frame once; after a crash again from the last snapshot on, whose state is restored before. */
  consume(batch: Batch): void;
  /** What is due by now; asked once a second between batches, and at the end. Appended, then the snapshot is kept, then the cursor goes on. */
  flush(nowNs: bigint): readonly Derived[];
  shutdown(): Promise<void>;
}

export interface ConnectorFactory<C = unknown> {
  readonly type: string;
  /** Signals of the pipelines that it can end. */
  readonly takes: readonly Signal[];
  /** Signals of the pipelines that it can begin. */
  readonly gives: readonly Signal[];
  parseConfig(raw: unknown, place: ConfigPlace): C;
  create(config: C, context: ComponentContext): Connector;
}

/** All that a configuration may name. */
export interface Registry {
  readonly receivers: readonly ReceiverFactory[];
  readonly processors: readonly ProcessorFactory[];
  /** Listed among the processors of a configuration. */
  readonly samplers?: readonly SamplerFactory[];
  readonly connectors: readonly ConnectorFactory[];
  readonly exporters: readonly ExporterFactory[];
}
