import type { Labels } from '@signalbox/signals/prometheus/types';
import { goQuote } from '../../../go/strconv.js';

/** What it costs to look at a series' labels, in samples. */
export const LABELS_WORK = 64;

/** Labels that say what a metric is; they go where a result is no longer that metric. */
const METADATA = new Set(['__name__', '__type__', '__unit__']);

export function withoutMetadata(labels: Labels): Labels {
  return labels.some(([name]) => METADATA.has(name)) ? labels.filter(([name]) => !METADATA.has(name)) : labels;
}

/** Labels with one set, or removed where the value is ''. */
export function withLabel(labels: Labels, name: string, value: string): Labels {
  const rest = labels.filter(([key]) => key !== name);
  if (value === '') return rest;
  const at = rest.findIndex(([key]) => key > name);
  const pair = [name, value] as const;
  return at < 0 ? [...rest, pair] : [...rest.slice(0, at), pair, ...rest.slice(at)];
}

export function keepLabels(labels: Labels, names: ReadonlySet<string>): Labels {
  return labels.filter(([name]) => names.has(name));
}

export function dropLabels(labels: Labels, names: ReadonlySet<string>): Labels {
  return labels.filter(([name]) => !names.has(name));
}

const PLAIN_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Labels as Prometheus writes them in errors: `{__name__="up", job="api", "a.b"="c"}`. */
export function labelsText(labels: Labels): string {
  return `{${labels.map(([name, value]) => `${PLAIN_NAME.test(name) ? name : goQuote(name)}=${goQuote(value)}`).join(', ')}}`;
}
