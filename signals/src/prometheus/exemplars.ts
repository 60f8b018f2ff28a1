import type { Exemplar } from '../model/metric.js';
import { labelValue } from './label-value.js';
import { toMs } from './time.js';
import type { Labels, PrometheusExemplar } from './types.js';

/** Label names and values of an exemplar together may have this many characters (OpenMetrics 1.0, Exemplars). */
const MAX_EXEMPLAR_CHARACTERS = 128;

/**
 * Exemplars with `trace_id` and `span_id` as labels. The filtered attributes are added only where all of it stays within
 * OpenMetrics' limit. An exemplar without a value says nothing and is left out.
 */
export function toExemplars(exemplars: readonly Exemplar[]): PrometheusExemplar[] {
  const out: PrometheusExemplar[] = [];
  for (const exemplar of exemplars) {
    if (exemplar.value === null) continue;
    out.push({ labels: exemplarLabels(exemplar), value: Number(exemplar.value), timeMs: toMs(exemplar.timeNs) });
  }
  return out;
}

function exemplarLabels(exemplar: Exemplar): Labels {
  const attributes = exemplar.filteredAttributes.map(({ key, value }) => [key, labelValue(value)] as const);
  const labels = new Map<string, string>();
  if (exemplar.traceId !== '') labels.set('trace_id', exemplar.traceId);
  if (exemplar.spanId !== '') labels.set('span_id', exemplar.spanId);
  const characters = [...labels, ...attributes].reduce((sum, [key, value]) => sum + length(key) + length(value), 0);
  if (characters <= MAX_EXEMPLAR_CHARACTERS) {
    for (const [key, value] of attributes) if (key !== '' && !labels.has(key)) labels.set(key, value);
  }
  return [...labels].filter(([, value]) => value !== '').sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** In code points. */
function length(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
