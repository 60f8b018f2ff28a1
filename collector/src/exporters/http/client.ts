import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { promisify } from 'node:util';
import { gzip as gzipCallback } from 'node:zlib';
import { NoAnswer, networkMessage } from './failure.js';
import { TlsFiles, type TlsConfig, type TlsOptions } from './tls.js';

const gzip = promisify(gzipCallback);

export interface HttpClientSettings {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsConfig;
  readonly gzip: boolean;
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

/** An HTTP/1.1 client for exporters: connections kept alive, TLS by files, and the knowledge whether a request left. */
export class HttpClient {
  private readonly tls: TlsFiles;
  private readonly plainAgent: HttpAgent;
  private secure: { readonly options: TlsOptions; readonly agent: HttpsAgent } | null = null;

  constructor(private readonly settings: HttpClientSettings) {
    this.tls = new TlsFiles(settings.tls, settings.monotonicMs);
    this.plainAgent = new HttpAgent({ keepAlive: true, maxSockets: settings.maxConnections });
  }

  /**
   * Sends a body and reads the answer, whatever its status. `signal` is the deadline.
   * @throws NoAnswer, and nothing else
   */
  async post(url: URL, headers: Readonly<Record<string, string>>, body: Uint8Array, signal: AbortSignal): Promise<HttpResponse> {
    const compressed = this.settings.gzip && headers['content-encoding'] === undefined;
    const payload = compressed ? await gzip(body) : body;
    return this.send('POST', url, { ...headers, ...(compressed ? { 'content-encoding': 'gzip' } : {}) }, payload, signal);
  }

  /** Closes idle connections; those in use close with their request. */
  close(): void {
    this.plainAgent.destroy();
    this.secure?.agent.destroy();
  }

  private send(method: string, url: URL, headers: Readonly<Record<string, string>>, body: Uint8Array, signal: AbortSignal): Promise<HttpResponse> {
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
        request = this.open(method, url, { ...this.settings.headers, ...headers, 'content-length': String(body.length) });
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

  private open(method: string, url: URL, headers: Record<string, string>): ClientRequest {
    const auth = url.username === '' ? {} : { auth: `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}` };
    if (url.protocol !== 'https:') return httpRequest(url, { method, headers, agent: this.plainAgent, ...auth });
    const options = this.tls.options();
    if (this.secure?.options !== options) {
      this.secure?.agent.destroy();
      this.secure = { options, agent: new HttpsAgent({ keepAlive: true, maxSockets: this.settings.maxConnections, ...options }) };
    }
    return httpsRequest(url, { method, headers, agent: this.secure.agent, ...auth });
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
