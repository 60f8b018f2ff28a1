import { z } from 'zod';
import { refused, withoutEffect } from '../../config/foreign.js';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';
import { byteSize } from '../../config/bytes.js';
import { duration } from '../../config/duration.js';
import { topic } from '../../exporters/kafka/config.js';
import { kafkaConnectionShape } from '../../exporters/kafka/connection.js';
import { otlpReceiverSchema } from '../otlp/config.js';
import { LOG_ENCODINGS, METRIC_ENCODINGS, TRACE_ENCODINGS } from './encoding.js';

const TOPICS = {
  topics: z.array(topic('').unwrap()).min(1).optional().describe('Several topics instead of one.'),
  exclude_topics: refused('name the topics that are wanted: topics.'),
};

export const kafkaReceiverSchema = z.strictObject({
  ...kafkaConnectionShape,
  group_id: z.string().min(1).max(255).default('signalbox').describe('Consumer group: those of the same group share the work.'),
  initial_offset: z.enum(['latest', 'earliest']).default('earliest').describe('Where a group begins that has not committed anything.'),
  traces: z.strictObject({ topic: topic('otlp_spans').describe('Topic of spans.'), ...TOPICS, encoding: z.enum(TRACE_ENCODINGS).default('otlp_proto').describe('What a message is.') }).prefault({}),
  logs: z.strictObject({ topic: topic('otlp_logs').describe('Topic of log records.'), ...TOPICS, encoding: z.enum(LOG_ENCODINGS).default('otlp_proto').describe('`text`, `raw` (bytes) and `json` make a record of each message, whose time is the message\'s.') }).prefault({}),
  metrics: z.strictObject({ topic: topic('otlp_metrics').describe('Topic of metrics.'), ...TOPICS, encoding: z.enum(METRIC_ENCODINGS).default('otlp_proto').describe('What a message is.') }).prefault({}),
  autocommit: withoutEffect('offsets are committed behind what is on disk.'),
  message_marking: withoutEffect('offsets are committed behind what is on disk.'),
  error_backoff: withoutEffect('what finds no room is tried again until it does.'),
  header_extraction: refused('of the headers x-scope-orgid says the tenant, and signalbox-batch-id the id.'),
  group_instance_id: refused('members of the group come and go.'),
  group_rebalance_strategy: withoutEffect('the members agree on one that all of them know.'),
  group_rebalance_strategies: withoutEffect('the members agree on one that all of them know.'),
  partition_processing: withoutEffect('a message that has to wait holds up no other partition.'),
  rack_id: withoutEffect('messages are fetched from the leaders of their partitions.'),
  use_leader_epoch: withoutEffect('the brokers tell what they speak.'),
  min_fetch_size: withoutEffect('messages are fetched as they come.'),
  default_fetch_size: withoutEffect('messages are fetched as they come.'),
  max_fetch_size: withoutEffect('max_message_bytes is the size of a message.'),
  max_partition_fetch_size: withoutEffect('max_message_bytes is the size of a message.'),
  max_fetch_wait: withoutEffect('messages are fetched as they come.'),
  telemetry: withoutEffect('self-metrics are always there.'),
  session_timeout: duration({ minMs: 1000 }).default(30_000).describe('After it a consumer that is silent loses its partitions.'),
  heartbeat_interval: duration({ minMs: 100 }).default(3000).describe('Between signs of life.'),
  max_message_bytes: byteSize({ min: 1024 }).default(16 * 2 ** 20).describe('A larger message is refused.'),
  max_in_flight: z.int().min(1).max(4096).default(128).describe('Messages on their way to the journal at once.'),
  redact: otlpReceiverSchema.shape.redact,
  limits: otlpReceiverSchema.shape.limits,
});

export type KafkaReceiverConfig = z.output<typeof kafkaReceiverSchema>;

export function parseKafkaReceiverConfig(raw: unknown, place: ConfigPlace): KafkaReceiverConfig {
  return parseSection(kafkaReceiverSchema, raw, place);
}
