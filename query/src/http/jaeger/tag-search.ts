import type { SpanCondition } from '../../readers.js';
import { valuesOfText } from '../../spans/text-value.js';
import { KIND_NAMES } from '../../spans/vocabulary.js';

/**
 * What a tag of a Jaeger search may mean. Jaeger compares texts, our attributes have types, and some of Jaeger's tags
 * are fields of the span: so a tag becomes alternatives, one of which must hold.
 */
export function tagAlternatives(key: string, value: string): SpanCondition[][] {
  const alternatives: SpanCondition[][] = valuesOfText(value).map((typed) => [{ scope: 'any', key, op: '=', value: typed }]);
  const field = fieldCondition(key, value);
  return field === null ? alternatives : [[field], ...alternatives];
}

/** Tags that Jaeger makes of a span's fields and that a search cannot look at. */
export const UNSEARCHABLE_TAGS: ReadonlySet<string> = new Set(['otel.scope.version', 'otel.library.version', 'w3c.tracestate']);

function fieldCondition(key: string, value: string): SpanCondition | null {
  switch (key) {
    case 'error':
      return value === 'true' ? { scope: 'intrinsic', key: 'status', op: '=', value: 'error' } : null;
    case 'span.kind':
      return (KIND_NAMES as readonly string[]).includes(value) && value !== 'unspecified' ? { scope: 'intrinsic', key: 'kind', op: '=', value } : null;
    case 'otel.status_code':
      return value === 'OK' || value === 'ERROR' ? { scope: 'intrinsic', key: 'status', op: '=', value: value.toLowerCase() } : null;
    case 'otel.status_description':
      return { scope: 'intrinsic', key: 'statusMessage', op: '=', value };
    case 'otel.scope.name':
    case 'otel.library.name':
      return { scope: 'intrinsic', key: 'scopeName', op: '=', value };
    case 'service.name':
      return { scope: 'intrinsic', key: 'service', op: '=', value };
    default:
      return null;
  }
}
