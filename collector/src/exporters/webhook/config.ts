import { z } from 'zod';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';
import { httpClientShape, httpUrl } from '../http/config.js';

export const webhookSchema = z.strictObject({
  endpoint: httpUrl().describe('Where batches are posted.'),
  ...httpClientShape,
  secret: z.string().min(1).optional().describe('Key of the signature in the header signalbox-signature (HMAC-SHA256 of the body, in hex, behind sha256=); best from the environment.'),
  compression: z.enum(['gzip', 'none']).default('none').describe('How requests are compressed; the signature is of the body before that.'),
});

export type WebhookConfig = z.output<typeof webhookSchema>;

export function parseWebhookConfig(raw: unknown, place: ConfigPlace): WebhookConfig {
  return parseSection(webhookSchema, raw, place);
}
