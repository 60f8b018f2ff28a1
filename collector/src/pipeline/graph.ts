import { SIGNALS, type Signal } from '@signalbox/signals/model/signal';
import type { ConfiguredComponent, ConfiguredConnector, ConfiguredExporter, ConfiguredPipeline, LoadedConfig } from '../config/loaded.js';

/** In the names of readers: before an exporter or connector, and before a sampler. */
export const READS = '→';
export const DECIDES = '⇢';

/** A receiver that some pipeline uses. */
export interface ReceiverPlan extends ConfiguredComponent {
  /** Signals that some pipeline takes from it. */
  readonly signals: readonly Signal[];
}

/** One reader of the journal: a pipeline with one of its ends. */
export interface JournalReaderPlan {
  /** `logs→loki`, `traces/sampled→otlp/second`: unique, and the same after every start. */
  readonly name: string;
  readonly pipeline: string;
  readonly signal: Signal;
  /** Ids of the receivers and connectors whose frames it takes. */
  readonly origins: readonly string[];
  /** In the order they run, without the sampler. */
  readonly processors: readonly ConfiguredComponent[];
  /** Id of the sampler whose decisions it follows; null where all traces stay. */
  readonly sampler: string | null;
}

/** A pipeline's reader that decides which traces stay. */
export interface SamplingPlan {
  /** `traces⇢tail_sampling`. */
  readonly name: string;
  readonly pipeline: string;
  readonly signal: Signal;
  readonly origins: readonly string[];
  /** Those in front of the sampler. */
  readonly processors: readonly ConfiguredComponent[];
  readonly sampler: ConfiguredComponent;
}

/** A pipeline with one of its exporters. */
export interface ReaderPlan extends JournalReaderPlan {
  readonly exporter: ConfiguredExporter;
}

/** A pipeline with a connector that ends it. */
export interface ConnectorPlan extends JournalReaderPlan {
  readonly connector: ConfiguredConnector;
}

export interface PipelineGraph {
  readonly receivers: readonly ReceiverPlan[];
  readonly readers: readonly ReaderPlan[];
  readonly connectors: readonly ConnectorPlan[];
  readonly samplers: readonly SamplingPlan[];
}

/** What a configuration asks to run. */
export function pipelineGraph(config: LoadedConfig): PipelineGraph {
  const receivers = config.receivers.flatMap((receiver): ReceiverPlan[] => {
    const signals = SIGNALS.filter((signal) => config.pipelines.some((pipeline) => pipeline.signal === signal && pipeline.receivers.includes(receiver.id)));
    return signals.length > 0 ? [{ ...receiver, signals }] : [];
  });
  const ends = config.pipelines.flatMap((pipeline) => {
    const all = processorsOf(config, pipeline);
    const sampler = all.find(({ decides }) => decides)?.id ?? null;
    const processors = all.filter(({ decides }) => !decides);
    return pipeline.exporters.map((end) => ({ end, plan: { name: readerName(pipeline.name, end), pipeline: pipeline.name, signal: pipeline.signal, origins: pipeline.receivers, processors, sampler } }));
  });
  const readers = ends.flatMap(({ end, plan }): ReaderPlan[] => config.exporters.filter(({ id }) => id === end).map((exporter) => ({ ...plan, exporter })));
  const connectors = ends.flatMap(({ end, plan }): ConnectorPlan[] => config.connectors.filter(({ id }) => id === end).map((connector) => ({ ...plan, connector })));
  const samplers = config.pipelines.flatMap((pipeline): SamplingPlan[] => {
    const all = processorsOf(config, pipeline);
    const at = all.findIndex(({ decides }) => decides);
    if (at < 0) return [];
    return [{ name: `${pipeline.name}${DECIDES}${all[at].id}`, pipeline: pipeline.name, signal: pipeline.signal, origins: pipeline.receivers, processors: all.slice(0, at), sampler: all[at] }];
  });
  return { receivers, readers, connectors, samplers };
}

function processorsOf(config: LoadedConfig, pipeline: ConfiguredPipeline): readonly ConfiguredComponent[] {
  return pipeline.processors.flatMap((processor) => config.processors.find((candidate) => candidate.id === processor) ?? []);
}

/** Whose frames go to exporters of a type, by signal: for who reads the journal for them all, as the embedded store does. */
export function originsOf(config: LoadedConfig, exporterType: string): Readonly<Record<Signal, readonly string[]>> {
  const ids = new Set(config.exporters.filter(({ type }) => type === exporterType).map(({ id }) => id));
  const of = (signal: Signal): readonly string[] => [...new Set(config.pipelines.filter((pipeline) => pipeline.signal === signal && pipeline.exporters.some((id) => ids.has(id))).flatMap(({ receivers }) => receivers))];
  return { traces: of('traces'), logs: of('logs'), metrics: of('metrics') };
}

/** The name of a reader's cursor and its rows in the ledger. */
function readerName(pipeline: string, exporter: string): string {
  return `${pipeline}${READS}${exporter}`;
}
