import { WriteReader } from '@signalbox/signals/prometheus/remote-write/write-reader';
import type { PushedEntry, PushedStream } from './push.js';
import { parseStreamLabels } from './stream-labels.js';

/** logproto.PushRequest (loki, pkg/push/push.proto). @throws OtlpError with the offset, StreamLabelsError */
export function readProtobufPush(body: Uint8Array): PushedStream[] {
  const reader = new WriteReader(body);
  const streams: PushedStream[] = [];
  while (reader.pos < body.length) {
    const tag = reader.tag(body.length);
    if (tag === 0x0a) streams.push(readStream(reader, reader.limit(body.length))); // 1 streams
    else reader.skip(tag, body.length);
  }
  return streams;
}

function readStream(reader: WriteReader, end: number): PushedStream {
  let labels = '';
  const entries: PushedEntry[] = [];
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 0x0a) labels = reader.lenientString(end); // 1 labels
    else if (tag === 0x12) entries.push(readEntry(reader, reader.limit(end))); // 2 entries
    else reader.skip(tag, end);
  }
  return { labels: parseStreamLabels(labels), entries };
}

function readEntry(reader: WriteReader, end: number): PushedEntry {
  let timeNs = 0n;
  let line = '';
  const metadata: (readonly [string, string])[] = [];
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 0x0a) timeNs = readTime(reader, reader.limit(end)); // 1 timestamp
    else if (tag === 0x12) line = reader.lenientString(end); // 2 line
    else if (tag === 0x1a) metadata.push(readPair(reader, reader.limit(end))); // 3 structuredMetadata
    else reader.skip(tag, end);
  }
  return { timeNs, line, metadata };
}

/** google.protobuf.Timestamp */
function readTime(reader: WriteReader, end: number): bigint {
  let seconds = 0n;
  let nanos = 0;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 0x08) seconds = reader.int64(end);
    else if (tag === 0x10) nanos = reader.int32(end);
    else reader.skip(tag, end);
  }
  return seconds * 1_000_000_000n + BigInt(nanos);
}

function readPair(reader: WriteReader, end: number): readonly [string, string] {
  let name = '';
  let value = '';
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 0x0a) name = reader.lenientString(end);
    else if (tag === 0x12) value = reader.lenientString(end);
    else reader.skip(tag, end);
  }
  return [name, value];
}
