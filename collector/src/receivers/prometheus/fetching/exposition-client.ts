import { readFile } from 'node:fs/promises';
import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { Intake } from '../../../component.js';
import { TlsFiles, tlsSchema } from '../../../exporters/http/tls.js';
import type { ScrapeConfig, TextProtocol } from '../config.js';
import type { ExpositionFormat } from '../reading/exposition.js';
import { Answer } from './answer.js';
import type { Attempt } from './attempt.js';
import type { BufferPool } from './buffer-pool.js';
import { Connections } from './connections.js';
import { gunzip } from './gunzip.js';

/** As the header `accept` names them. */
const MEDIA_TYPES: Readonly<Record<TextProtocol, string>> = {
  'OpenMetricsText1.0.0': 'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8',
  'OpenMetricsText0.0.1': 'application/openmetrics-text;version=0.0.1',
  'PrometheusText1.0.0': 'text/plain;version=1.0.0;escaping=allow-utf-8',
  'PrometheusText0.0.4': 'text/plain;version=0.0.4',
};
const MAX_REDIRECTS = 10;

export interface Exposition {
  /** Part of `buffer`, which goes back to the pool once the body is read. */
  readonly body: Buffer;
  readonly buffer: Buffer | null;
  readonly format: ExpositionFormat;
}

type Headers = Readonly<Record<string, string | readonly string[]>>;

/** Fetches what the targets of one scrape config expose. */
export class ExpositionClient {
  readonly #config: ScrapeConfig;
  readonly #accept: string;
  readonly #intake: Intake;
  readonly #buffers: BufferPool;
  readonly #tls: TlsFiles;
  readonly #connections: Connections;
  /** Headers come from files, which may change. */
  readonly #isFromFiles: boolean;
  /** By the URL of a target. */
  readonly #requests = new WeakMap<URL, string>();

  constructor(config: ScrapeConfig, intake: Intake, buffers: BufferPool, monotonicMs: () => number) {
    const { server_name, min_version, ...files } = config.tls_config;
    this.#config = config;
    this.#accept = acceptOf(config.scrape_protocols);
    this.#intake = intake;
    this.#buffers = buffers;
    this.#tls = new TlsFiles(tlsSchema.parse({ ...files, ...(server_name === undefined ? {} : { server_name_override: server_name }), min_version: min_version === 'TLS13' ? '1.3' : '1.2' }), monotonicMs);
    this.#connections = new Connections(buffers.reading, monotonicMs);
    this.#isFromFiles = config.basic_auth?.password_file !== undefined || config.authorization?.credentials_file !== undefined || Object.values(config.http_headers).some(({ files: { length } }) => length > 0);
  }

  /** @throws Error with what people read in `last_error` */
  async fetch(url: URL, timeoutMs: number, attempt: Attempt): Promise<Exposition> {
    const timer = setTimeout(() => attempt.end(new Error(`no whole answer within ${timeoutMs} ms (setting: scrape_timeout)`)), timeoutMs);
    try {
      return await this.#follow(url, timeoutMs, attempt);
    } catch (error) {
      throw attempt.ended ?? error;
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#connections.close();
  }

  async #follow(first: URL, timeoutMs: number, attempt: Attempt): Promise<Exposition> {
    let request = this.#requests.get(first);
    if (request === undefined) {
      request = requestOf(first, await this.#headers(timeoutMs));
      if (!this.#isFromFiles) this.#requests.set(first, request);
    }
    let url = first;
    for (let redirects = 0; ; redirects++) {
      const answer = new Answer(this.#config.body_size_limit, this.#intake, this.#buffers);
      let isTaken = false;
      try {
        await this.#send(url, request, answer, attempt);
        const { status, statusText } = answer;
        const location = answer.headers.get('location');
        if (status >= 300 && status < 400 && location !== undefined && this.#config.follow_redirects) {
          if (redirects >= MAX_REDIRECTS) throw new Error(`stopped after ${MAX_REDIRECTS} redirects`);
          const next: URL | null = URL.canParse(location, url.href) ? new URL(location, url) : null;
          if (next === null || (next.protocol !== 'http:' && next.protocol !== 'https:')) throw new Error(`redirected to ${JSON.stringify(location.slice(0, 200))}, which is no address`);
          url = next;
          const headers = await this.#headers(timeoutMs);
          request = requestOf(url, url.origin === first.origin ? headers : withoutCredentials(headers));
          continue;
        }
        if (status !== 200) throw new Error(`server returned HTTP status ${status} ${statusText}`.trim());
        const exposition = await this.#exposition(answer);
        isTaken = exposition.buffer === answer.buffer;
        return exposition;
      } finally {
        answer.settle();
        if (!isTaken) answer.drop();
      }
    }
  }

  /** A connection that was kept may have been closed by the target just now: then a new one is opened. */
  async #send(url: URL, request: string, answer: Answer, attempt: Attempt): Promise<void> {
    const tls = url.protocol === 'https:' ? this.#tls.options() : null;
    for (;;) {
      const kept = this.#connections.take(url, tls);
      const connection = kept ?? this.#connections.open(url, tls);
      attempt.uses(connection);
      try {
        await connection.send(request, null, answer);
        this.#connections.give(url, tls, connection);
        return;
      } catch (error) {
        if (kept === null || connection.hasAnswered || attempt.ended) throw error;
      } finally {
        attempt.release();
      }
    }
  }

  async #exposition(answer: Answer): Promise<Exposition> {
    const { headers } = answer;
    const format = formatOf(headers.get('content-type'), this.#config.fallback_scrape_protocol);
    const { buffer: received } = answer;
    const body = received === null ? NOTHING : received.subarray(0, answer.length);
    if (headers.get('content-encoding')?.toLowerCase() !== 'gzip') return { body, buffer: received, format };
    const decompressed = new Answer(this.#config.body_size_limit, this.#intake, this.#buffers);
    try {
      await gunzip(body, decompressed);
    } catch (error) {
      decompressed.drop();
      throw error;
    } finally {
      decompressed.settle();
    }
    const { buffer, length } = decompressed;
    return { body: buffer === null ? NOTHING : buffer.subarray(0, length), buffer, format };
  }

  async #headers(timeoutMs: number): Promise<Headers> {
    const { basic_auth: basic, authorization, http_headers: more } = this.#config;
    const headers: Record<string, string | readonly string[]> = { accept: this.#accept, 'accept-encoding': this.#config.enable_compression ? 'gzip' : 'identity', 'user-agent': 'signalbox', 'x-prometheus-scrape-timeout-seconds': String(timeoutMs / 1000) };
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

function withoutCredentials({ authorization: _, ...headers }: Headers): Headers {
  return headers;
}

/** @throws TypeError for a header that would be two */
function requestOf(url: URL, headers: Headers): string {
  const credentials = url.username === '' || 'authorization' in headers ? {} : { authorization: `Basic ${Buffer.from(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`).toString('base64')}` };
  let text = `GET ${url.pathname}${url.search} HTTP/1.1\r\n`;
  for (const [name, values] of Object.entries({ host: url.host, ...credentials, ...headers })) {
    validateHeaderName(name);
    for (const value of typeof values === 'string' ? [values] : values) {
      validateHeaderValue(name, value);
      text += `${name}: ${value}\r\n`;
    }
  }
  return `${text}\r\n`;
}

const NOTHING = Buffer.alloc(0);

function formatOf(contentType: string | undefined, fallback: ScrapeConfig['fallback_scrape_protocol']): ExpositionFormat {
  if (/^application\/openmetrics-text\b/i.test(contentType ?? '')) return 'openmetrics';
  return !/^text\/plain\b/i.test(contentType ?? '') && fallback.startsWith('OpenMetrics') ? 'openmetrics' : 'text';
}
