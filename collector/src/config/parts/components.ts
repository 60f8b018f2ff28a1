import type { Signal } from '@signalbox/signals/model/signal';
import { parseDelivery, splitExporterSection } from '../../delivery/settings.js';
import { withAuthenticator, type Authenticators } from './authenticators.js';
import { collect, mistakeAt, type ConfigMistake } from '../error.js';
import type { ConfiguredComponent, ConfiguredExporter } from '../loaded.js';
import { insteadOf } from './elsewhere.js';
import { nearestName } from '../nearest.js';
import { warningPlace, type ConfigPlace } from '../place.js';

/** What receivers, processors, connectors and exporters have in common. */
export interface AnyFactory {
  readonly type: string;
  /** A connector has two lists instead: signals of the pipelines that it ends, and of those that it begins. A sampler's decisions begin some too. */
  readonly signals?: readonly Signal[];
  readonly takes?: readonly Signal[];
  readonly gives?: readonly Signal[];
  parseConfig(raw: unknown, place: ConfigPlace): unknown;
}

export type ComponentKind = 'receiver' | 'processor' | 'connector' | 'exporter';

export interface DefinedComponent {
  readonly id: string;
  readonly place: ConfigPlace;
  /** Null where it has mistakes: it still counts as defined. */
  readonly component: ConfiguredComponent | null;
  readonly factory: AnyFactory | null;
  /** Accepted for the sake of configurations from elsewhere, and left out of pipelines. */
  readonly builtIn: boolean;
}

/** All that a configuration defines, by kind. */
export interface DefinedComponents extends Readonly<Record<ComponentKind, readonly DefinedComponent[]>> {
  /** Kinds whose section is no map, which has been said: what it should define is not known. */
  readonly unread: readonly ComponentKind[];
}

/** Of a name that says nothing: what it should be is not known. */
export function isUnknown({ factory, builtIn }: DefinedComponent): boolean {
  return factory === null && !builtIn;
}

/** Processors of the OpenTelemetry Collector whose work is done for every pipeline here. */
const BUILT_IN_PROCESSORS: Readonly<Record<string, string>> = {
  batch: "every exporter's calls are batched already (settings: `batch` in the exporter's section)",
  memory_limiter: 'the receivers hold a byte budget already (setting: receive.max_in_flight_bytes)',
};

const ID = /^([A-Za-z][A-Za-z0-9_]{0,62})(?:\/([A-Za-z0-9_.~-]{1,64}))?$/;

/** Reads one of the sections `receivers`, `processors`, `connectors`, `exporters`. */
export function readComponents(kind: ComponentKind, raw: unknown, place: ConfigPlace, factories: readonly AnyFactory[], mistakes: ConfigMistake[], authenticators: Authenticators = new Map()): readonly DefinedComponent[] {
  const read = (id: string, section: unknown): DefinedComponent => readComponent(kind, id, kind === 'exporter' ? withAuthenticator(section, place.child(id), authenticators, mistakes) : section, place.child(id), factories, mistakes);
  return entriesOf(raw, place, mistakes).map(([id, section]) => read(id, section));
}

/** The entries of a map; of nothing, none; anything else is a mistake. */
export function entriesOf(raw: unknown, place: ConfigPlace, mistakes: ConfigMistake[]): readonly (readonly [string, unknown])[] {
  if (hasEntries(raw)) return Object.entries(raw ?? {});
  mistakes.push(mistakeAt(place, 'SBX_CONFIG_BAD_VALUE', 'expected a map of names to settings.'));
  return [];
}

/** Whether a section is one: a map, or nothing. */
export function hasEntries(raw: unknown): raw is object | null | undefined {
  return raw === undefined || raw === null || (typeof raw === 'object' && !Array.isArray(raw));
}

function readComponent(kind: ComponentKind, id: string, section: unknown, place: ConfigPlace, factories: readonly AnyFactory[], mistakes: ConfigMistake[]): DefinedComponent {
  const none = { id, place, component: null, factory: null, builtIn: false };
  const match = ID.exec(id);
  if (!match) {
    mistakes.push(mistakeAt(place, 'SBX_CONFIG_BAD_VALUE', `'${id.slice(0, 80)}' is no component's name: expected TYPE or TYPE/NAME, of letters, digits, '.', '_' and '-'.`, { atKey: true }));
    return none;
  }
  const type = match[1]!;
  const factory = factories.find((candidate) => candidate.type === type) ?? factories.find((candidate) => spelled(candidate.type) === spelled(RENAMED[type] ?? type));
  if (!factory) {
    const builtIn = kind === 'processor' ? BUILT_IN_PROCESSORS[type] : undefined;
    if (builtIn !== undefined) {
      mistakes.push(mistakeAt(place, 'SBX_CONFIG_BUILT_IN', `has no effect: ${builtIn}. Take it out.`, { severity: 'warning', atKey: true }));
      return { ...none, builtIn: true };
    }
    const instead = insteadOf(kind, type);
    if (instead !== null) {
      mistakes.push(mistakeAt(place, 'SBX_CONFIG_UNKNOWN_COMPONENT', `there is no ${kind} of the type '${type}' here: ${instead}.`, { atKey: true }));
      return none;
    }
    const known = factories.map((candidate) => candidate.type);
    const list = known.length > 0 ? `known: ${known.join(', ')}` : 'there are none yet';
    mistakes.push(mistakeAt(place, 'SBX_CONFIG_UNKNOWN_COMPONENT', `no ${kind} has the type '${type}' (${list}).`, { nearest: nearestName(type, known), atKey: true }));
    return none;
  }
  return { ...none, factory, component: kind === 'exporter' ? readExporter(id, factory, section, place, mistakes) : parse(id, factory, section, place, mistakes, kind === 'processor' && factory.gives !== undefined) };
}

/** Components that the OpenTelemetry Collector has given another name, beside those that it has only begun to write with underscores. */
const RENAMED: Readonly<Record<string, string>> = { otlp_grpc: 'otlp' };

/** `otlp_http` and `otlphttp` are the same. */
function spelled(type: string): string {
  return type.replaceAll('_', '');
}

function readExporter(id: string, factory: AnyFactory, section: unknown, place: ConfigPlace, mistakes: ConfigMistake[]): ConfiguredExporter | null {
  const { own, delivery: raw } = splitExporterSection(section);
  const delivery = collect(mistakes, () => parseDelivery(raw, warning(place, mistakes)));
  const component = parse(id, factory, own, place, mistakes);
  return component && delivery ? { ...component, delivery, source: JSON.stringify(section ?? {}) } : null;
}

function parse(id: string, factory: AnyFactory, section: unknown, place: ConfigPlace, mistakes: ConfigMistake[], decides = false): ConfiguredComponent | null {
  const parsed = collect(mistakes, () => ({ config: factory.parseConfig(section ?? {}, warning(place, mistakes)) }));
  return parsed && { id, type: factory.type, config: parsed.config, source: JSON.stringify(section ?? {}), ...(decides ? { decides } : {}) };
}

/** The place, with its warnings among the mistakes. */
export function warning(place: ConfigPlace, mistakes: ConfigMistake[]): ConfigPlace {
  return warningPlace(place, (at, text) => mistakes.push(mistakeAt(at, 'SBX_CONFIG_BUILT_IN', text, { severity: 'warning', atKey: true })));
}
