import type { Signal } from '@signalbox/signals/model/signal';
import type { Metrics } from '../../component.js';

const ITEMS: Readonly<Record<Signal, string>> = { traces: 'spans', logs: 'log_records', metrics: 'metric_points' };

/** A reader's self-metrics, under the OpenTelemetry Collector's names where it has them. */
export class DeliveryMeter {
  readonly #metrics: Metrics;
  readonly #labels: Readonly<Record<string, string>>;
  readonly #sent: string;
  readonly #failed: string;

  constructor(metrics: Metrics, reader: { readonly exporter: string; readonly pipeline: string; readonly signal: Signal }) {
    this.#metrics = metrics;
    this.#labels = { exporter: reader.exporter, pipeline: reader.pipeline };
    this.#sent = `otelcol_exporter_sent_${ITEMS[reader.signal]}`;
    this.#failed = `otelcol_exporter_send_failed_${ITEMS[reader.signal]}`;
  }

  sent(items: number): void {
    this.#metrics.count(this.#sent, this.#labels, items);
  }

  /** Dropped for good. */
  failed(items: number, reason: string): void {
    this.#metrics.count(this.#failed, { ...this.#labels, reason }, items);
  }

  retried(items: number): void {
    this.#metrics.count('signalbox_exporter_retried_items', this.#labels, items);
  }

  attempt(seconds: number): void {
    this.#metrics.observe('signalbox_exporter_attempt_seconds', this.#labels, seconds);
  }

  circuit(open: boolean): void {
    this.#metrics.gauge('signalbox_exporter_circuit_open', this.#labels, open ? 1 : 0);
  }

  /** Bytes of the journal between the reader's cursor and its end. */
  lag(bytes: number): void {
    this.#metrics.gauge('otelcol_exporter_queue_size', this.#labels, bytes);
  }
}
