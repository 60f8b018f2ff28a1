import type { Attributes } from '../model/attributes.js';
import type { Resource, Scope } from '../model/resource.js';
import { prometheusLabelName } from './label-name.js';
import { labelValue } from './label-value.js';
import { escapes } from './metric-name.js';
import type { TranslateOptions } from './options.js';
import type { Labels } from './types.js';

/** A label's name is its attribute's key, kept or escaped. */
export type LabelNamer = (key: string) => string;

/** A namer with a memory for one translation: the same few keys come with every point. */
export function labelNamer(strategy: Required<TranslateOptions>['strategy']): LabelNamer {
  if (!escapes(strategy)) return (key) => key;
  const known = new Map<string, string>();
  return (key) => {
    let name = known.get(key);
    if (name === undefined) {
      name = prometheusLabelName(key);
      known.set(key, name);
    }
    return name;
  };
}

/** What a resource adds to each of its series. */
export interface ResourceLabels {
  readonly job: string;
  readonly instance: string;
  readonly promoted: ReadonlyMap<string, string>;
}

const EMPTY: ReadonlyMap<string, string> = new Map();

export function resourceLabels(resource: Resource | null, options: Required<TranslateOptions>, nameOf: LabelNamer): ResourceLabels {
  const attributes = resource?.attributes ?? [];
  const name = find(attributes, 'service.name');
  const namespace = find(attributes, 'service.namespace');
  const wanted = (key: string): boolean => options.promoteAllResourceAttributes || options.promoteResourceAttributes.includes(key);
  const promoted = attributes.filter(({ key }) => wanted(key));
  return {
    job: name === undefined ? '' : namespace === undefined ? name : `${namespace}/${name}`,
    instance: find(attributes, 'service.instance.id') ?? '',
    promoted: promoted.length === 0 ? EMPTY : new Map(promoted.map(({ key, value }) => [nameOf(key), labelValue(value)])),
  };
}

export function scopeLabels(scope: Scope | null, schemaUrl: string, options: Required<TranslateOptions>, nameOf: LabelNamer): ReadonlyMap<string, string> {
  if (!options.promoteScopeMetadata || scope === null || scope.name === '') return EMPTY;
  const labels = new Map(scope.attributes.map(({ key, value }) => [nameOf(`otel_scope_${key}`), labelValue(value)]));
  labels.set('otel_scope_name', scope.name);
  labels.set('otel_scope_version', scope.version);
  labels.set('otel_scope_schema_url', schemaUrl);
  return labels;
}

/**
 * The labels that the attributes of a point give, without `__name__`. Attributes whose names become the same are joined
 * with `;` in the order of their keys. `job` and `instance` win over attributes, attributes over promoted ones and
 * external labels.
 */
export function pointLabels(
  attributes: Attributes,
  resource: ResourceLabels,
  scope: ReadonlyMap<string, string>,
  options: Required<TranslateOptions>,
  nameOf: LabelNamer,
  ignore: readonly string[] = ['__name__'],
): Map<string, string> {
  const labels = new Map<string, string>();
  const joins = escapes(options.strategy);
  const sorted = attributes.length < 2 ? attributes : [...attributes].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  let previousKey: string | undefined;
  for (const { key, value } of sorted) {
    if (ignore.includes(key)) continue;
    const name = nameOf(key);
    const text = labelValue(value);
    const existing = key === previousKey ? undefined : labels.get(name);
    // A key that was sent twice stands for its last value; different keys under one name stand for all of theirs.
    labels.set(name, joins && existing !== undefined && existing !== '' ? `${existing};${text}` : text);
    previousKey = key;
  }
  setMissing(labels, resource.promoted);
  if (resource.job !== '') labels.set('job', resource.job);
  if (resource.instance !== '') labels.set('instance', resource.instance);
  setMissing(labels, Object.entries(options.externalLabels));
  for (const [name, value] of scope) labels.set(name, value);
  return labels;
}

/** Sorted labels of one series; empty values are no labels. */
export function seriesLabels(labels: ReadonlyMap<string, string>, metric: string, extra?: readonly [name: string, value: string]): Labels {
  const out: (readonly [string, string])[] = [['__name__', metric]];
  for (const [name, value] of labels) {
    if (value !== '' && name !== '__name__' && name !== extra?.[0]) out.push([name, value]);
  }
  if (extra !== undefined && extra[1] !== '') out.push(extra);
  return out.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

function setMissing(labels: Map<string, string>, more: Iterable<readonly [string, string]>): void {
  for (const [name, value] of more) {
    const existing = labels.get(name);
    if (existing === undefined || existing === '') labels.set(name, value);
  }
}

function find(attributes: Attributes, key: string): string | undefined {
  const found = attributes.findLast((attribute) => attribute.key === key);
  return found === undefined ? undefined : labelValue(found.value);
}
