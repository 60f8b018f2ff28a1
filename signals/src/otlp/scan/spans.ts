import type { Scanner } from './scanner.js';
import { COVER_NOTHING } from './secret-keys.js';

const TRACE_ID_ABSENT = 'trace_id is missing';
const TRACE_ID_ZEROS = 'trace_id is all zeros';
const TRACE_ID_LENGTH = 'trace_id has not 16 bytes';
const SPAN_ID_ABSENT = 'span_id is missing';
const SPAN_ID_ZEROS = 'span_id is all zeros';
const SPAN_ID_LENGTH = 'span_id has not 8 bytes';
const PARENT_ID_LENGTH = 'parent_span_id has not 8 bytes';

/** opentelemetry.proto.trace.v1.Span */
export function scanSpan(scanner: Scanner, end: number): void {
  const ordinal = scanner.beginItem();
  let traceId: string | null = TRACE_ID_ABSENT;
  let spanId: string | null = SPAN_ID_ABSENT;
  let parentId: string | null = null;
  while (scanner.pos < end) {
    const tag = scanner.tag(end);
    switch (tag) {
      case 74: // 9 attributes
        scanner.keyValue(scanner.limit(end), 0, COVER_NOTHING);
        break;
      case 10: // 1 trace_id
        traceId = scanner.requiredId(end, 16, TRACE_ID_ABSENT, TRACE_ID_ZEROS, TRACE_ID_LENGTH);
        break;
      case 18: // 2 span_id
        spanId = scanner.requiredId(end, 8, SPAN_ID_ABSENT, SPAN_ID_ZEROS, SPAN_ID_LENGTH);
        break;
      case 34: // 4 parent_span_id
        parentId = scanner.optionalId(end, 8) ? null : PARENT_ID_LENGTH;
        break;
      case 26: // 3 trace_state
      case 42: // 5 name
        scanner.string(end);
        break;
      case 57: // 7 start_time_unix_nano
      case 65: // 8 end_time_unix_nano
        scanner.skipFixed(8, end);
        break;
      case 90: // 11 events
        scanEvent(scanner, scanner.limit(end));
        break;
      case 106: // 13 links
        scanLink(scanner, scanner.limit(end));
        break;
      case 122: // 15 status
        scanStatus(scanner, scanner.limit(end));
        break;
      default:
        scanner.skip(tag, end);
    }
  }
  scanner.endItem(ordinal, traceId ?? spanId ?? parentId);
}

function scanEvent(scanner: Scanner, end: number): void {
  while (scanner.pos < end) {
    const tag = scanner.tag(end);
    if (tag === 26) scanner.keyValue(scanner.limit(end), 0, COVER_NOTHING); // 3 attributes
    else if (tag === 18) scanner.string(end); // 2 name
    else scanner.skip(tag, end);
  }
}

function scanLink(scanner: Scanner, end: number): void {
  while (scanner.pos < end) {
    const tag = scanner.tag(end);
    if (tag === 34) scanner.keyValue(scanner.limit(end), 0, COVER_NOTHING); // 4 attributes
    else if (tag === 26) scanner.string(end); // 3 trace_state
    else scanner.skip(tag, end);
  }
}

function scanStatus(scanner: Scanner, end: number): void {
  while (scanner.pos < end) {
    const tag = scanner.tag(end);
    if (tag === 18) scanner.string(end); // 2 message
    else scanner.skip(tag, end);
  }
}
