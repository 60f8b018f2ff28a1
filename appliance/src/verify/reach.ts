import type { LoadedConfig } from '@signalbox/collector/config/loaded';
import type { Signal } from '@signalbox/signals/model/signal';
import type { ApplianceSections } from '../settings/sections.js';
import { storeExporter } from '../settings/store-exporter.js';
import type { WayIn } from './ways-in.js';
import type { WayOut } from './ways-out.js';

/** Whether what comes in one way is to be found another. */
export type Reach = (way: WayIn, out: WayOut) => boolean;

/** Without a configuration: whatever comes in is expected in the APIs of the appliance. */
export const EVERYWHERE: Reach = () => true;

/** By the pipelines that join receivers and exporters. */
export function reachBy(config: LoadedConfig<ApplianceSections>): Reach {
  const stores = config.exporters.filter(({ type }) => type === storeExporter.type).map(({ id }) => id);
  const joined = (signal: Signal, receivers: readonly string[], exporters: readonly string[]): boolean =>
    config.pipelines.some((pipeline) => pipeline.signal === signal && pipeline.receivers.some((id) => receivers.includes(id)) && pipeline.exporters.some((id) => exporters.includes(id)));
  return (way, out) => {
    const receivers = way.receiver === undefined ? receiversFor(config, way) : [way.receiver];
    if (out.exporter !== undefined) return joined(out.signal, receivers, [out.exporter]);
    // Another server answers the API in place of the store.
    if (out.signal === 'metrics' && config.sections.query.metrics.prometheus.url !== null) return true;
    return way.ownTenant !== false && joined(out.signal, receivers, stores);
  };
}

/** Processors that may leave out what was sent, so that it is not found though all is well. */
const LEAVING_OUT: ReadonlySet<string> = new Set(['tail_sampling', 'probabilistic_sampler', 'filter']);

/** Which pipelines may leave out what is marked. */
export function leftOutNotes(config: LoadedConfig): readonly string[] {
  const types = new Map(config.processors.map(({ id, type }) => [id, type]));
  return config.pipelines.flatMap(({ name, processors }) => {
    const found = processors.filter((id) => LEAVING_OUT.has(types.get(id) ?? ''));
    return found.length === 0 ? [] : [`the pipeline ${name} may leave the marked items out (${found.join(', ')})`];
  });
}

/** Receivers that may be behind a way in by its kind: the first one in use, whose port is the one found. */
function receiversFor(config: LoadedConfig, { kind }: WayIn): readonly string[] {
  const used = config.receivers.filter(({ id, type }) => type === kind && config.pipelines.some(({ receivers }) => receivers.includes(id)));
  return used.slice(0, 1).map(({ id }) => id);
}
