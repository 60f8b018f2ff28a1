import type { ExporterFactory } from '../../component.js';
import { HttpClient } from '../http/client.js';
import { httpClientSettings } from '../http/config.js';
import { OtlpExporter } from '../otlp/exporter.js';
import { parseWebhookConfig, type WebhookConfig } from './config.js';
import { WebhookSender } from './sender.js';

/** Everything as JSON to a URL of one's own, signed where a secret is set. */
export const webhook: ExporterFactory<WebhookConfig> = {
  type: 'webhook',
  signals: ['traces', 'logs', 'metrics'],
  parseConfig: parseWebhookConfig,
  create: (config, context) => {
    const client = new HttpClient(httpClientSettings(config, config.compression, context.clock));
    const nowMs = (): number => Number(context.clock.nowNs() / 1_000_000n);
    return new OtlpExporter(new WebhookSender(client, { url: new URL(config.endpoint), secret: config.secret, nowMs }), context, false);
  },
};
