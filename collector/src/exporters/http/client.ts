import { Agent as HttpAgent, request as httpRequest, validateHeaderName, validateHeaderValue, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { AnswerTaker } from './answer-taker.js';
import { Authorization, type AuthConfig } from './authorization.js';
import { compressed, type Compression } from './compression.js';
import { NoAnswer, networkMessage } from './failure.js';
import { PlainConnections } from './plain-connections.js';
import { proxyAuthorization, proxyFor, type ProxyEnvironment } from './proxy.js';
import { TlsFiles, type TlsConfig, type TlsOptions } from './tls.js';
import { TunnelAgent } from './tunnel.js';

/** For a tunnel through a proxy; the caller's signal is usually shorter. */
const TUNNEL_WITHIN_MS = 30_000;

export interface HttpClientSettings {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsConfig;
  readonly auth: AuthConfig;
  readonly compression: Compression;
  /** Undefined: by the environment. */
  readonly proxyUrl: string | undefined;
  readonly environment: ProxyEnvironment;
  readonly maxConnections: number;
  /** More of an answer than this is not read. */
  readonly maxResponseBytes: number;
  readonly monotonicMs: () => number;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** An HTTP/1.1 client for exporters: connections kept alive, TLS by files, proxies, and the knowledge whether a request left. Redirects are not followed. */
export class HttpClient {
  private readonly tls: TlsFiles;
  private readonly proxyAgent: HttpAgent;
  private readonly plain: PlainConnections;
  private readonly authorization: Authorization;
  private secure: { readonly options: TlsOptions; readonly proxy: string; readonly agent: HttpsAgent } | null = null;

  constructor(private readonly settings: HttpClientSettings) {
    this.tls = new TlsFiles(settings.tls, settings.monotonicMs);
    this.authorization = new Authorization(settings.auth);
    this.proxyAgent = new HttpAgent({ keepAlive: true, maxSockets: settings.maxConnections });
    this.plain = new PlainConnections(settings.maxConnections, settings.monotonicMs);
  }

  /**
   * Sends a body and reads the answer, whatever its status. `signal` is the deadline.
   * @throws NoAnswer, and nothing else
   */
  async post(url: URL, headers: Readonly<Record<string, string>>, body: Uint8Array, signal: AbortSignal): Promise<HttpResponse> {
    if (headers['content-encoding'] !== undefined) return this.send(url, headers, body, signal);
    const packed = await this.packed(body);
    return this.send(url, { ...headers, ...packed.headers }, packed.body, signal);
  }

  /** Whether bodies are compressed, and so no longer needed once that is done. */
  get compresses(): boolean {
    return this.settings.compression !== 'none';
  }

  /** Compresses a body as `post` does; what is answered is handed to `post` with these headers. */
  async packed(body: Uint8Array): Promise<{ readonly body: Uint8Array; readonly headers: Readonly<Record<string, string>> }> {
    const { compression } = this.settings;
    return compression === 'none' ? { body, headers: {} } : { body: await compressed(body, compression), headers: { 'content-encoding': compression } };
  }

  /** Closes idle connections; those in use close with their request. */
  close(): void {
    this.proxyAgent.destroy();
    this.plain.close();
    this.secure?.agent.destroy();
  }

  private send(url: URL, headers: Readonly<Record<string, string>>, body: Uint8Array, signal: AbortSignal): Promise<HttpResponse> {
    const proxy = proxyFor(url, this.settings.proxyUrl, this.settings.environment);
    return url.protocol === 'http:' && proxy === null ? this.sendPlain(url, headers, body, signal) : this.sendThrough(proxy, url, headers, body, signal);
  }

  /** Without TLS and proxy. */
  private async sendPlain(url: URL, headers: Readonly<Record<string, string>>, body: Uint8Array, signal: AbortSignal): Promise<HttpResponse> {
    const failed = (error: unknown, left: boolean): NoAnswer => new NoAnswer(`${url.host}: ${networkMessage(error)}`, left, { cause: error });
    let head: string;
    try {
      head = requestHead(url, { ...basicAuthorization(url), ...this.authorization.headers(), ...this.settings.headers, ...headers }, body.length);
    } catch (error) {
      throw failed(error, false);
    }
    const connection = signal.aborted ? null : await this.plain.take(url, signal);
    if (connection === null) throw failed('no connection in time', false);
    const onAbort = (): void => connection.close();
    signal.addEventListener('abort', onAbort, { once: true });
    const taker = new AnswerTaker(this.settings.maxResponseBytes);
    let keepAlive = '';
    try {
      await connection.send(head, body, taker);
      const answer = taker.answer();
      keepAlive = String(answer.headers['keep-alive'] ?? '');
      return answer;
    } catch (error) {
      throw failed(!signal.aborted ? error : connection.isConnected ? 'no answer in time' : 'no connection in time', connection.isConnected);
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.plain.give(url, connection, keepAlive);
    }
  }

  private sendThrough(proxy: URL | null, url: URL, headers: Readonly<Record<string, string>>, body: Uint8Array, signal: AbortSignal): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      let left = false;
      let request: ClientRequest | null = null;
      const settle = (act: () => void): void => {
        signal.removeEventListener('abort', onAbort);
        act();
      };
      const fail = (message: string, cause?: unknown): void => settle(() => {
        reject(new NoAnswer(`${url.host}: ${message}`, left, { cause }));
        request?.destroy();
      });
      const onAbort = (): void => fail(left ? 'no answer in time' : 'no connection in time');
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) return onAbort();
      try {
        request = this.open(proxy, url, { ...this.authorization.headers(), ...this.settings.headers, ...headers, 'content-length': String(body.length) });
      } catch (error) {
        return fail(networkMessage(error), error);
      }
      request.on('error', (error) => fail(networkMessage(error), error));
      // Before the connection stands (with TLS: is agreed upon) nothing can have arrived.
      request.on('socket', (socket) => {
        if (request?.reusedSocket === true) left = true;
        else socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => (left = true));
      });
      request.on('response', (response) => {
        left = true;
        readBody(response, this.settings.maxResponseBytes).then(
          (content) => settle(() => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: content })),
          (error: unknown) => fail(networkMessage(error), error),
        );
      });
      request.end(body);
    });
  }

  private open(proxy: URL | null, url: URL, headers: Record<string, string>): ClientRequest {
    const sent = { ...basicAuthorization(url), ...headers };
    if (proxy === null || url.protocol === 'https:') return httpsRequest(url, { method: 'POST', headers: sent, agent: this.secureAgent(proxy) });
    // A proxy is given the whole URL (RFC 9112, 3.2.2).
    const path = `${url.origin}${url.pathname}${url.search}`;
    return httpRequest(proxy, { method: 'POST', path, headers: { ...sent, host: url.host, ...proxyAuthorization(proxy) }, agent: this.proxyAgent });
  }

  private secureAgent(proxy: URL | null): HttpsAgent {
    const options = this.tls.options();
    const through = proxy?.href ?? '';
    if (this.secure?.options !== options || this.secure.proxy !== through) {
      this.secure?.agent.destroy();
      const agentOptions = { keepAlive: true, maxSockets: this.settings.maxConnections, ...options };
      this.secure = { options, proxy: through, agent: proxy === null ? new HttpsAgent(agentOptions) : new TunnelAgent(proxy, agentOptions, TUNNEL_WITHIN_MS) };
    }
    return this.secure.agent;
  }
}

/** What is beyond the limit is read away, so that the connection can serve again. */
function readBody(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    response.on('data', (chunk: Buffer) => {
      if (bytes < maxBytes) chunks.push(chunk.subarray(0, maxBytes - bytes));
      bytes += chunk.length;
    });
    response.on('end', () => resolve(Buffer.concat(chunks)));
    response.on('error', reject);
    response.on('aborted', () => reject(new Error('connection closed within the answer')));
  });
}

/** The user that the URL names. */
function basicAuthorization({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '') return {};
  return { authorization: `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}` };
}

/** @throws TypeError where a name or a value is none for a header */
function requestHead(url: URL, headers: Readonly<Record<string, string>>, bodyBytes: number): string {
  let head = `POST ${url.pathname}${url.search} HTTP/1.1\r\n`;
  for (const [name, value] of Object.entries({ host: url.host, ...headers, connection: 'keep-alive', 'content-length': String(bodyBytes) })) {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    head += `${name}: ${value}\r\n`;
  }
  return `${head}\r\n`;
}
