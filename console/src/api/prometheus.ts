import type { Client } from './client.js';
import { entriesOf, field, labelsOf, listOf, numberOf, textOf } from './json.js';
import type { Json } from './json.js';

export type Labels = Readonly<Record<string, string>>;

export interface Series {
  readonly labels: Labels;
  /** Unix milliseconds and value; `NaN` and infinities as they are. */
  readonly points: readonly (readonly [ms: number, value: number])[];
}

export interface Exemplar {
  readonly labels: Labels;
  readonly seriesLabels: Labels;
  readonly value: number;
  readonly ms: number;
}

export interface RangeQuery {
  readonly expr: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

const seconds = (ms: number): string => String(ms / 1000);

export async function queryRange(client: Client, { expr, fromMs, toMs, stepMs }: RangeQuery, signal: AbortSignal): Promise<readonly Series[]> {
  const answer = await client.get('/prometheus/api/v1/query_range', { query: expr, start: seconds(fromMs), end: seconds(toMs), step: seconds(stepMs) }, signal);
  return listOf(field(answer, 'data', 'result')).map((series) => ({ labels: labelsOf(field(series, 'metric')), points: listOf(field(series, 'values')).map(readPoint) }));
}

/** The values at one moment. A scalar is a series without labels. */
export async function queryInstant(client: Client, expr: string, ms: number, signal: AbortSignal): Promise<readonly Series[]> {
  const data = field(await client.get('/prometheus/api/v1/query', { query: expr, time: seconds(ms) }, signal), 'data');
  const result = field(data, 'result');
  if (field(data, 'resultType') === 'scalar' && result !== undefined) return [{ labels: {}, points: [readPoint(result)] }];
  return listOf(result).map((series) => ({ labels: labelsOf(field(series, 'metric')), points: [readPoint(field(series, 'value') ?? null)] }));
}

export async function labelValues(client: Client, label: string, match: string, range: { readonly fromMs: number; readonly toMs: number }, signal: AbortSignal): Promise<readonly string[]> {
  const params = { 'match[]': match, start: seconds(range.fromMs), end: seconds(range.toMs) };
  return listOf(field(await client.get(`/prometheus/api/v1/label/${encodeURIComponent(label)}/values`, params, signal), 'data')).map((value) => textOf(value));
}

export async function queryExemplars(client: Client, { expr, fromMs, toMs }: RangeQuery, signal: AbortSignal): Promise<readonly Exemplar[]> {
  const answer = await client.get('/prometheus/api/v1/query_exemplars', { query: expr, start: seconds(fromMs), end: seconds(toMs) }, signal);
  return listOf(field(answer, 'data')).flatMap((series) => {
    const seriesLabels = labelsOf(field(series, 'seriesLabels'));
    return listOf(field(series, 'exemplars')).map((one) => ({
      labels: labelsOf(field(one, 'labels')), seriesLabels, value: sampleValue(field(one, 'value')), ms: numberOf(field(one, 'timestamp')) * 1000,
    }));
  });
}

function readPoint(point: Json): readonly [number, number] {
  const [time, value] = listOf(point);
  return [numberOf(time) * 1000, sampleValue(value)];
}

/** Prometheus writes values as text, with `+Inf`, `-Inf` and `NaN`. */
function sampleValue(value: Json | undefined): number {
  const text = textOf(value, 'NaN');
  return text === '+Inf' || text === 'Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text);
}

export interface MetricMetadata {
  /** `counter`, `gauge`, `histogram` and so on; empty where it is not known. */
  readonly type: string;
  readonly help: string;
}

/** What the senders said of their metrics, by name. */
export async function metricMetadata(client: Client, signal: AbortSignal): Promise<ReadonlyMap<string, MetricMetadata>> {
  const answer = field(await client.get('/prometheus/api/v1/metadata', {}, signal), 'data');
  return new Map(entriesOf(answer).map(([name, all]) => [name, { type: textOf(field(listOf(all)[0], 'type')), help: textOf(field(listOf(all)[0], 'help')) }]));
}
