import type * as elasticsearchPackage from '@elastic/elasticsearch';
import type { Client } from '@elastic/elasticsearch';
import { Authorization } from '../../http/authorization.js';
import { networkMessage } from '../../http/failure.js';
import { proxyFor, type ProxyEnvironment } from '../../http/proxy.js';
import { TlsFiles, type TlsOptions } from '../../http/tls.js';
import { oneLine } from '../../http/verdict.js';
import { WatchedText } from '../../http/watched-text.js';
import type { RetryCause } from '../../outcome.js';
import type { ElasticsearchConfig } from '../config.js';
import { allCreated } from './all-created.js';
import { decompressing } from './decompressing.js';

type ClientOptions = ConstructorParameters<typeof Client>[0];
type Package = Pick<typeof elasticsearchPackage, 'Client' | 'HttpConnection' | 'Serializer' | 'Transport' | 'UndiciConnection'>;
type TransportOptions = ConstructorParameters<Package['Transport']>[0];

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
  private readonly authorization: () => Readonly<Record<string, string>>;
  private current: { readonly options: TlsOptions | null; readonly credentials: string; readonly client: Client } | null = null;

  constructor(private readonly config: ElasticsearchConfig, monotonicMs: () => number, private readonly environment: ProxyEnvironment = process.env) {
    this.tls = new TlsFiles(config.tls, monotonicMs);
    this.authorization = authorizationOf(config);
  }

  async get(): Promise<Client> {
    const elastic = await import('@elastic/elasticsearch');
    const nodes = this.config.endpoints ?? [this.config.endpoint ?? ''];
    const options = nodes.some((node) => node.startsWith('https:')) ? this.tls.options() : null;
    const authorization = this.authorization();
    const credentials = authorization['authorization'] ?? '';
    if (this.current === null || this.current.options !== options || this.current.credentials !== credentials) {
      void this.current?.client.close();
      this.current = { options, credentials, client: new elastic.Client(this.clientOptions(elastic, nodes, options, authorization)) };
    }
    return this.current.client;
  }

  async close(): Promise<void> {
    await this.current?.client.close();
    this.current = null;
  }

  private clientOptions({ HttpConnection, Serializer, Transport, UndiciConnection }: Package, nodes: string[], tls: TlsOptions | null, authorization: Readonly<Record<string, string>>): ClientOptions {
    const { headers, compression } = this.config;
    const proxy = proxyFor(new URL(nodes[0] ?? ''), this.config.proxy_url, this.environment);
    return {
      nodes,
      ...(tls === null ? {} : { tls: { ...tls } }),
      // The client's usual connection knows no proxies.
      ...(proxy === null ? { Connection: decompressing(UndiciConnection) } : { proxy, Connection: HttpConnection }),
      Transport: speakingToBoth(Transport),
      Serializer: knowingAllCreated(Serializer),
      headers: { ...authorization, ...headers },
      compression: compression === 'gzip',
      maxRetries: 0,
      requestTimeout: REQUEST_TIMEOUT_MS,
      sniffOnStart: false,
      redaction: { type: 'remove' },
    };
  }
}

/** What both versions 8 and 9 understand; the client by itself asks for 9, which 8 refuses. */
const COMPATIBLE = {
  jsonContentType: 'application/vnd.elasticsearch+json; compatible-with=8',
  ndjsonContentType: 'application/vnd.elasticsearch+x-ndjson; compatible-with=8',
  accept: 'application/vnd.elasticsearch+json; compatible-with=8,text/plain',
};

function speakingToBoth(Transport: Package['Transport']): Package['Transport'] {
  return class extends Transport {
    constructor(options: TransportOptions) {
      super({ ...options, vendoredHeaders: COMPATIBLE });
    }
  };
}

/** Makes no objects of the answer that all was created: it becomes AllCreated. */
function knowingAllCreated(Serializer: Package['Serializer']): Package['Serializer'] {
  return class extends Serializer {
    override deserialize<T = unknown>(json: string): T {
      return (allCreated(json) ?? super.deserialize(json)) as T;
    }
  };
}

/** Headers from files are looked at for each request, so that credentials can be renewed. */
function authorizationOf(config: ElasticsearchConfig): () => Readonly<Record<string, string>> {
  const { user, password, password_file, api_key, api_key_file, auth } = config;
  if (user !== undefined) {
    const basic = new Authorization({ username: user, ...(password === undefined ? {} : { password }), ...(password_file === undefined ? {} : { password_file }) });
    return () => basic.headers();
  }
  if (api_key_file !== undefined) {
    const file = new WatchedText(api_key_file);
    return () => ({ authorization: `ApiKey ${file.read()}` });
  }
  if (api_key !== undefined) return () => ({ authorization: `ApiKey ${api_key}` });
  const given = new Authorization(auth);
  return () => given.headers();
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
  if (answer !== null) return failureOfStatus(answer.status, bodyReason(answer.body) || oneLine(error.message), isOwnForm(answer.body));
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

/**
 * What a status says of a request, or of one document in it. Elasticsearch itself says 429 and 503 before it does anything; another
 * failure, or one of a proxy in between, may come after the documents were stored.
 */
export function failureOfStatus(status: number, reason: string, isOwn: boolean): Failure {
  const text = `HTTP ${status}: ${reason}`;
  if (status === 401 || status === 403) return { kind: 'retry', cause: { reason: `${text} (check the exporter's user, password or api_key, and its privileges)` } };
  if (status >= 500 && !(status === 503 && isOwn)) return { kind: 'retry', cause: { reason: text, unknown: true } };
  if (status === 429 || status === 503 || WAITING.has(status)) return { kind: 'retry', cause: { reason: text } };
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

/** Whether an error is in Elasticsearch's own form, and so not from a proxy in between. */
function isOwnForm(body: unknown): boolean {
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : null;
  return typeof error === 'object' && error !== null && 'type' in error && typeof error.type === 'string';
}

function bodyReason(body: unknown): string {
  return errorText(typeof body === 'object' && body !== null && 'error' in body ? body.error : body);
}
