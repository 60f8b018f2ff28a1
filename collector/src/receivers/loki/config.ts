import { z } from 'zod';
import { DEFAULT_MAX_STREAM_LABELS, MAX_NAMED_LABELS } from '@signalbox/signals/loki/named-labels';
import { refused, withoutEffect } from '../../config/foreign.js';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';
import { ownEndpoint, pushSettings } from '../push/settings.js';

const schema = z.strictObject({
  endpoint: ownEndpoint(),
  ...pushSettings,
  protocols: refused('there is one protocol, whose settings stand here: endpoint: HOST:PORT.'),
  use_incoming_timestamp: withoutEffect('entries keep their time.'),
  max_label_names_per_series: z.int().min(1).max(MAX_NAMED_LABELS).default(DEFAULT_MAX_STREAM_LABELS).describe('Labels of a stream, besides `service_name`; a stream with more is refused.'),
  max_label_name_length: z.int().min(1).default(1024).describe('Bytes of the name of a label.'),
  max_label_value_length: z.int().min(1).default(2048).describe('Bytes of the value of a label.'),
  max_entries: z.int().min(1).default(100_000).describe('Entries in one push.'),
});

export type LokiReceiverConfig = z.output<typeof schema>;
export { schema as lokiReceiverSchema };

/** @throws ConfigError */
export function parseConfig(raw: unknown, place: ConfigPlace): LokiReceiverConfig {
  return parseSection(schema, raw, place);
}
