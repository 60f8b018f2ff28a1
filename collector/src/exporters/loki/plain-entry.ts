import { Buffer } from 'node:buffer';
import type { LokiTranslator } from '@signalbox/signals/loki/stream';
import { decodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import { Writer } from '@signalbox/signals/otlp/protobuf/writer';
import { protobufField } from '../protobuf-field.js';
import type { PushEntries } from './push-entries.js';

/** The content of an entry (logproto.EntryAdapter) of any record, decoded and translated: what the fast way has no rules for. @throws OtlpError where it is malformed */
export function plainEntry(entries: PushEntries, item: number, translator: LokiTranslator): Buffer {
  const { resource, scope } = entries.contexts[entries.context[item]!]!;
  const record = entries.bytes.subarray(entries.from[item], entries.to[item]);
  // A request of this record alone: 1 resource_logs, 2 scope_logs, 2 log_records.
  const [group] = decodeLogs(protobufField(0x0a, protobufField(0x12, protobufField(0x12, record)))).resourceLogs;
  const { line, metadata } = translator.read(resource, scope, group!.scopeLogs[0]!.logRecords[0]!);
  const timeNs = entries.timeNs(item);
  const writer = new Writer(record.length + 256);
  for (const [name, value] of metadata) {
    const end = writer.mark();
    writer.string(0x12, value); // 2 value
    writer.string(0x0a, name); // 1 name
    writer.message(0x1a, end); // 3 structuredMetadata
  }
  writer.string(0x12, line); // 2 line
  const end = writer.mark();
  writer.uint32(0x10, Number(timeNs % 1_000_000_000n)); // 2 nanos
  const seconds = timeNs / 1_000_000_000n;
  if (seconds !== 0n) writer.setInt64(0x08, seconds); // 1 seconds
  writer.message(0x0a, end); // 1 timestamp
  const content = writer.finish();
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
}
