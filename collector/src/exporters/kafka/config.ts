import { z } from 'zod';
import { byteSize } from '../../config/bytes.js';
import { refused, withoutEffect } from '../../config/foreign.js';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';
import { kafkaConnectionShape } from './connection.js';

export function topic(byDefault: string): z.ZodDefault<z.ZodString> {
  return z.string().regex(/^[a-zA-Z0-9._-]{1,249}$/, { message: 'is no topic: up to 249 letters, digits, ., _ and -.' }).default(byDefault);
}

const FOREIGN_OF_SIGNALS = {
  encoding: z.literal('otlp_proto').optional().describe('OTLP protobuf is what is written.'),
  topic_from_metadata_key: refused('the tenant alone is kept of a request.'),
  message_key_from_metadata_key: refused('the tenant alone is kept of a request.'),
};

export const kafkaSchema = z.strictObject({
  ...kafkaConnectionShape,
  traces: z.strictObject({ topic: topic('otlp_spans').describe('Topic of spans; a message holds one trace and is keyed by its id.'), ...FOREIGN_OF_SIGNALS }).prefault({}),
  logs: z.strictObject({ topic: topic('otlp_logs').describe('Topic of log records; a message holds those of one resource.'), ...FOREIGN_OF_SIGNALS }).prefault({}),
  metrics: z.strictObject({ topic: topic('otlp_metrics').describe('Topic of metrics; a message holds one resource and is keyed by a digest of its attributes.'), ...FOREIGN_OF_SIGNALS }).prefault({}),
  producer: z
    .strictObject({
      compression: z.enum(['none', 'gzip', 'snappy']).default('snappy').describe('How messages are compressed.'),
      max_message_bytes: byteSize({ min: 1024 }).default(1_000_000).describe('Bytes of messages in one request, before compression: no more than the brokers\' message.max.bytes.'),
      allow_auto_topic_creation: z.boolean().optional().describe('The same as the setting of that name outside of `producer`.'),
      required_acks: withoutEffect('all replicas in sync acknowledge what counts as delivered.'),
      compression_params: withoutEffect('the compression works at its usual level.'),
      flush_max_messages: withoutEffect('a batch is sent as a whole.'),
      linger: withoutEffect('a batch is sent as a whole.'),
      max_broker_write_bytes: withoutEffect('max_message_bytes is the size of a request.'),
    })
    .prefault({}),
  partition_traces_by_id: withoutEffect('spans are keyed by their trace already.'),
  partition_metrics_by_resource_attributes: withoutEffect('metrics are keyed by their resource already.'),
  partition_logs_by_resource_attributes: refused('log records have no key, so that they are spread over the partitions.'),
  partition_logs_by_trace_id: refused('log records have no key, so that they are spread over the partitions.'),
  record_partitioner: refused("a message's partition is that of its key."),
  record_headers: refused('messages have the headers x-scope-orgid and signalbox-batch-id.'),
  topic_from_attribute: refused('make a pipeline of each topic, with the processor filter in front of its exporter.'),
  include_metadata_keys: withoutEffect('the tenant alone is kept of a request; it is in the header x-scope-orgid.'),
  allow_auto_topic_creation: z.boolean().default(true).describe('Whether brokers may create a topic that is not there.'),
});

export type KafkaConfig = z.output<typeof kafkaSchema>;

export function parseKafkaConfig(raw: unknown, place: ConfigPlace): KafkaConfig {
  const config = parseSection(kafkaSchema, raw, place);
  return { ...config, allow_auto_topic_creation: config.producer.allow_auto_topic_creation ?? config.allow_auto_topic_creation };
}
