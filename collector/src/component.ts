import type { LogsData } from '@signalbox/signals/model/log-record';
import type { MetricsData } from '@signalbox/signals/model/metric';
import type { Signal } from '@signalbox/signals/model/signal';
import type { TracesData } from '@signalbox/signals/model/span';
import type { ConfigPlace } from './config/place.js';

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
}

export type SignalData =
  | { readonly signal: 'traces'; readonly traces: TracesData }
  | { readonly signal: 'logs'; readonly logs: LogsData }
  | { readonly signal: 'metrics'; readonly metrics: MetricsData };

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
  start?(): Promise<void>;
  /** Never throws for what is expected of a network; `signal` ends it at shutdown or timeout. */
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
  /** What listens where, for the start-up lines and doctor. */
  endpoints(): readonly { readonly protocol: string; readonly address: string }[];
}

/** Who may write, and as whom. The appliance supplies it; null headers mean none was sent. */
export interface Authenticator {
  /** Answers the tenant, or why not. `authorization` is the header's value, `tenantHeader` that of X-Scope-OrgID. */
  write(authorization: string | undefined, tenantHeader: string | undefined): { readonly tenant: string } | { readonly refused: 'unauthenticated' | 'forbidden'; readonly reason: string };
}

export interface ReceiverContext extends ComponentContext {
  readonly intake: Intake;
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

/** A stateless processor runs inside each reader, on decoded data; it answers what remains, or why an item went. */
export interface Processor {
  process(batch: Batch): { readonly batch: Batch; readonly dropped: readonly { readonly reason: string; readonly items: number }[] };
}

export interface ProcessorFactory<C = unknown> {
  readonly type: string;
  readonly signals: readonly Signal[];
  parseConfig(raw: unknown, place: ConfigPlace): C;
  create(config: C, context: ComponentContext): Processor;
}

/** All that a configuration may name. */
export interface Registry {
  readonly receivers: readonly ReceiverFactory[];
  readonly processors: readonly ProcessorFactory[];
  readonly exporters: readonly ExporterFactory[];
}
