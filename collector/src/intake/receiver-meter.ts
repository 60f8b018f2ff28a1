import type { Signal } from '@signalbox/signals/model/signal';
import type { Metrics } from '../component.js';

const ITEM_NAMES: Readonly<Record<Signal, string>> = { traces: 'spans', logs: 'log_records', metrics: 'metric_points' };

/** Why a request was refused as a whole, before its items were known. */
export type RefusalReason = 'full' | 'too_large' | 'malformed' | 'unauthenticated' | 'forbidden' | 'unsupported' | 'host' | 'journal' | 'deadline' | 'cut_off' | 'tls' | 'tenant_limit' | 'internal';

/**
 * A receiver's counters: items under the OpenTelemetry Collector's names (otelcol_receiver_accepted_spans,
 * otelcol_receiver_refused_log_records…), requests refused before their items were known by reason.
 */
export class ReceiverMeter {
  readonly #metrics: Metrics;
  readonly #labels: Readonly<Record<string, string>>;

  constructor(metrics: Metrics, receiver: string, transport: string) {
    this.#metrics = metrics;
    this.#labels = { receiver, transport };
  }

  accepted(signal: Signal, items: number): void {
    this.#metrics.count(ACCEPTED[signal], this.#labels, items);
  }

  refused(signal: Signal, items: number): void {
    this.#metrics.count(REFUSED[signal], this.#labels, items);
  }

  refusedRequest(reason: RefusalReason): void {
    this.#metrics.count('signalbox_receiver_refused_requests', { ...this.#labels, reason }, 1);
  }
}

const ACCEPTED = names('accepted');
const REFUSED = names('refused');

function names(what: string): Readonly<Record<Signal, string>> {
  return {
    traces: `otelcol_receiver_${what}_${ITEM_NAMES.traces}`,
    logs: `otelcol_receiver_${what}_${ITEM_NAMES.logs}`,
    metrics: `otelcol_receiver_${what}_${ITEM_NAMES.metrics}`,
  };
}
