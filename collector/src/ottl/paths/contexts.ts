import type { Fields } from './field.js';
import { logFields } from './log.js';
import { dataPointFields, metricFields } from './metric.js';
import { resourceFields, scopeFields } from './resource.js';
import { spanEventFields, spanFields } from './span.js';

/** What statements can be about, from the outermost in. */
const CONTEXTS = ['resource', 'scope', 'span', 'spanevent', 'metric', 'datapoint', 'log'] as const;
export type OttlContext = (typeof CONTEXTS)[number];

export const contextFields: Readonly<Record<OttlContext, Fields>> = {
  resource: resourceFields,
  scope: scopeFields,
  span: spanFields,
  spanevent: spanEventFields,
  metric: metricFields,
  datapoint: dataPointFields,
  log: logFields,
};

/** Of each context, the contexts that its items stand in. */
export const enclosing: Readonly<Record<OttlContext, readonly OttlContext[]>> = {
  resource: [],
  scope: ['resource'],
  span: ['scope', 'resource'],
  spanevent: ['span', 'scope', 'resource'],
  metric: ['scope', 'resource'],
  datapoint: ['metric', 'scope', 'resource'],
  log: ['scope', 'resource'],
};

/** The context that a path's first name stands for, if any. */
export function contextNamed(name: string): OttlContext | null {
  if (name === 'instrumentation_scope') return 'scope';
  return CONTEXTS.find((context) => context === name) ?? null;
}
