import { Writer } from '@signalbox/signals/otlp/protobuf/writer';
import { snappyBlock } from '../snappy.js';
import type { PushEntry } from './push-entries.js';

const REQUEST_OVERHEAD_BYTES = 1024;

/**
 * logproto.PushRequest (loki, pkg/push/push.proto), compressed with snappy's block format as Loki expects it for
 * application/x-protobuf. Entries of one stream must stand side by side.
 */
export async function encodePushRequest(entries: readonly PushEntry[]): Promise<Buffer> {
  let bytes = REQUEST_OVERHEAD_BYTES;
  for (const entry of entries) bytes += entry.bytes;
  const writer = new Writer(bytes);
  let end = entries.length;
  while (end > 0) {
    const stream = entries[end - 1]?.stream ?? '';
    let start = end;
    while (start > 0 && entries[start - 1]?.stream === stream) start--;
    const mark = writer.mark();
    for (let i = end - 1; i >= start; i--) writeEntry(writer, entries[i] as PushEntry);
    writer.string(0x0a, stream); // 1 labels
    writer.message(0x0a, mark); // 1 streams
    end = start;
  }
  return snappyBlock(writer.finish());
}

function writeEntry(writer: Writer, entry: PushEntry): void {
  const end = writer.mark();
  for (const [name, value] of entry.metadata) {
    const pairEnd = writer.mark();
    writer.string(0x12, value); // 2 value
    writer.string(0x0a, name); // 1 name
    writer.message(0x1a, pairEnd); // 3 structuredMetadata
  }
  writer.string(0x12, entry.line); // 2 line
  const timeEnd = writer.mark();
  const nanos = Number(entry.timeNs % 1_000_000_000n);
  const seconds = entry.timeNs / 1_000_000_000n;
  writer.uint32(0x10, nanos); // 2 nanos
  if (seconds !== 0n) writer.setInt64(0x08, seconds); // 1 seconds
  writer.message(0x0a, timeEnd); // 1 timestamp
  writer.message(0x12, end); // 2 entries
}
