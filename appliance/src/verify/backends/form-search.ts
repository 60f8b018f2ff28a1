import type { Clock } from '@signalbox/collector/component';
import { HttpClient } from '@signalbox/collector/exporters/http/client';
import { httpClientSettings } from '@signalbox/collector/exporters/http/config';

type HttpConfig = Parameters<typeof httpClientSettings>[0];

const FORM = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };

/** Asks an HTTP API in the form that Prometheus and Loki take, with the exporter's credentials, TLS and proxy. */
export class FormSearch {
  private readonly client: HttpClient;

  constructor(config: HttpConfig, clock: Clock, private readonly url: URL) {
    this.client = new HttpClient(httpClientSettings(config, 'none', clock));
  }

  /** The answer's text. @throws Error for any status but 200 */
  async ask(parameters: Readonly<Record<string, string>>, abort: AbortSignal): Promise<string> {
    const { status, body } = await this.client.post(this.url, FORM, Buffer.from(new URLSearchParams(parameters).toString()), abort);
    const text = body.toString('utf8');
    if (status !== 200) throw new Error(`${this.url.host}${this.url.pathname} answered HTTP ${status}: ${text.slice(0, 300)}`);
    return text;
  }

  close(): Promise<void> {
    this.client.close();
    return Promise.resolve();
  }
}

/** The URL with the end of its path replaced; null where it ends otherwise. */
export function besides(url: URL, ends: Readonly<Record<string, string>>): URL | null {
  for (const [end, other] of Object.entries(ends)) {
    const path = url.pathname.replace(/\/+$/, '');
    if (!path.endsWith(end)) continue;
    const found = new URL(url);
    found.pathname = path.slice(0, -end.length) + other;
    found.search = '';
    return found;
  }
  return null;
}
