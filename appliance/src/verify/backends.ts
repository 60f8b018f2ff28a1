import type { LoadedConfig } from '@signalbox/collector/config/loaded';
import type { ElasticsearchConfig } from '@signalbox/collector/exporters/elasticsearch/config';
import type { LokiConfig } from '@signalbox/collector/exporters/loki/config';
import type { PrometheusRemoteWriteConfig } from '@signalbox/collector/exporters/prometheusremotewrite/config';
import { systemClock } from '@signalbox/collector/telemetry/clock';
import type { Signal } from '@signalbox/signals/model/signal';
import { elasticsearchSearch } from './backends/elasticsearch.js';
import { lokiSearch } from './backends/loki.js';
import { prometheusSearch } from './backends/prometheus.js';
import type { Backend } from './backends/backend.js';
import type { WayOut } from './ways-out.js';

export interface Backends {
  readonly out: readonly WayOut[];
  /** Exporters whose destination cannot be asked, and why. */
  readonly notes: readonly string[];
  close(): Promise<void>;
}

/** Other exporters' destinations cannot be searched; that their queue empties is looked at for all. */
const SEARCHES: Readonly<Record<string, (config: unknown) => Backend | string>> = {
  elasticsearch: (config) => elasticsearchSearch(config as ElasticsearchConfig, systemClock()),
  loki: (config) => lokiSearch(config as LokiConfig, systemClock()),
  prometheusremotewrite: (config) => prometheusSearch(config as PrometheusRemoteWriteConfig, systemClock()),
};

/** The destinations of the configuration that can be searched, with the exporters' own credentials. */
export function searchableBackends(config: LoadedConfig, timeoutMs: number): Backends {
  const out: WayOut[] = [];
  const notes: string[] = [];
  const opened: Backend[] = [];
  for (const exporter of config.exporters) {
    const signals = new Set<Signal>(config.pipelines.filter(({ exporters }) => exporters.includes(exporter.id)).map(({ signal }) => signal));
    const search = SEARCHES[exporter.type];
    if (search === undefined || signals.size === 0) continue;
    const backend = search(exporter.config);
    if (typeof backend === 'string') {
      notes.push(`${exporter.id} is not searched: ${backend}`);
      continue;
    }
    opened.push(backend);
    for (const signal of signals) {
      if (backend.signals.includes(signal)) out.push({ name: `${exporter.id}: ${backend.searches[signal] ?? 'search'}`, signal, exporter: exporter.id, find: (marked, { untraced }) => backend.find(marked, signal, AbortSignal.timeout(timeoutMs), untraced === true) });
    }
  }
  return { out, notes, close: async () => void (await Promise.all(opened.map((backend) => backend.close()))) };
}
