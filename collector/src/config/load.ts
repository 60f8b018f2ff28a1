import { z } from 'zod';
import type { Registry } from '../component.js';
import { entriesOf, hasEntries, readComponents, warning, type ComponentKind, type DefinedComponents } from './parts/components.js';
import { readDocument, type ConfigDocument } from './document/document.js';
import type { Environment } from './document/environment.js';
import { collect, ConfigErrors, mistakeAt, type ConfigMistake } from './error.js';
import { deepFreeze } from './freeze.js';
import type { ConfiguredComponent, ConfiguredExporter, LoadedConfig } from './loaded.js';
import { readExtensions, type Extensions } from './parts/extensions.js';
import { withoutEffect } from './foreign.js';
import { nearestName } from './nearest.js';
import { MeantEntries } from './meant-entries.js';
import { isPipelineName, readPipelines } from './parts/pipelines.js';
import type { ConfigPlace } from './place.js';
import { parseSection } from './section.js';
import { settingsFromEnvironment } from './document/section-environment.js';

export type Sections = Readonly<Record<string, z.ZodType>>;

export interface LoadOptions<S extends Sections> {
  /** YAML in the OpenTelemetry Collector's shape. */
  readonly text: string;
  /** Its name, for messages. */
  readonly file: string;
  readonly env: Environment;
  readonly registry: Registry;
  /** Further top-level parts with their schemas; environment variables named like their paths go before the file. */
  readonly sections: S;
  /** Used for components and pipelines when the file has none of them (it may have sections alone). */
  readonly fallback?: { readonly text: string; readonly file: string };
}

const COMPONENT_PARTS = ['receivers', 'processors', 'connectors', 'exporters', 'extensions', 'service'] as const;
const COMPONENT_KINDS: readonly ComponentKind[] = ['receiver', 'processor', 'connector', 'exporter'];
const SERVICE_PARTS: readonly string[] = ['pipelines', 'extensions', 'telemetry'];

const TELEMETRY = z.strictObject({
  logs: z
    .strictObject({
      level: z.preprocess((level) => (typeof level === 'string' ? (LEVELS[level.toLowerCase()] ?? level.toLowerCase()) : level), z.enum(['debug', 'info', 'warn', 'error'])).optional(),
      encoding: z.enum(['json', 'console']).optional(),
      development: withoutEffect('logs are the same everywhere.'),
      sampling: withoutEffect('what would come often is told once in a while already.'),
      disable_caller: withoutEffect('lines name no source files.'),
      disable_stacktrace: withoutEffect('lines have no stack traces.'),
      output_paths: withoutEffect('logs are written to standard error.'),
      error_output_paths: withoutEffect('logs are written to standard error.'),
      initial_fields: withoutEffect('lines name the role that wrote them.'),
      processors: withoutEffect('logs are written to standard error.'),
    })
    .prefault({}),
  metrics: withoutEffect('self-metrics are always at /metrics of the query port (serve.endpoint), for Prometheus to scrape.'),
  traces: withoutEffect('there are no traces of Signalbox itself.'),
  resource: withoutEffect('self-metrics and logs name the role that they are of.'),
});

/** What the Collector calls the levels beyond ours. */
const LEVELS: Readonly<Record<string, string>> = { warning: 'warn', dpanic: 'error', panic: 'error', fatal: 'error' };

/**
 * Reads a whole configuration and checks all of it before anything starts.
 * @throws ConfigErrors with every mistake, each with code, file, line, path and the nearest valid name
 */
export function loadConfig<S extends Sections>(options: LoadOptions<S>): LoadedConfig<{ readonly [K in keyof S]: z.output<S[K]> }> {
  const document = readDocument(options.text, options.file, options.env);
  if (document.mistakes.length > 0) throw new ConfigErrors(document.mistakes);
  const mistakes: ConfigMistake[] = [];
  const top = Object.fromEntries(entriesOf(document.value, document.root, mistakes));
  if (mistakes.length > 0) throw new ConfigErrors(mistakes);
  checkTopLevel(top, document.root, Object.keys(options.sections), mistakes);

  const sections = readSections(options.sections, top, document, options.env, mistakes);
  const parts = readParts(componentSource(options, top, document), options.registry, mistakes);
  const inOrder = mistakes.sort(byPlace);
  if (inOrder.some((mistake) => mistake.severity === 'error')) throw new ConfigErrors(inOrder);
  return deepFreeze({ file: options.file, ...parts, sections, warnings: inOrder });
}

function checkTopLevel(top: Readonly<Record<string, unknown>>, root: ConfigPlace, sections: readonly string[], mistakes: ConfigMistake[]): void {
  const known = [...COMPONENT_PARTS, ...sections];
  for (const key of Object.keys(top)) {
    if (known.includes(key)) continue;
    const nearest = nearestName(key, known);
    mistakes.push(mistakeAt(root.child(key), 'SBX_CONFIG_UNKNOWN_KEY', `unknown key '${key}'${nearest === null ? `; known here: ${known.join(', ')}` : ''}.`, { nearest, atKey: true }));
  }
}

function componentSource<S extends Sections>(options: LoadOptions<S>, top: Readonly<Record<string, unknown>>, document: ConfigDocument): MeantEntries {
  const known = [...COMPONENT_PARTS, ...Object.keys(options.sections)];
  const own = new MeantEntries(top, document.root, known);
  if (!options.fallback || COMPONENT_PARTS.some((part) => own.has(part))) return own;
  const fallback = readDocument(options.fallback.text, options.fallback.file, options.env);
  if (fallback.mistakes.length > 0) throw new ConfigErrors(fallback.mistakes);
  return new MeantEntries(Object.fromEntries(entriesOf(fallback.value, fallback.root, [])), fallback.root, known);
}

function readSections<S extends Sections>(
  schemas: S,
  top: Readonly<Record<string, unknown>>,
  document: ConfigDocument,
  env: Environment,
  mistakes: ConfigMistake[],
): { readonly [K in keyof S]: z.output<S[K]> } {
  const raw = new Map(Object.keys(schemas).map((name) => [name, structuredClone(top[name])]));
  const fromEnvironment = settingsFromEnvironment(env, schemas);
  mistakes.push(...fromEnvironment.mistakes);
  for (const setting of fromEnvironment.settings) {
    const [name, ...path] = setting.path;
    raw.set(name!, withValue(raw.get(name!), path, setting.value));
    document.overridden(setting.path, setting.variable, setting.text);
  }
  const sections: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(schemas)) {
    sections[name] = collect(mistakes, () => parseSection(schema, raw.get(name), document.root.child(name)));
  }
  return sections as { readonly [K in keyof S]: z.output<S[K]> };
}

function withValue(target: unknown, path: readonly string[], value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const at = typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...target } as Record<string, unknown> : {};
  at[key] = withValue(at[key], rest, value);
  return at;
}

type Parts = Pick<LoadedConfig, 'receivers' | 'processors' | 'connectors' | 'exporters' | 'pipelines' | 'telemetry'>;

function readParts(parts: MeantEntries, registry: Registry, mistakes: ConfigMistake[]): Parts {
  const receivers = readComponents('receiver', parts.value('receivers'), parts.at('receivers'), registry.receivers, mistakes);
  const processors = readComponents('processor', parts.value('processors'), parts.at('processors'), [...registry.processors, ...(registry.samplers ?? [])], mistakes);
  const extensions = readExtensions(parts.value('extensions'), parts.at('extensions'), mistakes);
  const exporters = readComponents('exporter', parts.value('exporters'), parts.at('exporters'), registry.exporters, mistakes, extensions.authenticators);
  const connectors = readComponents('connector', parts.value('connectors'), parts.at('connectors'), registry.connectors, mistakes);

  const unread = COMPONENT_KINDS.filter((kind) => !hasEntries(parts.value(`${kind}s`)));
  const defined: DefinedComponents = { receiver: receivers, processor: processors, connector: connectors, exporter: exporters, unread };
  const { pipelines, telemetry } = readService(parts, extensions, defined, mistakes);
  return {
    receivers: receivers.flatMap(({ component }) => component ?? []),
    processors: processors.flatMap(({ component }) => component ?? []),
    connectors: connectors.flatMap(({ component }) => component ?? []),
    exporters: exporters.flatMap(({ component }) => (component && isExporter(component) ? component : [])),
    pipelines,
    telemetry,
  };
}

function readService(parts: MeantEntries, extensions: Extensions, defined: DefinedComponents, mistakes: ConfigMistake[]): Pick<Parts, 'pipelines' | 'telemetry'> {
  const place = parts.at('service');
  const raw = parts.value('service');
  const entries = Object.fromEntries(entriesOf(raw, place, mistakes));
  if (!hasEntries(raw)) return { pipelines: [], telemetry: { logs: {} } };
  const misplaced = Object.keys(entries).filter((key) => !SERVICE_PARTS.includes(key) && isPipelineName(key));
  for (const key of Object.keys(entries)) {
    if (SERVICE_PARTS.includes(key)) continue;
    const text = misplaced.includes(key) ? `'${key}' is a pipeline: it belongs below service.pipelines.` : `unknown key '${key}'.`;
    mistakes.push(mistakeAt(place.child(key), 'SBX_CONFIG_UNKNOWN_KEY', text, { nearest: misplaced.includes(key) ? null : nearestName(key, SERVICE_PARTS), atKey: true }));
  }
  const service = new MeantEntries(entries, place, SERVICE_PARTS);
  const enabled = collect(mistakes, () => parseSection(z.array(z.string()), service.value('extensions') ?? [], service.at('extensions')));
  if (extensions.read) enabled?.forEach((id, i) => {
    if (!extensions.ids.includes(id)) mistakes.push(mistakeAt(service.at('extensions').child(i), 'SBX_CONFIG_UNDEFINED_COMPONENT', `there is no extension '${id}' below 'extensions'.`));
  });
  const telemetry = collect(mistakes, () => parseSection(TELEMETRY, service.value('telemetry'), warning(service.at('telemetry'), mistakes)));
  const meant = service.has('pipelines') || misplaced.length === 0;
  const pipelines = meant
    ? readPipelines(service.value('pipelines'), service.at('pipelines'), defined, mistakes)
    : readPipelines(Object.fromEntries(misplaced.map((name) => [name, entries[name]])), place, defined, mistakes);
  return { pipelines, telemetry: telemetry ?? { logs: {} } };
}

function isExporter(component: ConfiguredComponent): component is ConfiguredExporter {
  return 'delivery' in component;
}

function byPlace(a: ConfigMistake, b: ConfigMistake): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}
