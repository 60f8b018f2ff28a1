import type { Entry, Fields, Value } from './entry.js';
import { severityOfLevel, severityOfName } from './severity.js';
import { parseTime, timeOfNumber, type ParsedTime } from './timestamp.js';
import type { Zone } from './time-zone.js';

/** What a field of a parsed line becomes in the record, when its value is of use for it. */
export type Role = 'time' | 'severity' | 'body' | 'trace' | 'span';

/** Names that loggers give to what a record has a place of its own for. */
export const ROLES: ReadonlyMap<string, Role> = new Map<string, Role>([
  ...['time', 'timestamp', '@timestamp', 'ts', 'datetime'].map((name) => [name, 'time'] as const),
  ...['level', 'severity', 'lvl', 'loglevel', 'log.level', 'severity_text'].map((name) => [name, 'severity'] as const),
  ...['message', 'msg'].map((name) => [name, 'body'] as const),
  ...['trace_id', 'traceId', 'traceid', 'trace.id', 'traceID', 'otelTraceID'].map((name) => [name, 'trace'] as const),
  ...['span_id', 'spanId', 'spanid', 'span.id', 'spanID', 'otelSpanID'].map((name) => [name, 'span'] as const),
]);

/** Where a line's own time zone is kept, unless it is UTC. */
export const TIME_ZONE_ATTRIBUTE = 'log.time_zone';

export interface LiftOptions {
  /** Zone of times that name none: `+02:00`; '' is UTC. */
  readonly defaultZone: Zone;
  /** The message takes the place of the line; else the line stays the body and the message an attribute. */
  readonly body: boolean;
}

/** Fields whose names say time, severity, message or ids go where the record has a place for them; the rest become attributes. The first of a kind counts. */
export function lift(entry: Entry, fields: Fields, options: LiftOptions): void {
  let hasTime = false;
  let hasBody = !options.body;
  let hasSeverity = false;
  let zone = '';
  for (const [key, value] of fields) {
    switch (ROLES.get(key)) {
      case 'time': {
        const time = hasTime ? null : timeOf(value, options.defaultZone);
        if (time === null) break;
        entry.timeNs = time.ns;
        zone = time.zone;
        hasTime = true;
        continue;
      }
      case 'severity':
        if (hasSeverity || !setSeverity(entry, value)) break;
        hasSeverity = true;
        continue;
      case 'body':
        if (hasBody || typeof value !== 'string') break;
        entry.body = value;
        hasBody = true;
        continue;
      case 'trace':
        if (entry.traceId !== '' || !isId(value, 32)) break;
        entry.traceId = value.toLowerCase();
        continue;
      case 'span':
        if (entry.spanId !== '' || !isId(value, 16)) break;
        entry.spanId = value.toLowerCase();
        continue;
      case undefined:
        break;
    }
    entry.attributes.set(key, value);
  }
  if (zone !== '') entry.attributes.set(TIME_ZONE_ATTRIBUTE, zone);
}

function timeOf(value: Value, defaultZone: Zone): ParsedTime | null {
  if (typeof value === 'string') return parseTime(value, defaultZone);
  if (typeof value !== 'number' && typeof value !== 'bigint') return null;
  const ns = timeOfNumber(value);
  return ns === null ? null : { ns, zone: '' };
}

/** False when the value is no level at all; a name that is not known is kept as text without a number. */
function setSeverity(entry: Entry, value: Value): boolean {
  if (typeof value === 'string') {
    if (value === '' || value.length > MAX_SEVERITY_LENGTH) return false;
    entry.severityText = value;
    entry.severityNumber = severityOfName(value);
    return true;
  }
  if (typeof value !== 'number' && typeof value !== 'bigint') return false;
  const number = severityOfLevel(Number(value));
  if (number === 0) return false;
  entry.severityNumber = number;
  entry.severityText = String(value);
  return true;
}

export const MAX_SEVERITY_LENGTH = 32;
const HEX = /^[0-9a-fA-F]+$/;

/** An id of so many hex digits that are not all zeros. */
export function isId(value: Value, digits: number): value is string {
  return typeof value === 'string' && value.length === digits && HEX.test(value) && !/^0+$/.test(value);
}
