import type { Signal } from '@signalbox/signals/model/signal';
import type { ElasticsearchConfig, MappingMode } from '../config.js';

/** To be raised when a template changes, so that it replaces an older one of ours. */
export const TEMPLATE_VERSION = 2;
export const MANAGED_BY = 'signalbox';

/** Above the 100 of Elasticsearch's general templates for logs-*-* and metrics-*-*, and the 120 of those for OpenTelemetry. */
const OTEL_PRIORITY = 150;
/** Between the two: it is not for OpenTelemetry's data streams. */
const PLAIN_PRIORITY = 110;
const MAX_KEYWORD_CHARACTERS = 1024;

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type Template = { readonly [key: string]: Json };

const keyword: Json = { type: 'keyword', ignore_above: MAX_KEYWORD_CHARACTERS };
const long: Json = { type: 'long' };
const dateNanos: Json = { type: 'date_nanos' };

/** A flat object whose fields can also be searched without its name in front; the higher priority wins. */
const attributes = (priority: number): Json => ({ type: 'passthrough', dynamic: true, priority });

const CONTEXT: Readonly<Record<string, Json>> = {
  '@timestamp': dateNanos,
  data_stream: { properties: { type: { type: 'constant_keyword' }, dataset: { type: 'constant_keyword' }, namespace: { type: 'constant_keyword' } } },
  attributes: attributes(20),
  dropped_attributes_count: long,
  resource: { properties: { attributes: attributes(40), dropped_attributes_count: long, schema_url: keyword } },
  scope: { properties: { name: keyword, version: keyword, attributes: attributes(30), dropped_attributes_count: long, schema_url: keyword } },
};

const PROPERTIES: Readonly<Record<Signal, Readonly<Record<string, Json>>>> = {
  traces: {
    trace_id: keyword, span_id: keyword, trace_state: keyword, parent_span_id: keyword, name: keyword, kind: keyword, duration: long,
    dropped_events_count: long, dropped_links_count: long,
    status: { properties: { code: keyword, message: keyword } },
    links: { properties: { trace_id: keyword, span_id: keyword, trace_state: keyword, attributes: { type: 'flattened' }, dropped_attributes_count: long } },
  },
  logs: {
    trace_id: keyword, span_id: keyword, observed_timestamp: dateNanos, severity_number: { type: 'byte' }, severity_text: keyword, event_name: keyword, flags: long,
    body: { properties: { text: { type: 'match_only_text' }, structured: { type: 'flattened' } } },
  },
  metrics: { start_timestamp: dateNanos, unit: keyword, _metric_names_hash: keyword, metrics: attributes(10) },
};

/** Types that only rules use. The server does not look at those when a template is made, but when a field comes: they are to be tried beforehand. */
const HISTOGRAM: Template = { type: 'histogram' };
const SUMMARY: Template = { type: 'aggregate_metric_double', metrics: ['sum', 'value_count'], default_metric: 'value_count' };

export function typesToTry(signal: Signal): readonly Template[] {
  return signal === 'metrics' ? [HISTOGRAM, SUMMARY] : [];
}

/** Rules that bulk requests name, so that a metric's field is typed by the kind of metric. */
function metricRules(): Template[] {
  return [
    { counter_long: { mapping: { type: 'long' } } },
    { counter_double: { mapping: { type: 'double' } } },
    { gauge_long: { mapping: { type: 'long' } } },
    { gauge_double: { mapping: { type: 'double' } } },
    { histogram: { mapping: HISTOGRAM } },
    { summary: { mapping: SUMMARY } },
  ];
}

/** Modes other than otel share theirs: fields are typed by their values there. */
type Family = 'otel' | 'plain';

function familyOf(mode: MappingMode): Family {
  return mode === 'otel' ? 'otel' : 'plain';
}

export function templateName(signal: Signal, mode: MappingMode): string {
  return `signalbox-${signal}-${familyOf(mode)}`;
}

/** Elasticsearch's own template for such data; it may be missing. */
export function elasticsTemplateName(signal: Signal, mode: MappingMode): string {
  if (mode === 'otel') return `${signal}-otel@template`;
  return signal;
}

export interface ComponentTemplate {
  readonly name: string;
  readonly template: Template;
}

/** What the index template is put together from, for a server that knows every type. */
export function componentTemplates(signal: Signal, mode: MappingMode, config: ElasticsearchConfig['templates']): readonly ComponentTemplate[] {
  const name = templateName(signal, mode);
  const _meta: Json = { managed_by: MANAGED_BY, version: TEMPLATE_VERSION };
  const { number_of_shards, number_of_replicas, retention } = config;
  const settings: Json = {
    'index.mapping.ignore_malformed': true,
    'index.mapping.total_fields.ignore_dynamic_beyond_limit': true,
    ...(number_of_shards === undefined ? {} : { 'index.number_of_shards': number_of_shards }),
    ...(number_of_replicas === undefined ? {} : { 'index.number_of_replicas': number_of_replicas }),
  };
  return [
    { name: `${name}@mappings`, template: { _meta, template: { mappings: mode === 'otel' ? otelMappings(signal) : plainMappings() } } },
    { name: `${name}@settings`, template: { _meta, template: { settings } } },
    ...(retention === undefined ? [] : [{ name: `${name}@lifecycle`, template: { _meta, template: { lifecycle: { data_retention: retention } } } }]),
  ];
}

/** The index template of `components`; what a component template `…@custom` says stands above all of them. */
export function indexTemplate(signal: Signal, mode: MappingMode, components: readonly string[]): Template {
  const custom = `${templateName(signal, mode)}@custom`;
  return {
    index_patterns: [mode === 'otel' ? `${signal}-*.otel-*` : `${signal}-*-*`],
    priority: mode === 'otel' ? OTEL_PRIORITY : PLAIN_PRIORITY,
    data_stream: {},
    composed_of: [...components, custom],
    ignore_missing_component_templates: [custom],
    _meta: { managed_by: MANAGED_BY, version: TEMPLATE_VERSION },
  };
}

function otelMappings(signal: Signal): Json {
  return {
    dynamic: false,
    date_detection: false,
    dynamic_templates: [
      ...(signal === 'metrics' ? metricRules() : []),
      { strings: { match_mapping_type: 'string', mapping: keyword } },
      { doubles: { match_mapping_type: 'double', mapping: { type: 'double' } } },
    ],
    properties: { ...CONTEXT, ...PROPERTIES[signal] },
  };
}

/** Names stay dotted, so that `a` and `a.b` of different documents do not exclude each other. */
function plainMappings(): Json {
  return {
    subobjects: false,
    date_detection: false,
    dynamic_templates: [
      { strings: { match_mapping_type: 'string', mapping: keyword } },
      { doubles: { match_mapping_type: 'double', mapping: { type: 'double' } } },
    ],
    properties: {
      '@timestamp': dateNanos,
      'data_stream.type': { type: 'constant_keyword' }, 'data_stream.dataset': { type: 'constant_keyword' }, 'data_stream.namespace': { type: 'constant_keyword' },
      message: { type: 'match_only_text' }, Body: { type: 'match_only_text' }, EndTimestamp: dateNanos,
    },
  };
}

/** What stands in for a type that a server does not have; null: fields of it are left to the other rules. */
const STAND_INS: Readonly<Record<string, Template | null>> = {
  constant_keyword: { type: 'keyword' },
  match_only_text: { type: 'text', norms: false },
  passthrough: { type: 'object', subobjects: false, dynamic: true },
  flattened: { type: 'object', enabled: false },
  histogram: null,
  aggregate_metric_double: null,
};

/** The same template without a type that the server refused; null where there is no stand-in for it. */
export function withoutType(template: Template, type: string): Template | null {
  if (!Object.hasOwn(STAND_INS, type)) return null;
  return replaced(template, type) as Template;
}

/** The same template without a setting that the server does not know. */
export function withoutSetting(template: Template, setting: string): Template {
  return JSON.parse(JSON.stringify(template, (key, value: Json) => (key === setting ? undefined : value))) as Template;
}

function replaced(value: Json, type: string): Json {
  if (Array.isArray(value)) {
    const standIn = STAND_INS[type];
    return (value as readonly Json[]).filter((element) => standIn !== null || !isRuleFor(element, type)).map((element) => replaced(element, type));
  }
  if (typeof value !== 'object' || value === null) return value;
  const fields = value as Template;
  if (fields['type'] === type) return STAND_INS[type] ?? fields;
  return Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, replaced(field, type)]));
}

function isRuleFor(element: Json, type: string): boolean {
  return JSON.stringify(element).includes(`"mapping":{"type":"${type}"`);
}
