import type { Signal } from '@signalbox/signals/model/signal';
import { z } from 'zod';
import { ConfigError, type ConfigMistake } from '../../config/error.js';
import { refused } from '../../config/foreign.js';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';
import { compileAt } from '../../ottl/config-mistakes.js';
import { ERROR_MODES, type ErrorMode } from '../../ottl/error-mode.js';
import type { OttlContext } from '../../ottl/paths/contexts.js';
import { allowedContext, SIGNAL_CONTEXTS } from '../../ottl/signal-contexts.js';
import { compileCondition, inferContext, type Compiled } from '../../ottl/statement.js';

const conditions = (of: string): z.ZodDefault<z.ZodArray<z.ZodString>> => z.array(z.string()).default([]).describe(`OTTL conditions; ${of} goes where one of them holds.`);

const grouped = z.strictObject({ context: z.string().optional(), error_mode: z.enum(ERROR_MODES).optional(), conditions: z.array(z.string()) });
const free = (of: string): z.ZodDefault<z.ZodArray<z.ZodUnion<readonly [z.ZodString, typeof grouped]>>> =>
  z.array(z.union([z.string(), grouped])).default([]).describe(`Conditions whose paths name their context (${of}), or groups of \`context\`, \`conditions\` and \`error_mode\`.`);

const WRITE = 'write OTTL conditions, under which items go: traces: { span: [\'name == "x"\'] }.';
/** What the processor had before OTTL. */
const OLD = { include: refused(WRITE), exclude: refused(WRITE) };

export const filterSchema = z.strictObject({
  error_mode: z.enum(ERROR_MODES).default('propagate').describe('What follows when a condition fails on data: `ignore` logs it, `silent` does not, `propagate` drops the item with the reason `processor_error`.'),
  traces: z.strictObject({ resource: conditions('a resource with its spans'), span: conditions('a span'), spanevent: conditions('a span event'), ...OLD }).prefault({}),
  metrics: z.strictObject({ resource: conditions('a resource with its metrics'), metric: conditions('a metric'), datapoint: conditions('a data point'), ...OLD }).prefault({}),
  logs: z.strictObject({ resource: conditions('a resource with its log records'), log_record: conditions('a log record'), ...OLD }).prefault({}),
  spans: refused(WRITE),
  profiles: refused('there are traces, logs and metrics.'),
  trace_conditions: free('`span.name`'),
  metric_conditions: free('`datapoint.attributes`'),
  log_conditions: free('`log.body`'),
});

export type FilterConfig = z.output<typeof filterSchema>;

/** Conditions of one context, in the order they are asked. */
export interface FilterGroup {
  readonly context: OttlContext;
  readonly mode: ErrorMode;
  readonly conditions: readonly Compiled<boolean>[];
}

export function parseFilterConfig(raw: unknown, place: ConfigPlace): FilterConfig {
  const config = parseSection(filterSchema, raw, place);
  const mistakes: ConfigMistake[] = [];
  compileFilter(config, place, mistakes);
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return config;
}

/** By signal; what has a mistake is left out, and the mistake is in the list. */
export function compileFilter(config: FilterConfig, place: ConfigPlace, mistakes: ConfigMistake[]): Readonly<Record<Signal, readonly FilterGroup[]>> {
  const { traces, metrics, logs } = config;
  const group = (context: OttlContext, sources: readonly string[], at: ConfigPlace, prefixed = false, mode = config.error_mode): FilterGroup => ({
    context,
    mode,
    conditions: sources.flatMap((source, i) => compileAt(at.child(i), mistakes, () => compileCondition(source, { context, prefixed })) ?? []),
  });
  const freeGroups = (signal: Signal, key: 'trace_conditions' | 'metric_conditions' | 'log_conditions'): FilterGroup[] =>
    config[key].flatMap((entry, i) => {
      const at = place.child(key).child(i);
      const sources = typeof entry === 'string' ? [entry] : entry.conditions;
      const named = typeof entry === 'string' ? undefined : entry.context;
      const mode = typeof entry === 'string' ? undefined : entry.error_mode;
      const list = typeof entry === 'string' ? { ...at, child: () => at } : at.child('conditions');
      const context = compileAt(at, mistakes, () => contextOf(named, sources, SIGNAL_CONTEXTS[signal]));
      return context === null ? [] : [group(context, sources, list, named === undefined, mode)];
    });
  return {
    traces: [group('resource', traces.resource, place.child('traces').child('resource')), group('span', traces.span, place.child('traces').child('span')), group('spanevent', traces.spanevent, place.child('traces').child('spanevent')), ...freeGroups('traces', 'trace_conditions')].filter(notEmpty),
    metrics: [group('resource', metrics.resource, place.child('metrics').child('resource')), group('metric', metrics.metric, place.child('metrics').child('metric')), group('datapoint', metrics.datapoint, place.child('metrics').child('datapoint')), ...freeGroups('metrics', 'metric_conditions')].filter(notEmpty),
    logs: [group('resource', logs.resource, place.child('logs').child('resource')), group('log', logs.log_record, place.child('logs').child('log_record')), ...freeGroups('logs', 'log_conditions')].filter(notEmpty),
  };
}

const notEmpty = ({ conditions: list }: FilterGroup): boolean => list.length > 0;

function contextOf(named: string | undefined, sources: readonly string[], allowed: readonly OttlContext[]): OttlContext {
  if (named === undefined) return inferContext(sources.map((text) => ({ text, kind: 'condition' })), allowed);
  return allowedContext(named, allowed);
}
