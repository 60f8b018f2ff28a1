import { z } from 'zod';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';
import { byteSize } from '../../config/bytes.js';
import { duration } from '../../config/duration.js';
import { topic } from '../../exporters/kafka/config.js';
import { kafkaConnectionShape } from '../../exporters/kafka/connection.js';
import { otlpReceiverSchema } from '../otlp/config.js';
import { LOG_ENCODINGS, METRIC_ENCODINGS, TRACE_ENCODINGS } from './encoding.js';

export const kafkaReceiverSchema = z.strictObject({
  ...kafkaConnectionShape,
  group_id: z.string().min(1).max(255).default('signalbox').describe('Consumer group: those of the same group share the work.'),
  initial_offset: z.enum(['latest', 'earliest']).default('earliest').describe('Where a group begins that has not committed anything.'),
  traces: z.strictObject({ topic: topic('otlp_spans').describe('Topic of spans.'), encoding: z.enum(TRACE_ENCODINGS).default('otlp_proto').describe('What a message is.') }).prefault({}),
  logs: z.strictObject({ topic: topic('otlp_logs').describe('Topic of log records.'), encoding: z.enum(LOG_ENCODINGS).default('otlp_proto').describe('`text`, `raw` (bytes) and `json` make a record of each message, whose time is the message\'s.') }).prefault({}),
  metrics: z.strictObject({ topic: topic('otlp_metrics').describe('Topic of metrics.'), encoding: z.enum(METRIC_ENCODINGS).default('otlp_proto').describe('What a message is.') }).prefault({}),
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
