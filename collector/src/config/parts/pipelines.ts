import { SIGNALS, type Signal } from '@signalbox/signals/model/signal';
import { z } from 'zod';
import { entriesOf, hasEntries, isUnknown, type ComponentKind, type DefinedComponents } from './components.js';
import { collect, mistakeAt, type ConfigMistake } from '../error.js';
import type { ConfiguredPipeline } from '../loaded.js';
import { checkConnectors } from './connectors.js';
import { nearestName } from '../nearest.js';
import type { ConfigPlace } from '../place.js';
import { parseSection } from '../section.js';

const PIPELINE = z.strictObject({
  receivers: z.array(z.string()).default([]),
  processors: z.array(z.string()).default([]),
  exporters: z.array(z.string()).default([]),
});
const LISTS = ['receiver', 'processor', 'exporter'] as const;
const PIPELINE_NAME = /^([^/]+)(?:\/[A-Za-z0-9_.~-]{1,64})?$/;
type ListKind = (typeof LISTS)[number];

/** Reads `service.pipelines` and checks every reference. */
export function readPipelines(raw: unknown, place: ConfigPlace, defined: DefinedComponents, mistakes: ConfigMistake[]): readonly ConfiguredPipeline[] {
  const entries = entriesOf(raw, place, mistakes);
  if (entries.length === 0 && hasEntries(raw)) mistakes.push(mistakeAt(place, 'SBX_CONFIG_PIPELINE', 'there is no pipeline, so nothing would be received: add one, such as `traces: { receivers: [otlp], exporters: [store] }`.'));
  const pipelines = entries.flatMap(([name, section]) => readPipeline(name, section, place.child(name), defined, mistakes) ?? []);
  checkConnectors(pipelines, pipelines.length === entries.length, defined, place, mistakes);
  pipelines.forEach(({ name, receivers }) => receivers.forEach((id, i) => {
    if (defined.processor.some((processor) => processor.id === id) && !pipelines.some(({ processors }) => processors.includes(id))) {
      mistakes.push(mistakeAt(place.child(name).child('receivers').child(i), 'SBX_CONFIG_PIPELINE', `no pipeline has '${id}' among its processors, so there are no decisions of it.`));
    }
  }));
  // A mistake in a reference mostly leaves something unused: that would only be said twice.
  if (!mistakes.some((mistake) => mistake.severity === 'error')) warnOfUnused(pipelines, defined, mistakes);
  return pipelines;
}

function readPipeline(name: string, section: unknown, place: ConfigPlace, defined: DefinedComponents, mistakes: ConfigMistake[]): ConfiguredPipeline | null {
  const parsed = collect(mistakes, () => parseSection(PIPELINE, section, place));
  const signal = signalOf(name, place, mistakes);
  if (!parsed) return null;
  const lists: Readonly<Record<ListKind, readonly string[]>> = { receiver: parsed.receivers, processor: parsed.processors, exporter: parsed.exporters };
  for (const kind of LISTS) {
    const list = place.child(`${kind}s`);
    if (kind !== 'processor' && lists[kind].length === 0) mistakes.push(mistakeAt(list, 'SBX_CONFIG_PIPELINE', `a pipeline needs at least one ${kind}.`));
    lists[kind].forEach((id, i) => checkReference(kind, id, signal, lists[kind].indexOf(id) < i, list.child(i), defined, mistakes));
  }
  if (signal === null) return null;
  checkSamplers(parsed.processors, place.child('processors'), defined, mistakes);
  const processors = parsed.processors.filter((id) => !defined.processor.some((processor) => processor.id === id && processor.builtIn));
  return { name, signal, receivers: parsed.receivers, processors, exporters: parsed.exporters };
}

/** Traces are decided upon once. */
function checkSamplers(processors: readonly string[], list: ConfigPlace, defined: DefinedComponents, mistakes: ConfigMistake[]): void {
  const samplers = processors.filter((id) => defined.processor.some((processor) => processor.id === id && processor.factory?.gives !== undefined));
  if (new Set(samplers).size > 1) mistakes.push(mistakeAt(list, 'SBX_CONFIG_PIPELINE', `'${samplers.join("' and '")}' both decide which traces stay: a pipeline can have one of them; give it the policies of both.`));
}

/** Whether a key says which signal's pipeline it is. */
export function isPipelineName(name: string): boolean {
  return signalIn(name) !== undefined;
}

function signalIn(name: string): Signal | undefined {
  return SIGNALS.find((candidate) => candidate === PIPELINE_NAME.exec(name)?.[1]);
}

function signalOf(name: string, place: ConfigPlace, mistakes: ConfigMistake[]): Signal | null {
  const signal = signalIn(name);
  if (signal) return signal;
  const match = PIPELINE_NAME.exec(name);
  const nearest = match ? nearestName(match[1]!, SIGNALS) : null;
  mistakes.push(mistakeAt(place, 'SBX_CONFIG_PIPELINE', `a pipeline is named after its signal (${SIGNALS.join(', ')}), alone or as SIGNAL/NAME; this one is named '${name.slice(0, 80)}'.`, { nearest, atKey: true }));
  return null;
}

/** Kinds of components that may stand in a list. */
function definedIn(kind: ListKind): readonly ComponentKind[] {
  return kind === 'processor' ? [kind] : kind === 'receiver' ? [kind, 'connector', 'processor'] : [kind, 'connector'];
}

function checkReference(kind: ListKind, id: string, signal: Signal | null, repeated: boolean, place: ConfigPlace, defined: DefinedComponents, mistakes: ConfigMistake[]): void {
  const candidates = kind === 'processor' ? defined.processor : [...defined[kind], ...defined.connector, ...(kind === 'receiver' ? defined.processor.filter(({ factory }) => factory?.gives !== undefined) : [])];
  const found = candidates.find((component) => component.id === id);
  if (!found) {
    if (definedIn(kind).some((section) => defined.unread.includes(section))) return;
    const nearest = nearestName(id, candidates.map((component) => component.id));
    // It was misspelt where it is defined, and that has been said there.
    if (candidates.some((component) => component.id === nearest && isUnknown(component))) return;
    const sections = kind === 'processor' || defined.connector.length === 0 ? `'${kind}s'` : `'${kind}s' or 'connectors'`;
    mistakes.push(mistakeAt(place, 'SBX_CONFIG_UNDEFINED_COMPONENT', `there is no ${kind} '${id}' below ${sections}.`, { nearest }));
    return;
  }
  if (repeated) mistakes.push(mistakeAt(place, 'SBX_CONFIG_PIPELINE', `'${id}' stands twice in this list.`));
  const { signals, takes, gives } = found.factory ?? {};
  if (signal === null) return;
  if (kind === 'receiver' && signals && gives) {
    if (!gives.includes(signal)) mistakes.push(mistakeAt(place, 'SBX_CONFIG_WRONG_SIGNAL', `the decisions of '${id}' are ${gives.join(', ')}; they cannot begin a pipeline of ${signal}.`));
    return;
  }
  if (signals && !signals.includes(signal)) mistakes.push(mistakeAt(place, 'SBX_CONFIG_WRONG_SIGNAL', `the ${kind} '${id}' has nothing to do with ${signal}; it takes ${signals.join(', ')}.`));
  if (kind === 'exporter' && takes && !takes.includes(signal)) mistakes.push(mistakeAt(place, 'SBX_CONFIG_WRONG_SIGNAL', `the connector '${id}' cannot end a pipeline of ${signal}; it takes ${takes.join(', ')}.`));
  if (kind === 'receiver' && gives && !gives.includes(signal)) mistakes.push(mistakeAt(place, 'SBX_CONFIG_WRONG_SIGNAL', `the connector '${id}' cannot begin a pipeline of ${signal}; it gives ${gives.join(', ')}.`));
}

function warnOfUnused(pipelines: readonly ConfiguredPipeline[], defined: DefinedComponents, mistakes: ConfigMistake[]): void {
  const used: Readonly<Record<ComponentKind, ReadonlySet<string>>> = {
    receiver: new Set(pipelines.flatMap((pipeline) => pipeline.receivers)),
    processor: new Set(pipelines.flatMap((pipeline) => pipeline.processors)),
    connector: new Set(pipelines.flatMap((pipeline) => [...pipeline.receivers, ...pipeline.exporters])),
    exporter: new Set(pipelines.flatMap((pipeline) => pipeline.exporters)),
  };
  for (const kind of ['receiver', 'processor', 'connector', 'exporter'] as const) {
    for (const component of defined[kind]) {
      if (used[kind].has(component.id) || component.builtIn) continue;
      mistakes.push(mistakeAt(component.place, 'SBX_CONFIG_UNUSED_COMPONENT', `no pipeline uses the ${kind} '${component.id}', so it is not started.`, { severity: 'warning', atKey: true }));
    }
  }
}
