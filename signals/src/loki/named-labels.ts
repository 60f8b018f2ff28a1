import type { AnyValue, Attributes } from '../model/attributes.js';
import { lokiLabelName } from '../prometheus/label-name.js';
import { labelValue } from '../prometheus/label-value.js';

/**
 * The resource attribute in which a resource says which of its attributes are the labels of its stream: an array of their keys.
 * The receiver `loki` sets it, so that what was pushed as `{app="x"}` is found as that again. It is no data itself: Loki's
 * structured metadata does not show it.
 */
export const STREAM_LABELS_ATTRIBUTE = 'signalbox.loki.labels';

/** As Loki bounds the labels of a stream by default (limits_config, max_label_names_per_series); `service_name` comes on top. */
export const DEFAULT_MAX_STREAM_LABELS = 15;
/** A resource that names more, which may come over OTLP too, is taken as if it named none. */
export const MAX_NAMED_LABELS = 100;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Labels that OTLP has names of its own for. */
const RESOURCE_KEYS: Readonly<Record<string, string>> = {
  service_name: 'service.name',
  service_namespace: 'service.namespace',
  deployment_environment: 'deployment.environment.name',
};
const LABELS: ReadonlyMap<string, string> = new Map(Object.entries(RESOURCE_KEYS).map(([label, key]) => [key, label]));

/** The key of the resource attribute that a label of a stream becomes. */
export function resourceKeyOf(label: string): string {
  return RESOURCE_KEYS[label] ?? label;
}

/** The name of the label that a named resource attribute becomes: what `resourceKeyOf` began with. */
function labelOf(key: string): string {
  return LABELS.get(key) ?? (LABEL_NAME.test(key) ? key : lokiLabelName(key));
}

/** The stream's labels and the keys they are made from; null where the resource names none. */
export function namedStreamLabels(attributes: Attributes): { stream: Record<string, string>; used: Set<string> } | null {
  const keys = attributes.findLast(({ key }) => key === STREAM_LABELS_ATTRIBUTE)?.value;
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > MAX_NAMED_LABELS + 1) return null;
  const wanted = new Set<AnyValue>(keys);
  const stream: [string, string][] = [];
  const used = new Set<string>();
  for (const { key, value } of attributes) {
    const text = wanted.has(key) ? labelValue(value) : '';
    if (text === '') continue;
    stream.push([labelOf(key), text]);
    used.add(key);
  }
  return stream.length === 0 ? null : { stream: Object.fromEntries(stream), used };
}
