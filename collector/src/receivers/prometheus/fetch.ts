import { readFile } from 'node:fs/promises';
import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { createGunzip } from 'node:zlib';
import type { Intake } from '../../component.js';
import { TlsFiles, tlsSchema } from '../../exporters/http/tls.js';
import type { BufferPool } from './buffer-pool.js';
import type { ScrapeConfig, TextProtocol } from './config.js';
import type { ExpositionFormat } from './exposition.js';

/** As the header `accept` names them. */
const MEDIA_TYPES: Readonly<Record<TextProtocol, string>> = {
  'OpenMetricsText1.0.0': 'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8',
  'OpenMetricsText0.0.1': 'application/openmetrics-text;version=0.0.1',
  'PrometheusText1.0.0': 'text/plain;version=1.0.0;escaping=allow-utf-8',
  'PrometheusText0.0.4': 'text/plain;version=0.0.4',
};
const MAX_REDIRECTS = 10;
/** A target may say any length: no more than this is made ready for it. */
const MAX_AHEAD_BYTES = 1 << 20;

export interface Exposition {
  /** Part of `buffer`, which goes back to the pool once the body is read. */
  readonly body: Buffer;
  readonly buffer: Buffer;
  readonly format: ExpositionFormat;
}

/** One scrape's requests: the first, and those that redirects lead to. */
class Attempt {
  /** Why it was ended. */
  ended: Error | null = null;
  #request: ClientRequest | null = null;

  sends(request: ClientRequest): void {
    this.#request = request;
    if (this.ended) request.destroy(this.ended);
  }

  end(error: Error): void {
    this.ended ??= error;
    this.#request?.destroy(error);
  }
}

/** Fetches what the targets of one scrape config expose. */
export class ExpositionClient {
  readonly #config: ScrapeConfig;
  readonly #accept: string;
  readonly #intake: Intake;
  readonly #buffers: BufferPool;
  readonly #tls: TlsFiles;
  readonly #http = new HttpAgent({ keepAlive: true });
  #https: { readonly agent: HttpsAgent; readonly options: object } | null = null;

  constructor(config: ScrapeConfig, intake: Intake, buffers: BufferPool, monotonicMs: () => number) {
    const { server_name, min_version, ...files } = config.tls_config;
    this.#config = config;
    this.#accept = acceptOf(config.scrape_protocols);
    this.#intake = intake;
    this.#buffers = buffers;
    this.#tls = new TlsFiles(tlsSchema.parse({ ...files, ...(server_name === undefined ? {} : { server_name_override: server_name }), min_version: min_version === 'TLS13' ? '1.3' : '1.2' }), monotonicMs);
  }

  /** @throws Error with what people read in `last_error` */
  async fetch(url: URL, timeoutMs: number, stop: AbortSignal): Promise<Exposition> {
    const headers = await this.#headers(timeoutMs);
    const attempt = new Attempt();
    // An own timer and listener cost a fraction of what AbortSignal.any and AbortSignal.timeout do.
    const timer = setTimeout(() => attempt.end(new Error(`no whole answer within ${timeoutMs} ms (setting: scrape_timeout)`)), timeoutMs);
    const onStop = (): void => attempt.end(new Error('the receiver stops'));
    stop.addEventListener('abort', onStop);
    if (stop.aborted) onStop();
    try {
      return await this.#follow(url, headers, attempt);
    } catch (error) {
      throw attempt.ended ?? error;
    } finally {
      clearTimeout(timer);
      stop.removeEventListener('abort', onStop);
    }
  }

  close(): void {
    this.#http.destroy();
    this.#https?.agent.destroy();
  }

  async #follow(first: URL, headers: Readonly<Record<string, string | string[]>>, attempt: Attempt): Promise<Exposition> {
    let url = first;
    for (let redirects = 0; ; redirects++) {
      const response = await this.#send(url, url.origin === first.origin ? headers : withoutCredentials(headers), attempt);
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

  #send(url: URL, headers: Readonly<Record<string, string | string[]>>, attempt: Attempt): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const secure = url.protocol === 'https:';
      const request = secure ? httpsRequest(url, { agent: this.#secureAgent(), headers }, resolve) : httpRequest(url, { agent: this.#http, headers }, resolve);
      request.on('error', reject);
      attempt.sends(request);
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

  #body(response: IncomingMessage): Promise<Exposition> {
    const limit = this.#config.body_size_limit;
    const encoded = response.headers['content-encoding'] === 'gzip';
    const stream = encoded ? response.pipe(createGunzip()) : response;
    let buffer = this.#buffers.take(Math.min(Number(response.headers['content-length'] ?? 0) || 0, MAX_AHEAD_BYTES));
    let bytes = 0;
    return new Promise<Exposition>((resolve, reject) => {
      stream.on('data', (chunk: Buffer) => {
        if (limit > 0 && bytes + chunk.length > limit) return reject(new Error('body size limit exceeded'));
        if (!this.#intake.take(chunk.length)) return reject(new Error('no room for it in the byte budget of what is taken in (setting: receive.max_in_flight_bytes)'));
        if (bytes + chunk.length > buffer.length) {
          const longer = this.#buffers.take(bytes + chunk.length);
          longer.set(buffer.subarray(0, bytes));
          this.#buffers.give(buffer);
          buffer = longer;
        }
        buffer.set(chunk, bytes);
        bytes += chunk.length;
      });
      stream.once('end', () => resolve({ body: buffer.subarray(0, bytes), buffer, format: formatOf(response.headers['content-type'], this.#config.fallback_scrape_protocol) }));
      stream.on('error', reject);
      if (encoded) response.on('error', reject);
      response.once('close', () => response.complete || reject(new Error('the answer was cut off')));
    }).finally(() => {
      stream.removeAllListeners('data');
      this.#intake.give(bytes);
      if (!response.complete) response.destroy();
      if (encoded) stream.destroy();
    });
  }

  async #headers(timeoutMs: number): Promise<Record<string, string | string[]>> {
    const { basic_auth: basic, authorization, http_headers: more } = this.#config;
    const headers: Record<string, string | string[]> = { accept: this.#accept, 'accept-encoding': this.#config.enable_compression ? 'gzip' : 'identity', 'user-agent': 'signalbox', 'x-prometheus-scrape-timeout-seconds': String(timeoutMs / 1000) };
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

/** The first is wanted most; anything is better than nothing. */
function acceptOf(protocols: readonly TextProtocol[]): string {
  return [...[...new Set(protocols)].map((protocol, i) => `${MEDIA_TYPES[protocol]};q=0.${protocols.length + 2 - i}`), '*/*;q=0.1'].join(',');
}

function withoutCredentials({ authorization: _, ...headers }: Readonly<Record<string, string | string[]>>): Record<string, string | string[]> {
  return headers;
}

function formatOf(contentType: string | undefined, fallback: ScrapeConfig['fallback_scrape_protocol']): ExpositionFormat {
  if (/^application\/openmetrics-text\b/i.test(contentType ?? '')) return 'openmetrics';
  return !/^text\/plain\b/i.test(contentType ?? '') && fallback.startsWith('OpenMetrics') ? 'openmetrics' : 'text';
}
