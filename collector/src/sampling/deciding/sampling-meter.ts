import type { Metrics } from '../../component.js';
import type { DecisionReason } from '../records/decision-reason.js';

const AGE_BOUNDS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600];
const SECONDS_BOUNDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1];

/** Self-metrics of tail sampling, under the Collector's names. */
export class SamplingMeter {
  readonly #labels: Readonly<Record<string, string>>;
  readonly #decided = new Map<DecisionReason, number>();

  constructor(private readonly metrics: Metrics, sampler: string, pipeline: string) {
    this.#labels = { processor: sampler, pipeline };
  }

  newTraces(count: number): void {
    if (count > 0) this.#count('new_trace_id_received', {}, count);
  }

  /** Told with the next round. */
  decided(reason: DecisionReason): void {
    this.#decided.set(reason, (this.#decided.get(reason) ?? 0) + 1);
  }

  late(sampled: boolean, ageMs: number): void {
    this.#count('early_releases_from_cache_decision', { sampled: String(sampled) }, 1);
    this.metrics.observe('otelcol_processor_tail_sampling_sampling_late_span_age', this.#labels, Math.max(0, ageMs) / 1000, AGE_BOUNDS);
  }

  /** Decisions were appended. */
  round(seconds: number): void {
    for (const [{ sampled, verdicts, early }, traces] of this.#decided) {
      this.#count('global_count_traces_sampled', { sampled: String(sampled) }, traces);
      if (early) this.#count('sampling_trace_dropped_too_early', {}, traces);
      for (const { policy, verdict } of verdicts) this.#count('count_traces_sampled', { policy, decision: verdict, sampled: String(verdict === 'sampled') }, traces);
    }
    this.#decided.clear();
    this.metrics.observe('otelcol_processor_tail_sampling_sampling_decision_timer_latency', this.#labels, seconds, SECONDS_BOUNDS);
  }

  inMemory(traces: number): void {
    this.metrics.gauge('otelcol_processor_tail_sampling_sampling_traces_on_memory', this.#labels, traces);
  }

  #count(name: string, labels: Readonly<Record<string, string>>, by: number): void {
    this.metrics.count(`otelcol_processor_tail_sampling_${name}`, { ...this.#labels, ...labels }, by);
  }
}
