import type { Clock, ComponentContext, Connector, Exporter, Logger, Metrics, Processor, Registry } from '../component.js';
import type { ConfiguredComponent } from '../config/loaded.js';
import type { TraceSampler } from '../sampling/trace-sampler.js';

/** What components are created with. */
export interface CreationOptions {
  readonly registry: Registry;
  readonly dataDir: string;
  readonly logger: Logger & { child?(name: string): Logger };
  readonly clock: Clock;
  readonly metrics: Metrics;
}

export interface NamedProcessor {
  readonly id: string;
  readonly processor: Processor;
}

export function createExporter(configured: ConfiguredComponent, options: CreationOptions, journalId: string): Exporter {
  return factoryOf('exporter', options.registry.exporters, configured).create(configured.config, contextOf(configured, options, journalId));
}

export function createConnector(configured: ConfiguredComponent, options: CreationOptions, journalId: string): Connector {
  return factoryOf('connector', options.registry.connectors, configured).create(configured.config, contextOf(configured, options, journalId));
}

export function createSampler(configured: ConfiguredComponent, options: CreationOptions, journalId: string): TraceSampler {
  return factoryOf('sampler', options.registry.samplers ?? [], configured).createSampler(configured.config, contextOf(configured, options, journalId));
}

/** In the order in which they run. */
export function createProcessors(configured: readonly ConfiguredComponent[], options: CreationOptions, journalId: string): readonly NamedProcessor[] {
  return configured.map((each) => ({ id: each.id, processor: factoryOf('processor', options.registry.processors, each).create(each.config, contextOf(each, options, journalId)) }));
}

export function loggerOf({ logger }: Pick<CreationOptions, 'logger'>, name: string): Logger {
  return logger.child?.(name) ?? logger;
}

function contextOf({ id }: ConfiguredComponent, options: CreationOptions, journalId: string): ComponentContext {
  return { id, logger: loggerOf(options, id), clock: options.clock, metrics: options.metrics, dataDir: options.dataDir, journalId };
}

function factoryOf<F extends { readonly type: string }>(kind: string, factories: readonly F[], { type }: ConfiguredComponent): F {
  const factory = factories.find((candidate) => candidate.type === type);
  if (!factory) throw new Error(`the registry has no ${kind} of the type '${type}'`);
  return factory;
}
