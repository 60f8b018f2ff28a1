import type { Signal } from '@signalbox/signals/model/signal';
import type { DeliverySettings } from '../delivery/settings.js';
import type { ConfigMistake } from './error.js';

export interface ConfiguredComponent {
  /** `loki` or `loki/second`. */
  readonly id: string;
  readonly type: string;
  /** What the factory's parseConfig answered. */
  readonly config: unknown;
  /** Its section as JSON: what tells whether it is the same after a reload. */
  readonly source: string;
  /** Of a processor that decides which traces stay: its decisions may begin pipelines. */
  readonly decides?: true;
}

export interface ConfiguredExporter extends ConfiguredComponent {
  readonly delivery: DeliverySettings;
}

export interface ConfiguredPipeline {
  /** `traces` or `traces/sampled`. */
  readonly name: string;
  readonly signal: Signal;
  /** Ids of receivers and connectors, all of them defined. */
  readonly receivers: readonly string[];
  readonly processors: readonly string[];
  /** Ids of exporters and connectors. */
  readonly exporters: readonly string[];
}

export interface TelemetrySettings {
  readonly logs: { readonly level?: 'debug' | 'info' | 'warn' | 'error'; readonly encoding?: 'json' | 'console' };
}

/** Ends the pipelines that list it as an exporter, begins those that list it as a receiver. */
export type ConfiguredConnector = ConfiguredComponent;

/** A configuration without mistakes, deeply frozen. */
export interface LoadedConfig<S = Readonly<Record<string, unknown>>> {
  readonly file: string;
  readonly receivers: readonly ConfiguredComponent[];
  readonly processors: readonly ConfiguredComponent[];
  readonly connectors: readonly ConfiguredConnector[];
  readonly exporters: readonly ConfiguredExporter[];
  readonly pipelines: readonly ConfiguredPipeline[];
  readonly telemetry: TelemetrySettings;
  /** The caller's own top-level parts. */
  readonly sections: S;
  readonly warnings: readonly ConfigMistake[];
}
