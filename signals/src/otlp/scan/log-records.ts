import type { Scanner } from './scanner.js';
import { COVER_NOTHING } from './secret-keys.js';

const TRACE_ID_LENGTH = 'trace_id has not 16 bytes';
const SPAN_ID_LENGTH = 'span_id has not 8 bytes';

/** opentelemetry.proto.logs.v1.LogRecord */
export function scanLogRecord(scanner: Scanner, end: number): void {
  const ordinal = scanner.beginItem();
  let traceId: string | null = null;
  let spanId: string | null = null;
  while (scanner.pos < end) {
    const tag = scanner.tag(end);
    switch (tag) {
      case 50: // 6 attributes
        scanner.keyValue(scanner.limit(end), 0, COVER_NOTHING);
        break;
      case 42: // 5 body
        scanner.value(scanner.limit(end), 0, COVER_NOTHING);
        break;
      case 26: // 3 severity_text
      case 98: // 12 event_name
        scanner.string(end);
        break;
      case 74: // 9 trace_id
        traceId = scanner.optionalId(end, 16) ? null : TRACE_ID_LENGTH;
        break;
      case 82: // 10 span_id
        spanId = scanner.optionalId(end, 8) ? null : SPAN_ID_LENGTH;
        break;
      default:
        scanner.skip(tag, end);
    }
  }
  scanner.endItem(ordinal, traceId ?? spanId);
}
