import { WriteReader } from '@signalbox/signals/prometheus/remote-write/write-reader';

/** Span.Kind by number (openzipkin/zipkin-api, zipkin.proto). */
const KINDS = [undefined, 'CLIENT', 'SERVER', 'PRODUCER', 'CONSUMER'] as const;

/**
 * zipkin.proto3.ListOfSpans as the objects that JSON would give: they are checked alike afterwards.
 * @throws OtlpError with the offset
 */
export function readProtobufSpans(body: Uint8Array): Record<string, unknown>[] {
  const reader = new WriteReader(body);
  const spans: Record<string, unknown>[] = [];
  while (reader.pos < body.length) {
    const tag = reader.tag(body.length);
    if (tag === 0x0a) spans.push(readSpan(reader, reader.limit(body.length))); // 1 spans
    else reader.skip(tag, body.length);
  }
  return spans;
}

function readSpan(reader: WriteReader, end: number): Record<string, unknown> {
  const span: Record<string, unknown> = { traceId: '', id: '' };
  const annotations: object[] = [];
  const tags: Record<string, string> = {};
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 0x0a: span['traceId'] = reader.id(end); break;
      case 0x12: span['parentId'] = reader.optionalId(end) || undefined; break;
      case 0x1a: span['id'] = reader.id(end); break;
      case 0x20: span['kind'] = KINDS[reader.int32(end)]; break;
      case 0x2a: span['name'] = reader.lenientString(end); break;
      case 0x31: span['timestamp'] = Number(reader.fixed64(end)); break;
      case 0x38: span['duration'] = Number(reader.uint64(end)); break;
      case 0x42: span['localEndpoint'] = readEndpoint(reader, reader.limit(end)); break;
      case 0x4a: span['remoteEndpoint'] = readEndpoint(reader, reader.limit(end)); break;
      case 0x52: annotations.push(readAnnotation(reader, reader.limit(end))); break;
      case 0x5a: readTag(reader, reader.limit(end), tags); break;
      case 0x60: span['debug'] = reader.bool(end); break;
      case 0x68: span['shared'] = reader.bool(end); break;
      default: reader.skip(tag, end);
    }
  }
  return { ...span, annotations, tags };
}

function readEndpoint(reader: WriteReader, end: number): Record<string, unknown> {
  const endpoint: Record<string, unknown> = {};
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 0x0a) endpoint['serviceName'] = reader.lenientString(end); // 1 service_name
    else if (tag === 0x12) endpoint['ipv4'] = addressText(reader.blob(end)); // 2 ipv4
    else if (tag === 0x1a) endpoint['ipv6'] = addressText(reader.blob(end)); // 3 ipv6
    else if (tag === 0x20) endpoint['port'] = reader.int32(end); // 4 port
    else reader.skip(tag, end);
  }
  return endpoint;
}

/** Four or sixteen bytes; undefined for what is no address. */
function addressText(bytes: Uint8Array): string | undefined {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length !== 16) return undefined;
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[i * 2]! << 8) | bytes[i * 2 + 1]!).toString(16));
  // The URL parser shortens it as RFC 5952 has it.
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

function readAnnotation(reader: WriteReader, end: number): { timestamp: number; value: string } {
  const annotation = { timestamp: 0, value: '' };
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 0x09) annotation.timestamp = Number(reader.fixed64(end)); // 1 timestamp
    else if (tag === 0x12) annotation.value = reader.lenientString(end); // 2 value
    else reader.skip(tag, end);
  }
  return annotation;
}

function readTag(reader: WriteReader, end: number, tags: Record<string, string>): void {
  let key = '';
  let value = '';
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 0x0a) key = reader.lenientString(end); // 1 key
    else if (tag === 0x12) value = reader.lenientString(end); // 2 value
    else reader.skip(tag, end);
  }
  Object.defineProperty(tags, key, { value, enumerable: true, configurable: true, writable: true });
}
