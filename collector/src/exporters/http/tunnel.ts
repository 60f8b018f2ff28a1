import { request as httpRequest } from 'node:http';
import { Agent, request as httpsRequest, type AgentOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect, type ConnectionOptions } from 'node:tls';
import { proxyAuthorization } from './proxy.js';

type Opened = (error: Error | null, socket: Duplex) => void;

/** TLS connections through an HTTP proxy, which is asked for a tunnel (RFC 9110, 9.3.6). The proxy sees the destination's name and port only. */
export class TunnelAgent extends Agent {
  constructor(private readonly proxy: URL, options: AgentOptions, private readonly connectWithinMs: number) {
    super(options);
  }

  override createConnection(options: ConnectionOptions, opened?: Opened): Duplex | null | undefined {
    // Node takes the error alone; the types want a socket with it.
    const failed = (error: Error): void => opened?.(error, undefined as unknown as Duplex);
    const host = String(options.host ?? '');
    const target = `${host.includes(':') ? `[${host}]` : host}:${options.port ?? 443}`;
    const request = (this.proxy.protocol === 'https:' ? httpsRequest : httpRequest)({
      host: this.proxy.hostname.replace(/^\[|\]$/g, ''),
      port: this.proxy.port === '' ? (this.proxy.protocol === 'https:' ? 443 : 80) : this.proxy.port,
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...proxyAuthorization(this.proxy) },
      agent: false,
      timeout: this.connectWithinMs,
    });
    request.once('timeout', () => request.destroy(new Error(`the proxy ${this.proxy.host} did not answer in time`)));
    request.once('error', (error) => failed(new Error(`proxy ${this.proxy.host}: ${error.message}`, { cause: error })));
    request.once('response', (response) => {
      response.resume();
      request.destroy();
      failed(new Error(`the proxy ${this.proxy.host} refused a tunnel to ${target}: HTTP ${response.statusCode ?? 0}`));
    });
    request.once('connect', (response, socket: Socket) => {
      socket.setTimeout(0);
      if (response.statusCode === 200) return opened?.(null, connect({ ...options, socket }));
      socket.destroy();
      const remedy = response.statusCode === 407 ? ' (give the proxy\'s user and password in its URL)' : '';
      failed(new Error(`the proxy ${this.proxy.host} refused a tunnel to ${target}: HTTP ${response.statusCode ?? 0}${remedy}`));
    });
    request.end();
    return undefined;
  }
}
