import { DurationError, parseGoDuration } from '../../go/duration.js';
import { NumberError, parseGoInt, parseGoUint } from '../../go/strconv.js';
import type { SpanCondition, TimeRange } from '../../readers.js';
import { combine } from '../../spans/search-any.js';
import { valuesOfText } from '../../spans/text-value.js';
import { alternativesOf } from '../../traceql/conditions.js';
import { TraceQLError } from '../../traceql/error.js';
import { parseTraceQL } from '../../traceql/parser.js';
import { LogfmtError, parseLogfmt } from './logfmt.js';

/** A request that Tempo refuses with status 400. */
export class BadRequest extends Error {}

export interface TempoSearch {
  readonly range: TimeRange;
  readonly alternatives: readonly (readonly SpanCondition[])[];
  /** Of the whole trace, in nanoseconds; the older search by tags asks for it. */
  readonly minDurationNs: bigint;
  readonly maxDurationNs: bigint | null;
  readonly limit: number;
  readonly spansPerSet: number;
  /** A TraceQL query answers with the matching spans, the older search does not. */
  readonly traceql: boolean;
}

const DEFAULT_LIMIT = 20;
const DEFAULT_SPANS_PER_SET = 3;
const MAX_SPANS_PER_SET = 100;
const RESERVED = new Set(['q', 'tags', 'minDuration', 'maxDuration', 'limit', 'start', 'end', 'spss', 'mode', 'since', 'recent', 'most_recent']);
const NO_END_NS = 1n << 63n;

/** Parameters of `/api/search`. Throws BadRequest with Tempo's texts. */
export function parseSearch(form: URLSearchParams, maxTraces: number): TempoSearch {
  const range = parseRange(form);
  const query = form.get('q') ?? '';
  const minDurationNs = durationParam(form, 'minDuration') ?? 0n;
  const maxDurationNs = durationParam(form, 'maxDuration');
  if (maxDurationNs !== null && minDurationNs > maxDurationNs) throw new BadRequest('invalid maxDuration: must be greater than minDuration');
  const limit = positive(form, 'limit', DEFAULT_LIMIT);
  if (limit > maxTraces) throw new BadRequest(`limit ${limit} exceeds max limit ${maxTraces}`);
  const spansPerSet = positive(form, 'spss', DEFAULT_SPANS_PER_SET);
  if (spansPerSet > MAX_SPANS_PER_SET) throw new BadRequest(`spans per span set exceeds ${MAX_SPANS_PER_SET}. received ${spansPerSet}`);
  const alternatives = query === '' ? tagConditions(form) : queryConditions(query);
  return { range, alternatives, minDurationNs, maxDurationNs, limit, spansPerSet, traceql: query !== '' };
}

/** `start` and `end` in Unix seconds; without them all time. Throws BadRequest. */
export function parseRange(form: URLSearchParams): TimeRange {
  const start = secondsParam(form, 'start');
  const end = secondsParam(form, 'end');
  if (start !== 0n && end !== 0n && start >= end) throw new BadRequest(`http parameter start must be before end. received start=${start} end=${end}`);
  return { startNs: start * 1_000_000_000n, endNs: end === 0n ? NO_END_NS : end * 1_000_000_000n + 1n };
}

/** Hexadecimal digits as a full trace id. Throws BadRequest. */
export function parseTraceId(text: string): string {
  for (const [i, char] of [...text].entries()) {
    if (!/[0-9a-fA-F]/.test(char)) throw new BadRequest(`trace IDs can only contain hex characters: invalid character '${char}' at position ${i + 1}`);
  }
  if (text.length > 32) throw new BadRequest("trace IDs can't be larger than 128 bits");
  return text.toLowerCase().padStart(32, '0');
}

export function limitParam(form: URLSearchParams, fallback: number): number {
  const text = form.get('limit') ?? '';
  return text === '' ? fallback : Math.min(fallback, Math.max(1, Number(named('limit', () => parseGoInt(text, 32)))));
}

function queryConditions(query: string): SpanCondition[][] {
  try {
    return alternativesOf(parseTraceQL(query));
  } catch (error) {
    if (error instanceof TraceQLError) throw new BadRequest(`invalid TraceQL query: ${error.message}`);
    throw error;
  }
}

/** `tags` in logfmt; without it, as Grafana's first versions sent them, every parameter that has no other meaning. */
function tagConditions(form: URLSearchParams): SpanCondition[][] {
  const encoded = form.get('tags') ?? '';
  const tags = new Map<string, string>();
  if (encoded === '') {
    for (const [key, value] of form) if (!RESERVED.has(key) && value !== '') tags.set(key, value);
  } else {
    try {
      for (const [key, value] of parseLogfmt(encoded)) {
        if (tags.has(key)) throw new BadRequest(`invalid tags: tag ${key} has been set twice`);
        tags.set(key, value);
      }
    } catch (error) {
      if (error instanceof LogfmtError) throw new BadRequest(`invalid tags: ${error.message}`);
      throw error;
    }
  }
  const parts = [...tags].map(([key, value]) => tagAlternatives(key, value));
  if (parts.reduce((product, part) => product * part.length, 1) > 64) throw new BadRequest('invalid tags: too many values that may be text or a number; leave some out');
  return combine(parts);
}

function tagAlternatives(key: string, value: string): SpanCondition[][] {
  const intrinsic = (name: string): SpanCondition[][] => [[{ scope: 'intrinsic', key: name, op: '=', value }]];
  switch (key) {
    case 'name': return intrinsic('name');
    case 'root.name': return intrinsic('rootName');
    case 'root.service.name': return intrinsic('rootService');
    case 'service.name': return intrinsic('service');
    case 'status.code': return intrinsic('status');
    default: {
      const typed = valuesOfText(value).map((one): SpanCondition[] => [{ scope: 'any', key, op: '=', value: one }]);
      return key === 'error' && value === 'true' ? [[{ scope: 'intrinsic', key: 'status', op: '=', value: 'error' }], ...typed] : typed;
    }
  }
}

function secondsParam(form: URLSearchParams, name: string): bigint {
  const text = form.get(name) ?? '';
  return text === '' ? 0n : named(name, () => parseGoUint(text, 32));
}

function positive(form: URLSearchParams, name: string, fallback: number): number {
  const text = form.get(name) ?? '';
  if (text === '') return fallback;
  const value = Number(named(name, () => parseGoInt(text, 64, 'Atoi')));
  if (value <= 0) throw new BadRequest(`invalid ${name}: must be a positive number`);
  return value;
}

function durationParam(form: URLSearchParams, name: string): bigint | null {
  const text = form.get(name) ?? '';
  return text === '' ? null : named(name, () => parseGoDuration(text));
}

function named<T>(name: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof NumberError || error instanceof DurationError) throw new BadRequest(`invalid ${name}: ${error.message}`);
    throw error;
  }
}
