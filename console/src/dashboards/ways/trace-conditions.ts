import type { Labels } from '../../api/prometheus.js';
import type { TraceSearch } from '../../traces/search.js';
import { tagText } from '../../traces/tags.js';
import { ALL } from '../variables/variables.js';
import type { Choice } from '../variables/variables.js';

/** What a search for traces and lines is narrowed by. */
export type Conditions = Partial<Pick<TraceSearch, 'service' | 'operation' | 'tags'>>;

/** Labels that name a service, the most telling first. `job` is `namespace/name` after the translation of OTLP. */
const serviceLabels = ['service_name', 'service', 'job'] as const;

/** Labels of metrics whose attribute stands on spans too, with that one's name. */
const tagOfLabel: Readonly<Record<string, string>> = {
  http_route: 'http.route', http_request_method: 'http.request.method', http_response_status_code: 'http.response.status_code',
  server_address: 'server.address', server_port: 'server.port', span_kind: 'span.kind',
};

/** The traces that a series tells of, as far as its labels say. `services` are those that are known to have spans. */
export function conditionsOfLabels(labels: Labels, services: readonly string[]): Conditions {
  const label = serviceLabels.find((name) => (labels[name] ?? '') !== '');
  const tags = Object.entries(labels).flatMap(([name, value]) => tagsOf(name, value, labels));
  return {
    ...(label === undefined ? {} : { service: serviceOf(labels[label] ?? '', label, services) }),
    ...((labels['span_name'] ?? '') === '' ? {} : { operation: labels['span_name'] ?? '' }),
    ...(tags.length === 0 ? {} : { tags: tags.join(' ') }),
  };
}

function tagsOf(name: string, value: string, labels: Labels): readonly string[] {
  if (value === '') return [];
  // RPCs that stand among routes: the method is `RPC`, the route what is called.
  const call = name === 'rpc_method' || (name === 'http_route' && labels['http_request_method'] === 'RPC') ? /^(.+)\/([^/]+)$/.exec(value) : null;
  if (call !== null) return [tagText('rpc.service', call[1] ?? ''), tagText('rpc.method', call[2] ?? '')];
  if (name === 'http_request_method' && value === 'RPC') return [];
  if (name === 'span_kind') return [tagText('span.kind', value.replace(/^SPAN_KIND_/, '').toLowerCase())];
  const tag = tagOfLabel[name];
  return tag === undefined ? [] : [tagText(tag, value)];
}

function serviceOf(value: string, label: string, services: readonly string[]): string {
  if (label !== 'job' || services.includes(value)) return value;
  return services.find((service) => value.endsWith(`/${service}`)) ?? value.slice(value.indexOf('/') + 1);
}

/** What the variables of a dashboard say of services: one is the service, several are a tag. */
export function conditionsOfChoices(choices: readonly Choice[], services: readonly string[]): Conditions {
  const choice = choices.find(({ variable }) => variable.source.kind === 'values' && serviceLabels.some((name) => variable.source.kind === 'values' && variable.source.label === name));
  if (choice === undefined || choice.variable.source.kind !== 'values' || choice.chosen.includes(ALL)) return {};
  const { label } = choice.variable.source;
  const names = choice.chosen.map((value) => serviceOf(value, label, services));
  if (names.length < 2) return names[0] === undefined ? {} : { service: names[0] };
  return { tags: `resource.service.name=~"${names.map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\\\$&')).join('|')}"` };
}

/** Both, where the labels of the series have the last word on the service. */
export function joined(outer: Conditions, inner: Conditions): Conditions {
  const tags = [inner.service === undefined ? outer.tags : undefined, inner.tags].filter((text) => text !== undefined && text !== '');
  return { ...outer, ...inner, ...(tags.length === 0 ? { tags: '' } : { tags: tags.join(' ') }) };
}
