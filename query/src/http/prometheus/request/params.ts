import type { FastifyRequest } from 'fastify';
import { NumberError, goQuote, parseGoFloat, parseGoInt } from '../../../go/strconv.js';
import type { Matcher } from '../../../readers.js';
import { MAX_DURATION_MS, PrometheusDurationError, parsePrometheusDuration } from '../../../promql/durations/duration.js';
import { formProblem } from '../../form.js';
import { TimeError, parseRfc3339 } from '../../rfc3339.js';
import { BadData } from '../errors.js';
import { ofSomething, parseSelector } from './selector.js';

/** The widest times that are told apart to the millisecond. Milliseconds. */
export const MIN_TIME_MS = Number.MIN_SAFE_INTEGER;
export const MAX_TIME_MS = Number.MAX_SAFE_INTEGER;

/** How Prometheus writes the first and the last time that it knows. */
const FIRST_TIME = '-292273086-05-16T16:47:06Z';
const LAST_TIME = '292277025-08-18T07:12:54.999999999Z';

/** Where Prometheus looks at the whole form first. Throws BadData. */
export function checkForm(request: FastifyRequest): void {
  const problem = formProblem(request);
  if (problem !== null) throw new BadData(`error parsing form values: ${problem}`);
}

/** A time in Unix seconds with a fraction, or of RFC 3339, as milliseconds. Throws BadData with Prometheus' text. */
export function parseTime(text: string): number {
  try {
    const seconds = parseGoFloat(text);
    // Go makes the least integer of what fits none: of the whole seconds, whose milliseconds overflow to nothing, and of a fraction that is no number.
    if (!Number.isFinite(seconds)) return -MAX_DURATION_MS;
    if (Math.abs(seconds) >= 2 ** 63) return 0;
    return Math.max(MIN_TIME_MS, Math.min(MAX_TIME_MS, Math.round(seconds * 1000)));
  } catch (error) {
    if (!(error instanceof NumberError)) throw error;
  }
  if (text === FIRST_TIME) return MIN_TIME_MS;
  if (text === LAST_TIME) return MAX_TIME_MS;
  try {
    return Number(parseRfc3339(text) / 1_000_000n);
  } catch (error) {
    if (error instanceof TimeError) throw new BadData(`cannot parse ${goQuote(text)} to a valid timestamp`);
    throw error;
  }
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
    // Go makes the least duration of what is no number.
    if (Number.isNaN(ms)) return -MAX_DURATION_MS;
    if (!(Math.abs(ms) <= MAX_DURATION_MS)) throw new BadData(`cannot parse ${goQuote(text)} to a valid duration. It overflows int64`);
    return ms;
  } catch (error) {
    if (!(error instanceof NumberError)) throw error;
  }
  try {
    return parsePrometheusDuration(text);
  } catch (error) {
    if (error instanceof PrometheusDurationError) throw new BadData(`cannot parse ${goQuote(text)} to a valid duration`);
    throw error;
  }
}

/** An integer as Go reads it; null where it is none. */
export function goInteger(text: string): number | null {
  try {
    return Number(parseGoInt(text));
  } catch (error) {
    if (error instanceof NumberError) return null;
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

/** How far a sample counts as current, where the client says so; what is not above zero says nothing. Throws BadData. */
export function lookbackParam(form: URLSearchParams): number | undefined {
  const text = form.get('lookback_delta') ?? '';
  if (text === '') return undefined;
  try {
    const ms = Math.trunc(parseDuration(text));
    return ms > 0 ? ms : undefined;
  } catch (error) {
    if (error instanceof BadData) throw new BadData(`error parsing lookback delta duration: ${error.message}`);
    throw error;
  }
}

export interface RangeParams {
  readonly startMs: number;
  readonly endMs: number;
  /** As it was asked for, parts of a millisecond included. */
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
  return { startMs, endMs, stepMs };
}

/** The selectors in `match[]`. Throws BadData, for `/series` with the parameter's name in front; `any`: one may match everything. */
export function matchersParam(form: URLSearchParams, withName = false, any = false, parse = parseSelector): readonly (readonly Matcher[])[] {
  try {
    return form.getAll('match[]').map(parse).map((matchers) => ofSomething(matchers, any));
  } catch (error) {
    if (withName && error instanceof BadData) throw new BadData(`invalid parameter "match[]": ${error.message}`);
    throw error;
  }
}

/** Does what reads a parameter. Throws BadData, with its name in front. */
export function named<T>(name: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof BadData || error instanceof NumberError) throw new BadData(`invalid parameter "${name}": ${error.message}`);
    throw error;
  }
}
