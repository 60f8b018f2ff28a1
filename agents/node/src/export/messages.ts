import type { ScopeMetrics } from '@opentelemetry/sdk-metrics';
import type { Attributes } from '@opentelemetry/api';
import type { Signal } from '@signalbox/signals/model/signal';
import type { OtlpTarget } from '../settings/otlp.js';
import type { SpoolSettings } from '../settings/spool.js';
import type { Failure } from './failure.js';
import type { PlainLogRecord } from './outbox/plain-log-record.js';
import type { PlainSpan } from './outbox/plain-span.js';
import type { SpoolLoss } from './spool/spool.js';

/** One export request, as data that can be sent to the sender thread. */
export type Payload =
  | { readonly signal: 'traces'; readonly spans: readonly PlainSpan[] }
  | { readonly signal: 'logs'; readonly records: readonly PlainLogRecord[] }
  | { readonly signal: 'metrics'; readonly scopeMetrics: readonly ScopeMetrics[] };

/** From the application's thread to the sender. */
export type SenderRequest =
  | { readonly kind: 'batch'; readonly items: number; readonly payload: Payload }
  /** The process ends: no more waiting, one try each, of `graceMs` at most where there is a spool for what is left. */
  | { readonly kind: 'drain'; readonly graceMs: number };

/** From the sender to the application's thread. */
export type SenderReport =
  /** A batch is done with: sent, or given up with its failure. */
  | { readonly kind: 'settled'; readonly signal: Signal; readonly items: number; readonly failure: Failure | null }
  /** A batch that was under way is in the spool. */
  | { readonly kind: 'kept'; readonly signal: Signal; readonly items: number }
  /** A batch of the spool is done with: sent, or given up with its failure. */
  | { readonly kind: 'delivered'; readonly signal: Signal; readonly items: number; readonly failure: Failure | null }
  /** The spool lost items. */
  | { readonly kind: 'spool-lost'; readonly signal: Signal; readonly items: number; readonly reason: SpoolLoss }
  /** A batch could not be sent and is tried again. */
  | { readonly kind: 'trouble'; readonly signal: Signal; readonly failure: Failure }
  | { readonly kind: 'warning'; readonly text: string };

/** Tells the sender thread from threads of the application, which load the agent as well. */
export const SENDER_MARK = 'signalbox-agent-sender';

export interface SenderData {
  readonly mark: typeof SENDER_MARK;
  readonly targets: Readonly<Record<Signal, OtlpTarget>>;
  readonly resource: Attributes;
  /** Null where nothing is kept on disk. */
  readonly spool: SpoolSettings | null;
  /** Int32: at OUTSTANDING the number of batches that are not settled. */
  readonly shared: SharedArrayBuffer;
}

export const OUTSTANDING = 0;

export function isSenderData(data: unknown): data is SenderData {
  return typeof data === 'object' && data !== null && 'mark' in data && data.mark === SENDER_MARK;
}
