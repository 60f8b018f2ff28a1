import type { Client } from './client.js';
import { entriesOf, field, labelsOf, listOf, nanosOf, numberOf, textOf } from './json.js';
import type { Json } from './json.js';
import { severityOf } from './severity.js';
import type { Severity } from './severity.js';

export interface LogLine {
  readonly timeNs: bigint;
  readonly line: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Structured metadata, and what the query parsed out of the line. */
  readonly fields: Readonly<Record<string, string>>;
  readonly severity: Severity;
}

export interface LogQuery {
  readonly query: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly limit: number;
  readonly direction: 'backward' | 'forward';
}

/** Lines in the order of the direction, or the type of the answer where it holds no lines. */
export type LogAnswer = { readonly lines: readonly LogLine[] } | { readonly notLines: string };

export async function queryLogs(client: Client, { query, fromMs, toMs, limit, direction }: LogQuery, signal: AbortSignal): Promise<LogAnswer> {
  const params = { query, start: `${fromMs}000000`, end: `${toMs}000000`, limit, direction };
  // Asks for labels and structured metadata apart; without it Loki puts them into one.
  const answer = await client.get('/loki/api/v1/query_range', params, signal, { 'x-loki-response-encoding-flags': 'categorize-labels' });
  return readLogs(answer, direction);
}

export function readLogs(answer: Json, direction: LogQuery['direction']): LogAnswer {
  const data = field(answer, 'data');
  const type = textOf(field(data, 'resultType'));
  if (type !== 'streams') return { notLines: type };
  const lines = listOf(field(data, 'result')).flatMap((stream) => {
    const labels = labelsOf(field(stream, 'stream'));
    return listOf(field(stream, 'values')).map((value) => readLine(labels, value));
  });
  const sign = direction === 'backward' ? -1 : 1;
  return { lines: lines.sort((a, b) => (a.timeNs === b.timeNs ? 0 : a.timeNs < b.timeNs ? -sign : sign)) };
}

function readLine(labels: Readonly<Record<string, string>>, value: Json): LogLine {
  const [time, line, categories] = listOf(value);
  const fields = Object.fromEntries(['structuredMetadata', 'parsed'].flatMap((name) => entriesOf(field(categories, name)).map(([key, one]) => [key, textOf(one)])));
  const all = { ...fields, ...labels };
  const word = all['severity'] ?? all['level'] ?? all['detected_level'] ?? all['severity_text'] ?? '';
  return { timeNs: nanosOf(time), line: textOf(line), labels, fields, severity: severityOf(numberOf(all['severity_number']), word) };
}

export async function listLogLabels(client: Client, range: { readonly fromMs: number; readonly toMs: number }, signal: AbortSignal): Promise<readonly string[]> {
  return listOf(field(await client.get('/loki/api/v1/labels', { start: `${range.fromMs}000000`, end: `${range.toMs}000000` }, signal), 'data')).map((name) => textOf(name));
}

export async function listLogLabelValues(client: Client, label: string, range: { readonly fromMs: number; readonly toMs: number }, signal: AbortSignal): Promise<readonly string[]> {
  const path = `/loki/api/v1/label/${encodeURIComponent(label)}/values`;
  return listOf(field(await client.get(path, { start: `${range.fromMs}000000`, end: `${range.toMs}000000` }, signal), 'data')).map((value) => textOf(value));
}
