import type { Client } from './client.js';
import { entriesOf, field, listOf, nanosOf, numberOf, textOf } from './json.js';
import type { Json } from './json.js';

export interface ServiceShare {
  readonly name: string;
  readonly spans: number;
  readonly errors: number;
}

/** A trace as a search's answer shows it. */
export interface FoundTrace {
  readonly traceId: string;
  /** Empty while the root has not arrived. */
  readonly rootService: string;
  readonly rootName: string;
  /** Unix milliseconds, with fractions. */
  readonly startMs: number;
  readonly durationNs: number;
  /** Most spans first. */
  readonly services: readonly ServiceShare[];
  readonly spans: number;
  readonly errors: number;
}

/** Tempo's search. The range is whole seconds there, so it is widened to them. */
export async function searchTraces(client: Client, query: string, range: { readonly fromMs: number; readonly toMs: number }, limit: number, signal: AbortSignal): Promise<readonly FoundTrace[]> {
  const params = { q: query, start: Math.floor(range.fromMs / 1000), end: Math.ceil(range.toMs / 1000), limit };
  return listOf(field(await client.get('/tempo/api/search', params, signal), 'traces')).map(readFound);
}

export async function listServices(client: Client, signal: AbortSignal): Promise<readonly string[]> {
  return listOf(field(await client.get('/jaeger/api/services', {}, signal), 'data')).map((name) => textOf(name)).sort();
}

export async function listOperations(client: Client, service: string, signal: AbortSignal): Promise<readonly string[]> {
  const path = `/jaeger/api/services/${encodeURIComponent(service)}/operations`;
  return [...new Set(listOf(field(await client.get(path, {}, signal), 'data')).map((name) => textOf(name)))].sort();
}

export async function listTagNames(client: Client, signal: AbortSignal): Promise<readonly string[]> {
  const scopes = listOf(field(await client.get('/tempo/api/v2/search/tags', {}, signal), 'scopes'));
  const names = scopes.filter((scope) => field(scope, 'name') !== 'intrinsic').flatMap((scope) => listOf(field(scope, 'tags')).map((tag) => textOf(tag)));
  return [...new Set(names)].sort();
}

export async function listTagValues(client: Client, key: string, signal: AbortSignal): Promise<readonly string[]> {
  const answer = await client.get(`/tempo/api/v2/search/tag/${encodeURIComponent(`.${key}`)}/values`, { limit: 200 }, signal);
  return [...new Set(listOf(field(answer, 'tagValues')).map((value) => textOf(field(value, 'value'))))].sort();
}

/** What Tempo writes in the place of a root that has not arrived. */
const NO_ROOT = '<root span not yet received>';

/** One entry of `traces`: what is zero is left out there, and leading zeros of ids too. */
export function readFound(trace: Json): FoundTrace {
  const services = entriesOf(field(trace, 'serviceStats'))
    .map(([name, stats]) => ({ name, spans: numberOf(field(stats, 'spanCount')), errors: numberOf(field(stats, 'errorCount')) }))
    .sort((a, b) => b.spans - a.spans || a.name.localeCompare(b.name));
  const service = textOf(field(trace, 'rootServiceName'));
  return {
    traceId: textOf(field(trace, 'traceID')).padStart(32, '0'),
    rootService: service === NO_ROOT ? '' : service,
    rootName: textOf(field(trace, 'rootTraceName')),
    startMs: Number(nanosOf(field(trace, 'startTimeUnixNano')) / 1000n) / 1000,
    durationNs: numberOf(field(trace, 'durationMs')) * 1e6,
    services,
    spans: services.reduce((sum, { spans }) => sum + spans, 0),
    errors: services.reduce((sum, { errors }) => sum + errors, 0),
  };
}
