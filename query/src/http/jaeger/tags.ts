import type { AnyValue, Attributes } from '@signalbox/signals/model/attributes';
import { attributeText } from '@signalbox/signals/model/attribute-text';
import type { StoredSpan } from '../../readers.js';
import { KIND_NAMES } from '../../spans/vocabulary.js';
import type { JaegerKeyValue } from './model.js';

/** Attributes of the SDK, which Jaeger shows with the process wherever they stand. */
const PROCESS_KEYS = new Set(['telemetry.sdk.language', 'telemetry.sdk.name', 'telemetry.sdk.version', 'telemetry.distro.name', 'telemetry.distro.version']);

const TYPE_ORDER = ['string', 'bool', 'int64', 'float64', 'binary'];

/** A span's attributes and, as tags of their own, its kind, status, scope and trace state (OpenTelemetry's mapping to Jaeger). `raw`: as sent. */
export function spanTags({ span, scope }: StoredSpan, raw: boolean): { tags: JaegerKeyValue[]; processTags: JaegerKeyValue[] } {
  const tags: JaegerKeyValue[] = [];
  if (scope.name !== '') tags.push(stringTag('otel.scope.name', scope.name));
  if (scope.version !== '') tags.push(stringTag('otel.scope.version', scope.version));
  tags.push(...attributeTags(span.attributes));
  const kind = KIND_NAMES[span.kind];
  if (kind !== undefined && span.kind !== 0) tags.push(stringTag('span.kind', kind));
  if (span.status.code === 1) tags.push(stringTag('otel.status_code', 'OK'));
  if (span.status.code === 2) tags.push(stringTag('otel.status_code', 'ERROR'), { key: 'error', type: 'bool', value: true });
  if (span.status.message !== '') tags.push(stringTag('otel.status_description', span.status.message));
  if (span.traceState !== '') tags.push(stringTag('w3c.tracestate', span.traceState));
  if (raw) return { tags, processTags: [] };
  return { tags: sortTags(tags.filter((tag) => !PROCESS_KEYS.has(tag.key))), processTags: tags.filter((tag) => PROCESS_KEYS.has(tag.key)) };
}

/** A resource's attributes but for its service name, which stands beside them. */
export function resourceTags(attributes: Attributes): JaegerKeyValue[] {
  return attributeTags(attributes.filter(({ key }) => key !== 'service.name'));
}

/** An event's name as the field `event`, first, and its attributes by name. */
export function eventFields(name: string, attributes: Attributes): JaegerKeyValue[] {
  const fields = sortTags(attributeTags(attributes));
  const named = fields.findIndex((field) => field.key === 'event' && field.type === 'string');
  if (named >= 0) return [...fields.splice(named, 1), ...fields];
  return name === '' || fields.some((field) => field.key === 'event') ? fields : [stringTag('event', name), ...fields];
}

export function sortTags(tags: JaegerKeyValue[]): JaegerKeyValue[] {
  return tags.sort((a, b) => {
    if (a.key !== b.key) return a.key < b.key ? -1 : 1;
    if (a.type !== b.type) return TYPE_ORDER.indexOf(a.type) - TYPE_ORDER.indexOf(b.type);
    return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
  });
}

function attributeTags(attributes: Attributes): JaegerKeyValue[] {
  return attributes.map(({ key, value }) => attributeTag(key, value));
}

function attributeTag(key: string, value: AnyValue): JaegerKeyValue {
  switch (typeof value) {
    case 'boolean':
      return { key, type: 'bool', value };
    case 'bigint':
      // JavaScript reads integers exactly up to 2^53 only; Jaeger sends larger ones as text.
      return { key, type: 'int64', value: value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER) ? Number(value) : String(value) };
    case 'number':
      // JSON has no NaN and no infinities; Jaeger fails on them, their names are kinder.
      return { key, type: 'float64', value: Number.isFinite(value) ? value : String(value) };
    default:
      if (value instanceof Uint8Array) return { key, type: 'binary', value: Buffer.from(value).toString('base64') };
      return stringTag(key, value === null ? '' : attributeText(value));
  }
}

function stringTag(key: string, value: string): JaegerKeyValue {
  return { key, type: 'string', value };
}
