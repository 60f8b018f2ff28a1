import { Client, errors } from '@elastic/elasticsearch';
import { networkMessage } from '../http/failure.js';
import { TlsFiles, type TlsOptions } from '../http/tls.js';
import { oneLine } from '../http/verdict.js';
import type { RetryCause } from '../outcome.js';
import type { ElasticsearchConfig } from './config.js';

type ClientOptions = ConstructorParameters<typeof Client>[0];

/** What became of a request as a whole. */
export type Failure =
  | { readonly kind: 'retry'; readonly cause: RetryCause }
  /** The request's content is at fault, or its size. */
  | { readonly kind: 'refused'; readonly reason: string };

/** The caller's signal is the deadline; this only has to be longer. */
const REQUEST_TIMEOUT_MS = 3_600_000;
const NEVER_LEFT = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|certificate|CERT_|ERR_TLS/i;
/** Statuses that a person mends while the data waits. */
const WAITING: ReadonlySet<number> = new Set([401, 403, 404, 405, 407, 408, 421, 425]);

/** Elastic's client, made again when a certificate has changed. It never tries again itself: the pipeline does. */
export class ElasticClient {
  private readonly tls: TlsFiles;
  private current: { readonly options: TlsOptions | null; readonly client: Client } | null = null;

  constructor(private readonly config: ElasticsearchConfig, monotonicMs: () => number) {
    this.tls = new TlsFiles(config.tls, monotonicMs);
  }

  get(): Client {
    const nodes = this.config.endpoints ?? [this.config.endpoint ?? ''];
    const options = nodes.some((node) => node.startsWith('https:')) ? this.tls.options() : null;
    if (this.current === null || this.current.options !== options) {
      void this.current?.client.close();
      this.current = { options, client: new Client(this.clientOptions(nodes, options)) };
    }
    return this.current.client;
  }

  async close(): Promise<void> {
    await this.current?.client.close();
    this.current = null;
  }

  private clientOptions(nodes: string[], tls: TlsOptions | null): ClientOptions {
    const { user, password, api_key, headers, compression } = this.config;
    const auth = user !== undefined ? { auth: { username: user, password: password ?? '' } } : api_key !== undefined ? { auth: { apiKey: api_key } } : {};
    return {
      nodes,
      ...auth,
      ...(tls === null ? {} : { tls: { ...tls } }),
      headers,
      compression: compression === 'gzip',
      maxRetries: 0,
      requestTimeout: REQUEST_TIMEOUT_MS,
      sniffOnStart: false,
      redaction: { type: 'remove' },
    };
  }
}

/** @throws what is no error of the network or the server */
export function failureOf(error: unknown): Failure {
  if (error instanceof errors.ResponseError) return failureOfStatus(error.statusCode ?? 0, responseReason(error));
  if (error instanceof errors.ConnectionError) {
    const reason = oneLine(networkMessage(error));
    return { kind: 'retry', cause: { reason, ...(NEVER_LEFT.test(reason) ? {} : { unknown: true }) } };
  }
  if (error instanceof errors.TimeoutError || error instanceof errors.RequestAbortedError || error instanceof errors.DeserializationError) {
    return { kind: 'retry', cause: { reason: error instanceof errors.DeserializationError ? 'unreadable answer' : 'no answer in time', unknown: true } };
  }
  if (error instanceof errors.ElasticsearchClientError) return { kind: 'retry', cause: { reason: oneLine(error.message) } };
  // Certificates that cannot be read.
  if (error instanceof Error && 'syscall' in error) return { kind: 'retry', cause: { reason: networkMessage(error) } };
  throw error;
}

export function failureOfStatus(status: number, reason: string): Failure {
  const text = `HTTP ${status}: ${reason}`;
  if (status === 401 || status === 403) return { kind: 'retry', cause: { reason: `${text} (check the exporter's user, password or api_key, and its privileges)` } };
  if (status === 429 || status >= 500 || WAITING.has(status)) return { kind: 'retry', cause: { reason: text } };
  return { kind: 'refused', reason: text };
}

/** Type and reason of an error body, with the innermost cause. */
export function errorText(error: unknown): string {
  if (typeof error === 'string') return oneLine(error);
  const texts: string[] = [];
  for (let at: unknown = error; typeof at === 'object' && at !== null && texts.length < 4; at = (at as { caused_by?: unknown }).caused_by) {
    const { type, reason } = at as { type?: unknown; reason?: unknown };
    texts.push([type, reason].filter((part) => typeof part === 'string').join(': '));
  }
  return oneLine(texts.filter((text) => text !== '').join('; caused by '));
}

function responseReason(error: errors.ResponseError): string {
  const body: unknown = error.body;
  const inner = typeof body === 'object' && body !== null && 'error' in body ? body.error : body;
  return errorText(inner) || oneLine(error.message);
}
