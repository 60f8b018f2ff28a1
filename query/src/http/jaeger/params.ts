import { DurationError, parseGoDuration } from '../../go/duration.js';
import { NumberError, parseGoBool, parseGoInt } from '../../go/strconv.js';
import type { SpanCondition, TimeRange } from '../../readers.js';
import { combine } from '../../spans/search-any.js';
import { UNSEARCHABLE_TAGS, tagAlternatives } from './tag-search.js';

/** A request that Jaeger refuses with status 400. */
export class BadRequest extends Error {}

export interface TraceQuery {
  readonly traceIds: readonly string[];
  readonly range: TimeRange;
  readonly alternatives: readonly (readonly SpanCondition[])[];
  readonly limit: number;
  readonly raw: boolean;
}

const DEFAULT_LIMIT = 100;
const DEFAULT_LOOKBACK_MS = 2 * 24 * 3_600_000;
/** Searches that one request may become through tags whose type is not known. */
const MAX_ALTERNATIVES = 64;

/** Parameters of `/api/traces`, as Jaeger's query parser takes them. Throws BadRequest with its texts. */
export function parseTraceQuery(form: URLSearchParams, nowMs: number): TraceQuery {
  const service = form.get('service') ?? '';
  const startNs = microsParam(form, 'start') ?? BigInt(nowMs - DEFAULT_LOOKBACK_MS) * 1_000_000n;
  const endNs = microsParam(form, 'end') ?? BigInt(nowMs) * 1_000_000n;
  const tags = parseTags(form.getAll('tag'), form.getAll('tags'));
  const limit = limitParam(form);
  const minNs = durationParam(form, 'minDuration');
  const maxNs = durationParam(form, 'maxDuration');
  const traceIds = form.getAll('traceID').map((id) => {
    try {
      return parseTraceId(id);
    } catch (error) {
      throw new BadRequest(`cannot parse traceID param: ${messageOf(error)}`);
    }
  });
  const raw = boolParam(form, 'raw');
  if (traceIds.length === 0 && service === '') throw new BadRequest("parameter 'service' is required");
  if (minNs !== 0n && maxNs !== 0n && maxNs < minNs) throw new BadRequest("'maxDuration' should be greater than 'minDuration'");

  const base: SpanCondition[] = [{ scope: 'intrinsic', key: 'service', op: '=', value: service }];
  const operation = form.get('operation') ?? '';
  if (operation !== '') base.push({ scope: 'intrinsic', key: 'name', op: '=', value: operation });
  if (minNs !== 0n) base.push({ scope: 'intrinsic', key: 'duration', op: '>=', value: minNs });
  if (maxNs !== 0n) base.push({ scope: 'intrinsic', key: 'duration', op: '<=', value: maxNs });
  for (const key of tags.keys()) {
    if (UNSEARCHABLE_TAGS.has(key)) throw new BadRequest(`searching by the tag '${key}' is not supported yet; leave it out`);
  }
  const parts = [...tags].map(([key, value]) => tagAlternatives(key, value));
  if (parts.reduce((product, part) => product * part.length, 1) > MAX_ALTERNATIVES) {
    throw new BadRequest('too many tags whose values may be text or a number; leave some out');
  }
  const alternatives = combine([[base], ...parts]);
  // Jaeger's end is inclusive.
  return { traceIds, range: { startNs, endNs: endNs + 1n }, alternatives, limit, raw };
}

/** Hexadecimal digits, 1 to 32 of them, as a full id. Throws BadRequest. */
export function parseTraceId(text: string): string {
  if (text.length > 32) throw new BadRequest(`TraceID cannot be longer than 32 hex characters: ${text}`);
  const [high, low] = text.length > 16 ? [text.slice(0, -16), text.slice(-16)] : ['0', text];
  for (const half of [high, low]) {
    if (!/^[0-9a-fA-F]+$/.test(half)) throw new BadRequest(`strconv.ParseUint: parsing ${JSON.stringify(half)}: invalid syntax`);
  }
  return text.toLowerCase().padStart(32, '0');
}

/** Parameters of `/api/dependencies`: milliseconds. */
export function parseDependencyRange(form: URLSearchParams, nowMs: number): TimeRange {
  const end = form.get('endTs') ?? '';
  const endNs = end === '' ? BigInt(nowMs) * 1_000_000n : integer(end, 'endTs') * 1_000_000n;
  const lookback = form.get('lookback') ?? '';
  const lookbackNs = (lookback === '' ? 86_400_000n : integer(lookback, 'lookback')) * 1_000_000n;
  return { startNs: endNs - lookbackNs, endNs: endNs + 1n };
}

export function boolParam(form: URLSearchParams, name: string): boolean {
  const text = form.get(name) ?? '';
  return text !== '' && named(name, () => parseGoBool(text));
}

export function microsParam(form: URLSearchParams, name: string): bigint | undefined {
  const text = form.get(name) ?? '';
  return text === '' ? undefined : integer(text, name) * 1000n;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function integer(text: string, name: string): bigint {
  return named(name, () => parseGoInt(text));
}

function limitParam(form: URLSearchParams): number {
  const text = form.get('limit') ?? '';
  if (text === '') return DEFAULT_LIMIT;
  try {
    return Number(parseGoInt(text, 32));
  } catch (error) {
    throw new BadRequest(messageOf(error));
  }
}

function durationParam(form: URLSearchParams, name: string): bigint {
  const text = form.get(name) ?? '';
  return text === '' ? 0n : named(name, () => parseGoDuration(text));
}

function named<T>(name: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof NumberError || error instanceof DurationError) throw new BadRequest(`unable to parse param '${name}': ${error.message}`);
    throw error;
  }
}

function parseTags(simple: readonly string[], json: readonly string[]): Map<string, string> {
  const tags = new Map<string, string>();
  for (const tag of simple) {
    const colon = tag.indexOf(':');
    if (colon < 0) throw new BadRequest(`malformed 'tag' parameter, expecting key:value, received: ${tag}`);
    tags.set(tag.slice(0, colon), tag.slice(colon + 1));
  }
  for (const text of json) {
    for (const [key, value] of parseTagObject(text)) tags.set(key, value);
  }
  return tags;
}

function parseTagObject(text: string): [string, string][] {
  const refuse = (reason: string) => new BadRequest(`malformed 'tags' parameter, cannot unmarshal JSON: ${reason}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw refuse(jsonProblem(messageOf(error), text));
  }
  if (value === null) return [];
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw refuse(`json: cannot unmarshal ${Array.isArray(value) ? 'array' : jsonType(value)} into Go value of type map[string]string`);
  }
  return Object.entries(value).map(([key, tag]: [string, unknown]) => {
    if (tag === null) return [key, ''];
    if (typeof tag !== 'string') throw refuse(`json: cannot unmarshal ${Array.isArray(tag) ? 'array' : jsonType(tag)} into Go value of type string`);
    return [key, tag];
  });
}

/** What Go's encoding/json says where V8 says something else. */
function jsonProblem(message: string, text: string): string {
  const position = /position (\d+)/.exec(message)?.[1];
  const character = /^Unexpected token '(.+?)'/s.exec(message)?.[1] ?? (position === undefined ? undefined : text[Number(position)]);
  return character === undefined ? 'unexpected end of JSON input' : `invalid character '${character}' looking for beginning of value`;
}

function jsonType(value: unknown): string {
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
