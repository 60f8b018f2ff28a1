import { z } from 'zod';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';
import { ownEndpoint, pushSettings } from '../push/settings.js';

const schema = z.strictObject({
  endpoint: ownEndpoint(),
  ...pushSettings,
  max_entries: z.int().min(1).default(100_000).describe('Entries in one push.'),
});

export type LokiReceiverConfig = z.output<typeof schema>;
export { schema as lokiReceiverSchema };

/** @throws ConfigError */
export function parseConfig(raw: unknown, place: ConfigPlace): LokiReceiverConfig {
  return parseSection(schema, raw, place);
}
