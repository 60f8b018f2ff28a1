import { SIGNALS, type Signal } from '@signalbox/signals/model/signal';
import type { ConfiguredComponent, ConfiguredExporter, LoadedConfig } from '../config/loaded.js';

/** A receiver that some pipeline uses. */
export interface ReceiverPlan extends ConfiguredComponent {
  /** Signals that some pipeline takes from it. */
  readonly signals: readonly Signal[];
}

/** One reader of the journal: a pipeline with one of its exporters. */
export interface ReaderPlan {
  /** `logs→loki`, `traces/sampled→otlp/second`: unique, and the same after every start. */
  readonly name: string;
  readonly pipeline: string;
  readonly signal: Signal;
  /** In the order they run. */
  readonly processors: readonly ConfiguredComponent[];
  readonly exporter: ConfiguredExporter;
}

export interface PipelineGraph {
  readonly receivers: readonly ReceiverPlan[];
  readonly readers: readonly ReaderPlan[];
}

/** What a configuration asks to run. */
export function pipelineGraph(config: LoadedConfig): PipelineGraph {
  const receivers = config.receivers.flatMap((receiver): ReceiverPlan[] => {
    const signals = SIGNALS.filter((signal) => config.pipelines.some((pipeline) => pipeline.signal === signal && pipeline.receivers.includes(receiver.id)));
    return signals.length > 0 ? [{ ...receiver, signals }] : [];
  });
  const readers = config.pipelines.flatMap((pipeline) =>
    pipeline.exporters.flatMap((id): ReaderPlan[] => {
      const exporter = config.exporters.find((candidate) => candidate.id === id);
      if (!exporter) return [];
      const processors = pipeline.processors.flatMap((processor) => config.processors.find((candidate) => candidate.id === processor) ?? []);
      return [{ name: readerName(pipeline.name, id), pipeline: pipeline.name, signal: pipeline.signal, processors, exporter }];
    }),
  );
  return { receivers, readers };
}

/** The name of a reader's cursor and its rows in the ledger. */
export function readerName(pipeline: string, exporter: string): string {
  return `${pipeline}→${exporter}`;
}
