import { field, listOf, textOf } from './json.js';
import type { Json } from './json.js';

/** An answer that is not the one hoped for, with the API's own words. */
export class ApiError extends Error {
  constructor(readonly status: number, message: string, readonly remedy: string) {
    super(message);
    this.name = 'ApiError';
  }
}

/**
 * The words of an error in the format of each of the APIs: Prometheus' and Loki's `error`, Jaeger's `errors[].msg`, the
 * appliance's `error.message`, plain text of Tempo and Loki.
 */
export function errorText(body: string, status: number): string {
  let json: Json;
  try {
    json = JSON.parse(body) as Json;
  } catch {
    const text = body.trim();
    return text === '' || text.startsWith('<') ? `The request was answered with status ${status}.` : text;
  }
  const own = field(json, 'error', 'message');
  const jaeger = listOf(field(json, 'errors')).map((error) => textOf(field(error, 'msg'))).filter((text) => text !== '').join('; ');
  const found = textOf(own) || textOf(field(json, 'error')) || jaeger || textOf(field(json, 'message'));
  return found === '' ? `The request was answered with status ${status}.` : found;
}

/** Whether the appliance is away, or starting: the same question may be answered in a moment. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status === 503);
}

/** What a person can do about an answer with this status. */
export function remedyFor(status: number): string {
  if (status === 0) return 'This page goes on asking. If it stays so, look whether the appliance runs: npm start, or npx signalbox doctor.';
  if (status === 400 || status === 422) return 'Change the query and try again.';
  if (status === 401) return 'Enter a token; npx signalbox token create --scope read makes one.';
  if (status === 403) return 'Use a token with the scope read, or open the page under one of the names that the appliance listens on.';
  if (status === 404) return 'It may be older than the retention, or may not have arrived yet.';
  if (status === 413 || status === 429) return 'Narrow the time range or wait a moment, then try again.';
  if (status === 503) return 'The appliance is starting or catching up; this page goes on asking.';
  return 'The log of the appliance says more; npx signalbox doctor looks for the usual causes.';
}
