import { attributeText } from '@signalbox/signals/model/attribute-text';
import type { Attributes } from '@signalbox/signals/model/attributes';
import type { LogRecord } from '@signalbox/signals/model/log-record';
import type { Metric } from '@signalbox/signals/model/metric';
import { serviceName } from '@signalbox/signals/model/service';
import type { Span } from '@signalbox/signals/model/span';
import { z } from 'zod';
import { ENUMS } from '../../ottl/enums.js';
import { entryValue } from '../../ottl/paths/nested.js';
import { compilePattern } from '../../ottl/pattern.js';
import { equalValues } from '../../ottl/values.js';
import { toValue } from './actions.js';
import type { Surroundings } from './items.js';

const texts = (what: string): z.ZodDefault<z.ZodArray<z.ZodString>> => z.array(z.string()).default([]).describe(what);
const keyed = z.array(z.strictObject({ key: z.string(), value: z.unknown().optional() })).default([]);

/** `include` and `exclude`: something matches where each list that is given has something that fits. */
export const matchSchema = z
  .strictObject({
    match_type: z.enum(['strict', 'regexp']).describe('How texts are compared.'),
    services: texts('Names of services.'),
    resources: keyed.describe('Attributes of the resource: all of them, with their value where one is given.'),
    libraries: z.array(z.strictObject({ name: z.string(), version: z.string().optional() })).default([]).describe('Names, and versions, of instrumentation scopes.'),
    attributes: keyed.describe('Attributes of the item: all of them, with their value where one is given.'),
    span_names: texts('Names of spans.'),
    span_kinds: texts('Kinds of spans, such as `SPAN_KIND_SERVER`.'),
    log_bodies: texts('Bodies of log records.'),
    log_severity_texts: texts('Severities of log records, as written.'),
    log_severity_number: z.strictObject({ min: z.union([z.string(), z.int()]), match_undefined: z.boolean().default(false) }).optional().describe('The least severity of log records.'),
    metric_names: texts('Names of metrics.'),
  })
  .superRefine((match, context) => {
    const fail = (path: (string | number)[], message: string): void => context.addIssue({ code: 'custom', path, message, input: '' });
    if (Object.values(match).every((part) => typeof part === 'string' || part === undefined || (Array.isArray(part) && part.length === 0))) fail([], 'nothing is given that could match: services, attributes, span_names…');
    if (match.match_type !== 'regexp') return;
    for (const name of ['services', 'span_names', 'span_kinds', 'log_bodies', 'log_severity_texts', 'metric_names'] as const) {
      match[name].forEach((source, i) => {
        try {
          compilePattern(source);
        } catch (error) {
          fail([name, i], error instanceof Error ? error.message : String(error));
        }
      });
    }
  });

export type Match = z.output<typeof matchSchema>;

type Test<T> = (item: T) => boolean;

export interface Matcher {
  /** Answered once for each group, by the caller. */
  readonly around: (around: Surroundings) => boolean;
  readonly span: (span: Span) => boolean;
  readonly log: (log: LogRecord) => boolean;
  readonly metric: (metric: Metric) => boolean;
  readonly attributes: (attributes: Attributes) => boolean;
}

const KINDS = ['SPAN_KIND_UNSPECIFIED', 'SPAN_KIND_INTERNAL', 'SPAN_KIND_SERVER', 'SPAN_KIND_CLIENT', 'SPAN_KIND_PRODUCER', 'SPAN_KIND_CONSUMER'];

export function compileMatch(match: Match): Matcher {
  const regexp = match.match_type === 'regexp';
  const any = (sources: readonly string[]): Test<string> => {
    if (sources.length === 0) return () => true;
    if (!regexp) {
      const set = new Set(sources);
      return (text) => set.has(text);
    }
    const patterns = sources.map(compilePattern);
    return (text) => patterns.some(({ test }) => test(text));
  };
  const entries = (list: Match['attributes']): Test<Attributes> => {
    const tests = list.map(({ key, value }): Test<Attributes> => {
      if (value === undefined || value === null) return (attributes) => attributes.some((entry) => entry.key === key);
      if (regexp && typeof value === 'string') {
        const { test } = compilePattern(value);
        return (attributes) => {
          const held = entryValue(attributes, key);
          return held !== null && test(attributeText(held));
        };
      }
      const wanted = toValue(value);
      return (attributes) => equalValues(entryValue(attributes, key), wanted);
    });
    return (attributes) => tests.every((test) => test(attributes));
  };
  const services = any(match.services);
  const resources = entries(match.resources);
  const libraries = match.libraries.map(({ name, version }) => ({ name: any([name]), version: version === undefined ? null : any([version]) }));
  const names = any(match.span_names);
  const kinds = any(match.span_kinds);
  const bodies = any(match.log_bodies);
  const severities = any(match.log_severity_texts);
  const metrics = any(match.metric_names);
  const severity = match.log_severity_number;
  const least = severity === undefined ? 0 : severityOf(severity.min);
  return {
    around: ({ resource, scope }) =>
      (match.services.length === 0 || services(serviceName(resource))) &&
      (match.resources.length === 0 || resources(resource?.attributes ?? [])) &&
      (libraries.length === 0 || libraries.some(({ name, version }) => name(scope?.name ?? '') && (!version || version(scope?.version ?? '')))),
    span: (span) => names(span.name) && kinds(KINDS[span.kind] ?? ''),
    log: (log) => (match.log_bodies.length === 0 || bodies(attributeText(log.body))) && severities(log.severityText) && (severity === undefined || (log.severityNumber === 0 ? severity.match_undefined : log.severityNumber >= least)),
    metric: (metric) => metrics(metric.name),
    attributes: entries(match.attributes),
  };
}

function severityOf(name: string | number): number {
  return typeof name === 'number' ? name : Number(ENUMS.get(`SEVERITY_NUMBER_${name.toUpperCase()}`) ?? 0);
}
