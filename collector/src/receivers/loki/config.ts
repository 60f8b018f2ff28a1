import { z } from 'zod';
import { DEFAULT_MAX_STREAM_LABELS, MAX_NAMED_LABELS } from '@signalbox/signals/loki/named-labels';
import { refused, withoutEffect } from '../../config/foreign.js';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';
import { ownEndpoint, pushSettings } from '../push/settings.js';

const schema = z.strictObject({
  endpoint: ownEndpoint(),
  ...pushSettings,
  use_incoming_timestamp: withoutEffect('entries keep their time.'),
  max_label_names_per_series: z.int().min(1).max(MAX_NAMED_LABELS).default(DEFAULT_MAX_STREAM_LABELS).describe('Labels of a stream, besides `service_name`; a stream with more is refused.'),
  max_label_name_length: z.int().min(1).default(1024).describe('Bytes of the name of a label.'),
  max_label_value_length: z.int().min(1).default(2048).describe('Bytes of the value of a label.'),
  max_entries: z.int().min(1).default(100_000).describe('Entries in one push.'),
});

export type LokiReceiverConfig = z.output<typeof schema>;
export { schema as lokiReceiverSchema };

/** As the OpenTelemetry Collector has them: there, the settings stand below `protocols.http`. */
const PROTOCOLS = z.strictObject({
  http: z.record(z.string(), z.unknown()).nullish(),
  grpc: refused('entries are pushed over HTTP: protocols: { http: { endpoint: HOST:PORT } }.'),
});
/** Where the Collector's listens that names the protocol alone. */
const COLLECTOR_ENDPOINT = 'localhost:3500';

/** @throws ConfigError */
export function parseConfig(raw: unknown, place: ConfigPlace): LokiReceiverConfig {
  if (typeof raw !== 'object' || raw === null || !('protocols' in raw)) return parseSection(schema, raw, place);
  const { protocols, ...others } = raw;
  const { http } = parseSection(PROTOCOLS, protocols, place.child('protocols'));
  if (http === undefined) return parseSection(schema, others, place);
  return parseSection(schema, { endpoint: COLLECTOR_ENDPOINT, ...others, ...http }, place.child('protocols').child('http'));
}
