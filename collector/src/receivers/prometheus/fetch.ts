import { readFile } from 'node:fs/promises';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { createGunzip } from 'node:zlib';
import type { Intake } from '../../component.js';
import { TlsFiles, tlsSchema } from '../../exporters/http/tls.js';
import type { ScrapeConfig } from './config.js';
import type { ExpositionFormat } from './exposition.js';

const ACCEPT =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.1';
const MAX_REDIRECTS = 10;

export interface Exposition {
  readonly body: Buffer;
  readonly format: ExpositionFormat;
}

/** Fetches what the targets of one scrape config expose. */
export class ExpositionClient {
  readonly #config: ScrapeConfig;
  readonly #intake: Intake;
  readonly #tls: TlsFiles;
  readonly #http = new HttpAgent({ keepAlive: true });
  #https: { readonly agent: HttpsAgent; readonly options: object } | null = null;

  constructor(config: ScrapeConfig, intake: Intake, monotonicMs: () => number) {
    const { server_name, min_version, ...files } = config.tls_config;
    this.#config = config;
    this.#intake = intake;
    this.#tls = new TlsFiles(tlsSchema.parse({ ...files, ...(server_name === undefined ? {} : { server_name_override: server_name }), min_version: min_version === 'TLS13' ? '1.3' : '1.2' }), monotonicMs);
  }

  /** @throws Error with what people read in `last_error` */
  async fetch(url: URL, timeoutMs: number, stop: AbortSignal): Promise<Exposition> {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]);
    const headers = await this.#headers(timeoutMs);
    try {
      return await this.#follow(url, headers, signal);
    } catch (error) {
      if (signal.aborted && !stop.aborted) throw new Error(`no whole answer within ${timeoutMs} ms (setting: scrape_timeout)`, { cause: error });
      throw error;
    }
  }

  close(): void {
    this.#http.destroy();
    this.#https?.agent.destroy();
  }

  async #follow(first: URL, headers: Readonly<Record<string, string | string[]>>, signal: AbortSignal): Promise<Exposition> {
    let url = first;
    for (let redirects = 0; ; redirects++) {
      const response = await this.#send(url, url.origin === first.origin ? headers : withoutCredentials(headers), signal);
      const status = response.statusCode ?? 0;
      const location = response.headers.location;
      if (status >= 300 && status < 400 && location !== undefined && this.#config.follow_redirects) {
        response.destroy();
        if (redirects >= MAX_REDIRECTS) throw new Error(`stopped after ${MAX_REDIRECTS} redirects`);
        const next: URL | null = URL.canParse(location, url.href) ? new URL(location, url) : null;
        if (next === null || (next.protocol !== 'http:' && next.protocol !== 'https:')) throw new Error(`redirected to ${JSON.stringify(location.slice(0, 200))}, which is no address`);
        url = next;
        continue;
      }
      if (status !== 200) {
        response.destroy();
        throw new Error(`server returned HTTP status ${status} ${response.statusMessage ?? ''}`.trim());
      }
      return await this.#body(response);
    }
  }

  #send(url: URL, headers: Readonly<Record<string, string | string[]>>, signal: AbortSignal): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const secure = url.protocol === 'https:';
      const request = secure ? httpsRequest(url, { agent: this.#secureAgent(), headers, signal }, resolve) : httpRequest(url, { agent: this.#http, headers, signal }, resolve);
      request.on('error', reject);
      request.end();
    });
  }

  /** A new one when certificates have changed. */
  #secureAgent(): HttpsAgent {
    const options = this.#tls.options();
    if (this.#https?.options !== options) {
      this.#https?.agent.destroy();
      this.#https = { agent: new HttpsAgent({ ...options, keepAlive: true }), options };
    }
    return this.#https.agent;
  }

  async #body(response: IncomingMessage): Promise<Exposition> {
    const limit = this.#config.body_size_limit;
    const encoded = response.headers['content-encoding'] === 'gzip';
    const stream = encoded ? response.pipe(createGunzip()) : response;
    if (encoded) response.once('error', (error) => stream.destroy(error)).once('aborted', () => stream.destroy(new Error('the answer was cut off')));
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        if (limit > 0 && bytes + chunk.length > limit) throw new Error('body size limit exceeded');
        if (!this.#intake.take(chunk.length)) throw new Error('no room for it in the byte budget of what is taken in (setting: receive.max_in_flight_bytes)');
        bytes += chunk.length;
        chunks.push(chunk);
      }
      const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, bytes);
      return { body, format: formatOf(response.headers['content-type'], this.#config.fallback_scrape_protocol) };
    } finally {
      this.#intake.give(bytes);
      if (!response.complete) response.destroy();
    }
  }

  async #headers(timeoutMs: number): Promise<Record<string, string | string[]>> {
    const { basic_auth: basic, authorization, http_headers: more } = this.#config;
    const headers: Record<string, string | string[]> = { accept: ACCEPT, 'accept-encoding': this.#config.enable_compression ? 'gzip' : 'identity', 'user-agent': 'signalbox', 'x-prometheus-scrape-timeout-seconds': String(timeoutMs / 1000) };
    if (basic) {
      const password = basic.password_file === undefined ? (basic.password ?? '') : (await readFile(basic.password_file, 'utf8')).trim();
      headers['authorization'] = `Basic ${Buffer.from(`${basic.username}:${password}`).toString('base64')}`;
    }
    if (authorization) {
      const credentials = authorization.credentials_file === undefined ? (authorization.credentials ?? '') : (await readFile(authorization.credentials_file, 'utf8')).trim();
      headers['authorization'] = `${authorization.type} ${credentials}`;
    }
    for (const [name, { values, files }] of Object.entries(more)) {
      headers[name.toLowerCase()] = [...values, ...(await Promise.all(files.map(async (file) => (await readFile(file, 'utf8')).trim())))];
    }
    return headers;
  }
}

function withoutCredentials({ authorization: _, ...headers }: Readonly<Record<string, string | string[]>>): Record<string, string | string[]> {
  return headers;
}

function formatOf(contentType: string | undefined, fallback: ScrapeConfig['fallback_scrape_protocol']): ExpositionFormat {
  if (/^application\/openmetrics-text\b/i.test(contentType ?? '')) return 'openmetrics';
  return !/^text\/plain\b/i.test(contentType ?? '') && fallback.startsWith('OpenMetrics') ? 'openmetrics' : 'text';
}
