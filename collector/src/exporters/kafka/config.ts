import { z } from 'zod';
import { byteSize } from '../../config/bytes.js';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';
import { kafkaConnectionShape } from './connection.js';

export function topic(byDefault: string): z.ZodDefault<z.ZodString> {
  return z.string().regex(/^[a-zA-Z0-9._-]{1,249}$/, { message: 'is no topic: up to 249 letters, digits, ., _ and -.' }).default(byDefault);
}

export const kafkaSchema = z.strictObject({
  ...kafkaConnectionShape,
  traces: z.strictObject({ topic: topic('otlp_spans').describe('Topic of spans; a message holds one trace and is keyed by its id.') }).prefault({}),
  logs: z.strictObject({ topic: topic('otlp_logs').describe('Topic of log records; a message holds those of one resource.') }).prefault({}),
  metrics: z.strictObject({ topic: topic('otlp_metrics').describe('Topic of metrics; a message holds one resource and is keyed by a digest of its attributes.') }).prefault({}),
  producer: z
    .strictObject({
      compression: z.enum(['none', 'gzip', 'snappy']).default('snappy').describe('How messages are compressed.'),
      max_message_bytes: byteSize({ min: 1024 }).default(1_000_000).describe('Bytes of messages in one request, before compression: no more than the brokers\' message.max.bytes.'),
    })
    .prefault({}),
  allow_auto_topic_creation: z.boolean().default(true).describe('Whether brokers may create a topic that is not there.'),
});

export type KafkaConfig = z.output<typeof kafkaSchema>;

export function parseKafkaConfig(raw: unknown, place: ConfigPlace): KafkaConfig {
  return parseSection(kafkaSchema, raw, place);
}
