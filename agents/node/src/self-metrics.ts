import type { Counter, Meter } from '@opentelemetry/api';
import type { Signal } from '@signalbox/signals/model/signal';
import type { OtlpProtocol, OtlpTarget } from './settings/otlp.js';

const NOUN: Readonly<Record<Signal, string>> = { traces: 'span', logs: 'log', metrics: 'metric' };
const COUNTED: Readonly<Record<Signal, { readonly name: string; readonly unit: string }>> = {
  traces: { name: 'span', unit: '{span}' },
  logs: { name: 'log', unit: '{log_record}' },
  metrics: { name: 'metric_data_point', unit: '{data_point}' },
};
const TRANSPORT: Readonly<Record<OtlpProtocol, string>> = { grpc: 'otlp_grpc', 'http/protobuf': 'otlp_http', 'http/json': 'otlp_http_json' };

/**
 * What became of the telemetry itself, as the semantic conventions for SDK metrics name it: how many items were sent
 * (`otel.sdk.exporter.*.exported`) and how many were taken in (`otel.sdk.processor.*.processed`), each with `error.type`
 * where they were lost. Counters arise with the first item, so that a process without telemetry has none.
 */
export class SelfMetrics {
  readonly #meter: () => Meter;
  readonly #targets: Readonly<Record<Signal, OtlpTarget>>;
  readonly #counters = new Map<string, Counter>();

  /** `meter` is asked when the SDK runs. */
  constructor(meter: () => Meter, targets: Readonly<Record<Signal, OtlpTarget>>) {
    this.#meter = meter;
    this.#targets = targets;
  }

  /** Items that are done with: sent, or lost for a reason. */
  exported(signal: Signal, items: number, errorType: string | null): void {
    const component = `${TRANSPORT[this.#targets[signal].protocol]}_${NOUN[signal]}_exporter`;
    this.#count(`otel.sdk.exporter.${COUNTED[signal].name}.exported`, signal, items, component, errorType);
  }

  /** Spans or log records that were handed on for export, or that the full queue could not take. */
  processed(signal: 'traces' | 'logs', items: number, errorType: string | null): void {
    this.#count(`otel.sdk.processor.${COUNTED[signal].name}.processed`, signal, items, `batching_${NOUN[signal]}_processor`, errorType);
  }

  #count(name: string, signal: Signal, items: number, component: string, errorType: string | null): void {
    if (items === 0) return;
    let counter = this.#counters.get(name);
    if (counter === undefined) {
      counter = this.#meter().createCounter(name, { unit: COUNTED[signal].unit });
      this.#counters.set(name, counter);
    }
    const attributes = { 'otel.component.type': component, 'otel.component.name': `${component}/0` };
    counter.add(items, errorType === null ? attributes : { ...attributes, 'error.type': errorType });
  }
}
