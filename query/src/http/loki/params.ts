import { NumberError, parseGoFloat, parseGoInt } from '../../go/strconv.js';
import type { LogSelect, TimeRange } from '../../readers.js';
import { MAX_DURATION_MS, PrometheusDurationError, parsePrometheusDuration } from '../../promql/durations/duration.js';
import { TimeError, parseRfc3339 } from '../rfc3339.js';

/** A request that Loki refuses with status 400. */
export class BadRequest extends Error {}

export interface RangeParams {
  readonly range: TimeRange;
  readonly limit: number;
  readonly direction: LogSelect['direction'];
}

const DEFAULT_LIMIT = 100;
const DEFAULT_SINCE_NS = 3_600_000_000_000n;
/** Steps of a range query, though log queries have none: Loki checks them all the same. */
const MAX_STEPS = 11_000n;

/** Parameters of `query_range`. Throws BadRequest with Loki's texts. */
export function parseRangeParams(form: URLSearchParams, nowNs: bigint, maxLines: number): RangeParams {
  const range = parseBounds(form, nowNs);
  if (range.endNs < range.startNs) throw new BadRequest('end timestamp must not be before or equal to start time');
  const limit = parseLimit(form);
  const direction = parseDirection(form);
  checkStep(form, range);
  const interval = form.get('interval') ?? '';
  if (interval !== '') {
    const intervalNs = secondsOrDuration(interval);
    if (intervalNs < 0n) throw new BadRequest('interval must be >= 0');
    if (intervalNs > 0n) throw new BadRequest('the parameter interval is not supported yet; leave it out');
  }
  if (limit > maxLines) throw new BadRequest(`max entries limit per query exceeded, limit > max_entries_limit_per_query (${limit} > ${maxLines})`);
  return { range, limit, direction };
}

/** `start`, `end` and `since`: the last hour where nothing is said. Throws BadRequest. */
export function parseBounds(form: URLSearchParams, nowNs: bigint): TimeRange {
  const since = form.get('since') ?? '';
  const sinceNs = since === '' ? DEFAULT_SINCE_NS : named('since', () => BigInt(parsePrometheusDuration(since)) * 1_000_000n);
  const end = form.get('end') ?? '';
  const endNs = end === '' ? nowNs : named('end', () => parseTimestamp(end));
  const start = form.get('start') ?? '';
  const startNs = start === '' ? (endNs < nowNs ? endNs : nowNs) - sinceNs : named('start', () => parseTimestamp(start));
  return { startNs, endNs };
}

export function parseLimit(form: URLSearchParams): number {
  const text = form.get('limit') ?? '';
  if (text === '') return DEFAULT_LIMIT;
  const limit = integer(text);
  if (limit <= 0n) throw new BadRequest('limit must be a positive value');
  return Number(limit);
}

export function parseDirection(form: URLSearchParams): LogSelect['direction'] {
  const text = form.get('direction') ?? '';
  if (text === '' || text.toUpperCase() === 'BACKWARD') return 'backward';
  if (text.toUpperCase() === 'FORWARD') return 'forward';
  throw new BadRequest(`invalid direction '${text}'`);
}

/** A time as Loki takes it: Unix seconds (up to ten digits, or with a fraction), Unix nanoseconds, or RFC 3339. */
export function parseTimestamp(text: string): bigint {
  if (text.includes('.')) {
    try {
      const seconds = parseGoFloat(text);
      if (Number.isFinite(seconds) && Math.abs(seconds) < 9e9) return BigInt(Math.trunc(seconds)) * 1_000_000_000n + BigInt(Math.round((seconds % 1) * 1000)) * 1_000_000n;
    } catch (error) {
      if (!(error instanceof NumberError)) throw error;
    }
  }
  try {
    const value = parseGoInt(text);
    return text.length <= 10 ? value * 1_000_000_000n : value;
  } catch (error) {
    if (!(error instanceof NumberError)) throw error;
    try {
      return parseRfc3339(text);
    } catch (second) {
      if (second instanceof TimeError) throw error;
      throw second;
    }
  }
}

function checkStep(form: URLSearchParams, { startNs, endNs }: TimeRange): void {
  const text = form.get('step') ?? '';
  if (text === '') return;
  const stepNs = secondsOrDuration(text);
  if (stepNs <= 0n) throw new BadRequest('zero or negative query resolution step widths are not accepted. Try a positive integer');
  if ((endNs - startNs) / stepNs > MAX_STEPS) {
    throw new BadRequest('exceeded maximum resolution of 11,000 points per time series. Try increasing the value of the step parameter');
  }
}

function secondsOrDuration(text: string): bigint {
  try {
    const seconds = parseGoFloat(text);
    if (!Number.isFinite(seconds) || Math.abs(seconds) * 1000 > MAX_DURATION_MS) throw new BadRequest(`cannot parse ${JSON.stringify(text)} to a valid duration. It overflows int64`);
    return BigInt(Math.trunc(seconds * 1e9));
  } catch (error) {
    if (!(error instanceof NumberError)) throw error;
  }
  try {
    return BigInt(parsePrometheusDuration(text)) * 1_000_000n;
  } catch (error) {
    if (error instanceof PrometheusDurationError) throw new BadRequest(`cannot parse ${JSON.stringify(text)} to a valid duration`);
    throw error;
  }
}

function integer(text: string): bigint {
  try {
    return parseGoInt(text, 64, 'Atoi');
  } catch (error) {
    if (error instanceof NumberError) throw new BadRequest(error.message);
    throw error;
  }
}

function named<T>(name: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof NumberError || error instanceof PrometheusDurationError) throw new BadRequest(`could not parse '${name}' parameter: ${error.message}`);
    throw error;
  }
}
