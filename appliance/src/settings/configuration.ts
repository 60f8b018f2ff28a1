import { builtinRegistry } from '@signalbox/collector/registry';
import type { Registry } from '@signalbox/collector/component';
import { loadConfig } from '@signalbox/collector/config/load';
import type { LoadedConfig } from '@signalbox/collector/config/loaded';
import { DEFAULT_CONFIG } from './default-config.js';
import { sections } from './sections.js';
import type { ApplianceSections } from './sections.js';
import { storeExporter } from './store-exporter.js';

export interface ConfigSource {
  readonly text: string;
  /** Its name, for messages. */
  readonly file: string;
}

export type Configuration = LoadedConfig<ApplianceSections>;

/** All that a configuration of the appliance may name. */
export function applianceRegistry(): Registry {
  const registry = builtinRegistry();
  return { ...registry, exporters: [...registry.exporters, storeExporter] };
}

/** @throws ConfigErrors with every mistake */
export function parseConfiguration(source: ConfigSource, env: NodeJS.ProcessEnv): Configuration {
  return loadConfig({ ...source, env, registry: applianceRegistry(), sections, fallback: DEFAULT_CONFIG });
}

/** Exporters that the deliver role runs: all but the store. */
export function deliveredExporters(config: Configuration): readonly string[] {
  return config.exporters.filter((e) => e.type !== storeExporter.type).map((e) => e.id);
}
