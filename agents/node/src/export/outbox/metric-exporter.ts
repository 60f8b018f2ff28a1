import type { ExportResult } from '@opentelemetry/core';
import { ExportResultCode } from '@opentelemetry/core';
import type { AggregationOption, PushMetricExporter, ResourceMetrics, ScopeMetrics } from '@opentelemetry/sdk-metrics';
import { AggregationTemporality, AggregationType, InstrumentType } from '@opentelemetry/sdk-metrics';
import { attachExemplars } from '../../exemplars/attach.js';
import type { ExemplarReservoir } from '../../exemplars/reservoir.js';
import type { TemporalityPreference } from '../../settings/settings.js';
import type { Outbox, Sifted } from './outbox.js';
import { sendable } from './sendable.js';

/** Gives what a reader has collected to the outbox; a collection is left out while earlier ones are under way. */
export class OutboxMetricExporter implements PushMetricExporter {
  readonly #outbox: Outbox;
  readonly #temporality: TemporalityPreference;
  readonly #exponentialHistograms: boolean;

  readonly #reservoir: ExemplarReservoir;

  constructor(outbox: Outbox, temporality: TemporalityPreference, exponentialHistograms: boolean, reservoir: ExemplarReservoir) {
    this.#outbox = outbox;
    this.#temporality = temporality;
    this.#exponentialHistograms = exponentialHistograms;
    this.#reservoir = reservoir;
  }

  export(metrics: ResourceMetrics, done: (result: ExportResult) => void): void {
    const points = countPoints(metrics.scopeMetrics);
    // Cumulative values lose nothing when one collection is left out; of deltas nothing may be left out.
    if (points > 0 && (this.#temporality !== 'cumulative' || this.#outbox.ready('metrics'))) {
      const scopeMetrics = attachExemplars(metrics.scopeMetrics, this.#reservoir);
      this.#outbox.send({ signal: 'metrics', scopeMetrics }, points, () => siftMetrics(scopeMetrics));
    }
    done({ code: ExportResultCode.SUCCESS });
  }

  /** OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE as the specification of the OTLP metric exporter has it. */
  selectAggregationTemporality(type: InstrumentType): AggregationTemporality {
    switch (type) {
      case InstrumentType.UP_DOWN_COUNTER:
      case InstrumentType.OBSERVABLE_UP_DOWN_COUNTER:
        return AggregationTemporality.CUMULATIVE;
      case InstrumentType.OBSERVABLE_COUNTER:
        return this.#temporality === 'delta' ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE;
      default:
        return this.#temporality === 'cumulative' ? AggregationTemporality.CUMULATIVE : AggregationTemporality.DELTA;
    }
  }

  selectAggregation(type: InstrumentType): AggregationOption {
    return type === InstrumentType.HISTOGRAM && this.#exponentialHistograms ? { type: AggregationType.EXPONENTIAL_HISTOGRAM } : { type: AggregationType.DEFAULT };
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
}

function countPoints(scopeMetrics: readonly ScopeMetrics[]): number {
  let points = 0;
  for (const { metrics } of scopeMetrics) for (const metric of metrics) points += metric.dataPoints.length;
  return points;
}

function siftMetrics(scopeMetrics: readonly ScopeMetrics[]): Sifted | null {
  const sifted = scopeMetrics.map(({ scope, metrics }) => ({ scope, metrics: metrics.filter(sendable) }));
  const items = countPoints(sifted);
  return items === 0 ? null : { payload: { signal: 'metrics', scopeMetrics: sifted }, items };
}
