import { z } from 'zod';
import { listenEndpoint } from '../../config/listen-endpoint.js';
import { refused } from '../../config/foreign.js';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';
import { pushSettings } from '../push/settings.js';

const schema = z.strictObject({
  endpoint: listenEndpoint().default('127.0.0.1:9411').describe('Where spans are accepted, at /api/v2/spans.'),
  ...pushSettings,
  parse_string_tags: refused('tags are text; convert those that are numbers with the processor attributes (action: convert).'),
  protocols: refused('there is one protocol, whose settings stand here: endpoint: HOST:PORT.'),
  max_spans: z.int().min(1).default(100_000).describe('Spans in one request.'),
});

export type ZipkinReceiverConfig = z.output<typeof schema>;
export { schema as zipkinReceiverSchema };

/** @throws ConfigError */
export function parseConfig(raw: unknown, place: ConfigPlace): ZipkinReceiverConfig {
  return parseSection(schema, raw, place);
}
