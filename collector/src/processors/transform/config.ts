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
import { compileCondition, compileStatement, inferContext, type Compiled } from '../../ottl/statement.js';

const group = z.strictObject({
  context: z.string().optional(),
  error_mode: z.enum(ERROR_MODES).optional(),
  conditions: z.array(z.string()).default([]),
  statements: z.array(z.string()),
});

const statements = (of: string): z.ZodDefault<z.ZodArray<z.ZodUnion<readonly [z.ZodString, typeof group]>>> =>
  z.array(z.union([z.string(), group])).default([]).describe(`Statements for ${of}, in order: texts whose paths name their context, or groups of \`context\`, \`conditions\`, \`statements\` and \`error_mode\`.`);

export const transformSchema = z.strictObject({
  error_mode: z.enum(ERROR_MODES).default('propagate').describe('What follows when a statement fails on data: `ignore` logs it, `silent` does not, `propagate` drops the item with the reason `processor_error`.'),
  flatten_data: refused('set what differs between records of a resource as attributes of the records.'),
  profile_statements: refused('there are traces, logs and metrics.'),
  trace_statements: statements('spans'),
  metric_statements: statements('metrics'),
  log_statements: statements('log records'),
});

export type TransformConfig = z.output<typeof transformSchema>;

/** Statements of one context; they run where no condition is given or one holds. */
export interface StatementGroup {
  readonly context: OttlContext;
  readonly mode: ErrorMode;
  readonly conditions: readonly Compiled<boolean>[];
  readonly statements: readonly Compiled<boolean>[];
}

const KEYS = { traces: 'trace_statements', metrics: 'metric_statements', logs: 'log_statements' } as const;

export function parseTransformConfig(raw: unknown, place: ConfigPlace): TransformConfig {
  const config = parseSection(transformSchema, raw, place);
  const mistakes: ConfigMistake[] = [];
  for (const signal of ['traces', 'metrics', 'logs'] as const) compileTransform(config, signal, place, mistakes);
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return config;
}

/** What has a mistake is left out, and the mistake is in the list. */
export function compileTransform(config: TransformConfig, signal: Signal, place: ConfigPlace, mistakes: ConfigMistake[]): readonly StatementGroup[] {
  const groups = config[KEYS[signal]].flatMap((entry, i): (StatementGroup & { plain: boolean })[] => {
    const at = place.child(KEYS[signal]).child(i);
    const plain = typeof entry === 'string';
    const named = plain ? undefined : entry.context;
    const sources = plain ? [entry] : entry.statements;
    const conditions = plain ? [] : entry.conditions;
    const context = compileAt(at, mistakes, () => contextOf(named, sources, conditions, SIGNAL_CONTEXTS[signal]));
    if (context === null) return [];
    const options = { context, prefixed: named === undefined };
    return [{
      plain,
      context,
      mode: (plain ? undefined : entry.error_mode) ?? config.error_mode,
      conditions: conditions.flatMap((source, j) => compileAt(at.child('conditions').child(j), mistakes, () => compileCondition(source, options)) ?? []),
      statements: sources.flatMap((source, j) => compileAt(plain ? at : at.child('statements').child(j), mistakes, () => compileStatement(source, options)) ?? []),
    }];
  });
  return groups.reduce<(StatementGroup & { plain: boolean })[]>((merged, group) => {
    const last = merged.at(-1);
    // Plain statements that follow one another pass over the data together, and share the cache.
    if (!last?.plain || !group.plain || last.context !== group.context) return [...merged, group];
    return [...merged.slice(0, -1), { ...last, statements: [...last.statements, ...group.statements] }];
  }, []);
}

function contextOf(named: string | undefined, sources: readonly string[], conditions: readonly string[], allowed: readonly OttlContext[]): OttlContext {
  if (named !== undefined) return allowedContext(named, allowed);
  return inferContext([...sources.map((text) => ({ text, kind: 'statement' }) as const), ...conditions.map((text) => ({ text, kind: 'condition' }) as const)], allowed);
}
