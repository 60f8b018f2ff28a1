import type { Client } from '@elastic/elasticsearch';
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

/**
 * Elastic's client, made again when a certificate has changed. It never tries again itself: the pipeline does. The package
 * is loaded when first needed, since it takes longer than all of our own code, and most roles never use it.
 */
export class ElasticClient {
  private readonly tls: TlsFiles;
  private current: { readonly options: TlsOptions | null; readonly client: Client } | null = null;

  constructor(private readonly config: ElasticsearchConfig, monotonicMs: () => number) {
    this.tls = new TlsFiles(config.tls, monotonicMs);
  }

  async get(): Promise<Client> {
    const { Client } = await import('@elastic/elasticsearch');
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

/** An answer of the server that is no success, or null. By name: the class is in a package that is loaded late. */
export function errorAnswer(error: unknown): { readonly status: number; readonly body: unknown } | null {
  if (!(error instanceof Error) || error.name !== 'ResponseError' || !('statusCode' in error)) return null;
  return { status: typeof error.statusCode === 'number' ? error.statusCode : 0, body: 'body' in error ? error.body : null };
}

/** @throws what is no error of the network or the server */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) throw error;
  const answer = errorAnswer(error);
  if (answer !== null) return failureOfStatus(answer.status, bodyReason(answer.body) || oneLine(error.message));
  switch (error.name) {
    case 'ConnectionError': {
      const reason = oneLine(networkMessage(error));
      return { kind: 'retry', cause: { reason, ...(NEVER_LEFT.test(reason) ? {} : { unknown: true }) } };
    }
    case 'TimeoutError':
    case 'RequestAbortedError':
      return { kind: 'retry', cause: { reason: 'no answer in time', unknown: true } };
    case 'DeserializationError':
      return { kind: 'retry', cause: { reason: 'unreadable answer', unknown: true } };
    case 'NoLivingConnectionsError':
    case 'ProductNotSupportedError':
    case 'ConfigurationError':
      return { kind: 'retry', cause: { reason: oneLine(error.message) } };
  }
  // Certificates that cannot be read.
  if ('syscall' in error) return { kind: 'retry', cause: { reason: networkMessage(error) } };
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

function bodyReason(body: unknown): string {
  return errorText(typeof body === 'object' && body !== null && 'error' in body ? body.error : body);
}
