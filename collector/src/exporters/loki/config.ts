import { z } from 'zod';
import { DEFAULT_LOKI_LABELS } from '@signalbox/signals/loki/stream';
import { byteSize } from '../../config/bytes.js';
import { refused, withoutEffect } from '../../config/foreign.js';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';
import { httpClientShape, httpUrl } from '../http/config.js';

const PUSH_PATH = '/loki/api/v1/push';
const OTLP_PATH = '/otlp/v1/logs';
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

export const lokiSchema = z.strictObject({
  endpoint: httpUrl().describe(`Where Loki listens; without a path, that of the encoding is added: ${PUSH_PATH} or ${OTLP_PATH}.`),
  encoding: z.enum(['protobuf', 'otlp']).default('protobuf').describe('protobuf: Loki\'s own push. otlp: Loki\'s endpoint for OTLP, whose labels Loki\'s configuration decides; labels and severity_label have no effect then.'),
  ...httpClientShape,
  labels: z
    .record(z.string().regex(LABEL_NAME, { message: 'is no name of a label: letters, digits and _, not beginning with a digit.' }), z.array(z.string().min(1)).min(1))
    .refine((labels) => !Object.entries(labels).flat(2).some((name) => /^(?:trace|span)[._]?id$/i.test(name)), { message: 'a trace or span id must not be a label: each would be a stream of its own. It is structured metadata already: {…} | trace_id="…".' })
    .default(copyOf(DEFAULT_LOKI_LABELS))
    .describe('Resource attributes that become labels, by label: the first attribute that a resource has. Everything else becomes structured metadata.'),
  severity_label: z.boolean().default(true).describe('Whether the severity (trace, debug, info, warn, error, fatal) is a label.'),
  max_streams_per_request: z.int().min(1).default(1).describe('Streams in one push. Loki answers for the last stream of a push alone: with more than 1 lines of the others are lost unseen when they are beyond a limit of streams. No effect with encoding: otlp.'),
  max_concurrent_requests: z.int().min(1).max(64).default(4).describe('Pushes of a batch that are on their way at once; a stream is in one of them only. No effect with encoding: otlp.'),
  compression: withoutEffect('pushes are always compressed: with snappy, or gzip where encoding is otlp.'),
  tenant_id: refused('the tenant of what was received is told by itself; for another one write headers: { X-Scope-OrgID: "…" }.'),
  default_labels_enabled: refused('labels and severity_label say which labels there are.'),
  max_request_bytes: byteSize({ min: 1024 }).default(1024 * 1024).describe('Size of a request before compression; a larger line goes alone.'),
});

export type LokiConfig = z.output<typeof lokiSchema>;

export function parseLokiConfig(raw: unknown, place: ConfigPlace): LokiConfig {
  return parseSection(lokiSchema, raw, place);
}

/** Where entries go. */
export function pushUrl({ endpoint, encoding }: LokiConfig): URL {
  const url = new URL(endpoint);
  if (url.pathname === '/') url.pathname = encoding === 'otlp' ? OTLP_PATH : PUSH_PATH;
  return url;
}

function copyOf(labels: Readonly<Record<string, readonly string[]>>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(labels).map(([label, keys]) => [label, [...keys]]));
}
