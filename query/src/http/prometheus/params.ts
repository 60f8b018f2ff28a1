import { NumberError, parseGoFloat, parseGoInt } from '../../go/strconv.js';
import type { Matcher } from '../../readers.js';
import { MAX_DURATION_MS, PrometheusDurationError, parsePrometheusDuration } from '../../promql/duration.js';
import { TimeError, parseRfc3339 } from '../rfc3339.js';
import { BadData } from './errors.js';
import { parseSelector } from './selector.js';

/** Times that fit 64 bits of nanoseconds, the widest that readers take. Milliseconds. */
export const MIN_TIME_MS = -MAX_DURATION_MS;
export const MAX_TIME_MS = MAX_DURATION_MS;

/** A time in Unix seconds with a fraction, or of RFC 3339, as milliseconds. Throws BadData with Prometheus' text. */
export function parseTime(text: string): number {
  let timeMs: number;
  try {
    timeMs = Math.round(parseGoFloat(text) * 1000);
  } catch (error) {
    if (!(error instanceof NumberError)) throw error;
    try {
      timeMs = Number(parseRfc3339(text) / 1_000_000n);
    } catch (second) {
      if (second instanceof TimeError) throw new BadData(`cannot parse ${JSON.stringify(text)} to a valid timestamp`);
      throw second;
    }
  }
  if (!(Math.abs(timeMs) <= MAX_TIME_MS)) throw new BadData(`cannot parse ${JSON.stringify(text)} to a valid timestamp. It overflows int64`);
  return timeMs;
}

/** A time that may be left out. Throws BadData. */
export function timeParam(form: URLSearchParams, name: string, fallbackMs: number): number {
  const text = form.get(name) ?? '';
  if (text === '') return fallbackMs;
  return named(name, () => {
    try {
      return parseTime(text);
    } catch (error) {
      if (error instanceof BadData) throw new BadData(`invalid time value for '${name}': ${error.message}`);
      throw error;
    }
  });
}

/** A duration in seconds or in Prometheus' notation, as milliseconds with a fraction. Throws BadData. */
export function parseDuration(text: string): number {
  try {
    const ms = parseGoFloat(text) * 1000;
    if (!(Math.abs(ms) <= MAX_DURATION_MS)) throw new BadData(`cannot parse ${JSON.stringify(text)} to a valid duration. It overflows int64`);
    return ms;
  } catch (error) {
    if (!(error instanceof NumberError)) throw error;
  }
  try {
    return parsePrometheusDuration(text);
  } catch (error) {
    if (error instanceof PrometheusDurationError) throw new BadData(`cannot parse ${JSON.stringify(text)} to a valid duration`);
    throw error;
  }
}

/** 0: no limit. Throws BadData. */
export function limitParam(form: URLSearchParams): number {
  const text = form.get('limit') ?? '';
  if (text === '') return 0;
  return named('limit', () => {
    const limit = Number(parseGoInt(text, 64, 'Atoi'));
    if (limit < 0) throw new BadData('limit must be non-negative');
    return limit;
  });
}

/** The client's own limit to the query's time, Infinity where it has none. Throws BadData. */
export function timeoutParam(form: URLSearchParams): number {
  const text = form.get('timeout') ?? '';
  return text === '' ? Infinity : named('timeout', () => parseDuration(text));
}

/** How far a sample counts as current, where the client says so. Throws BadData. */
export function lookbackParam(form: URLSearchParams): number | undefined {
  const text = form.get('lookback_delta') ?? '';
  if (text === '') return undefined;
  try {
    return Math.trunc(parseDuration(text)) || undefined;
  } catch (error) {
    if (error instanceof BadData) throw new BadData(`error parsing lookback delta duration: ${error.message}`);
    throw error;
  }
}

export interface RangeParams {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

/** `start`, `end` and `step` of a range query, of at most `maxPoints` points. Throws BadData. */
export function rangeParams(form: URLSearchParams, maxPoints: number): RangeParams {
  const startMs = named('start', () => parseTime(form.get('start') ?? ''));
  const endMs = named('end', () => parseTime(form.get('end') ?? ''));
  if (endMs < startMs) throw new BadData('invalid parameter "end": end timestamp must not be before start time');
  const stepMs = named('step', () => parseDuration(form.get('step') ?? ''));
  if (stepMs <= 0) throw new BadData('invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a positive integer');
  if (Math.floor((endMs - startMs) / stepMs) > maxPoints) {
    throw new BadData(`exceeded maximum resolution of ${maxPoints.toLocaleString('en-US')} points per timeseries. Try decreasing the query resolution (?step=XX)`);
  }
  return { startMs, endMs, stepMs: Math.max(1, Math.trunc(stepMs)) };
}

/** The selectors in `match[]`. Throws BadData, for `/series` with the parameter's name in front; `any`: one may match everything. */
export function matchersParam(form: URLSearchParams, withName = false, any = false): readonly (readonly Matcher[])[] {
  try {
    return form.getAll('match[]').map((text) => parseSelector(text, any));
  } catch (error) {
    if (withName && error instanceof BadData) throw new BadData(`invalid parameter "match[]": ${error.message}`);
    throw error;
  }
}

function named<T>(name: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof BadData || error instanceof NumberError) throw new BadData(`invalid parameter "${name}": ${error.message}`);
    throw error;
  }
}
