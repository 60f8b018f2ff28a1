import { trace } from '@opentelemetry/api';
import type { AnyValueMap, LogRecord } from '@opentelemetry/api-logs';
import { attributeValue } from './attribute-value.js';
import { loggedException } from './exception.js';
import type { Line } from './line.js';
import { severityNumber } from './severity.js';

const LEVEL = Symbol.for('level');
const SGR = new RegExp(String.raw`\u001b\[[0-9;]*m`, 'g');
/** A timestamp of the line that agrees with the record's own time to this is not said twice. */
const SAME_TIME_MS = 1_000;

/**
 * The log record of a line, after the application's formats: what they took out or redacted stays out. The body is the
 * message, metadata are attributes, an error is told by exception.*. What the record says elsewhere (level, trace,
 * service version, time) is not repeated.
 */
export function logRecord(info: object, line: Line, serviceVersion: string | undefined, nowMs: number): LogRecord {
  const level = String(Reflect.get(info, LEVEL) ?? Reflect.get(info, 'level') ?? '');
  const body = attributeValue(Reflect.get(info, 'message'));
  return {
    timestamp: nowMs,
    observedTimestamp: nowMs,
    severityNumber: severityNumber(level),
    severityText: level,
    body: typeof body === 'string' ? body.replace(SGR, '') : (body ?? null),
    attributes: attributesOf(info, line, serviceVersion, nowMs),
    context: line.context,
  };
}

function attributesOf(info: object, line: Line, serviceVersion: string | undefined, nowMs: number): AnyValueMap {
  const span = trace.getSpanContext(line.context);
  const exception = loggedException(info, line.error);
  const attributes: AnyValueMap = {};
  for (const key of Object.keys(info)) {
    if (key === 'level' || key === 'message' || exception?.told.has(key)) continue;
    const rest = exception?.rest?.key === key ? exception.rest.fields : undefined;
    if (rest !== undefined && Object.keys(rest).length === 0) continue;
    const value: unknown = rest ?? Reflect.get(info, key);
    if (key === 'trace_id' && value === span?.traceId) continue;
    if (key === 'span_id' && value === span?.spanId) continue;
    if (key === 'service_version' && value === serviceVersion) continue;
    if (key === 'timestamp' && isSameTime(value, nowMs)) continue;
    const converted = attributeValue(value);
    if (converted !== undefined) attributes[key] = converted;
  }
  return exception === null ? attributes : { ...attributes, ...exception.attributes };
}

function isSameTime(value: unknown, nowMs: number): boolean {
  const time = typeof value === 'number' ? value : typeof value === 'string' || value instanceof Date ? new Date(value).getTime() : Number.NaN;
  return Math.abs(time - nowMs) <= SAME_TIME_MS;
}
