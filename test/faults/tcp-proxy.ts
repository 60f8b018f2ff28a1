import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * What happens to bytes on their way:
 * - `pass`: they pass.
 * - `cut-answer`: requests pass; with the first byte of an answer, which is held back, the connection is cut. The server
 *   has done what it was asked to, and the client cannot know.
 * - `swallow-answer`: requests pass, answers never do.
 * - `refuse`: connections are cut at once.
 * - `reset`: with the first bytes of a request, which do not pass, the connection is reset (RST).
 * - `error`: requests do not pass; each is answered with 502, as by a load balancer with nothing behind it.
 * - `delay`: everything passes, answers a quarter of a second late.
 * - `throttle`: everything passes, requests a kilobyte at a time.
 */
export type ProxyMode = 'pass' | 'cut-answer' | 'swallow-answer' | 'refuse' | 'reset' | 'error' | 'delay' | 'throttle';

const DELAY_MS = 250;
const THROTTLE_BYTES = 1024;
const THROTTLE_MS = 10;
const BAD_GATEWAY = 'HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n';

/** Stands on loopback between a client and a server and does to their connections what networks do. */
export class TcpProxy {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  mode: ProxyMode = 'pass';
  /** Answers that were withheld. */
  withheld = 0;

  private target: { readonly host: string; readonly port: number } = { host: '127.0.0.1', port: 0 };

  private constructor() {
    this.server = createServer((client) => this.join(client));
  }

  /** Without a target it refuses connections until it is aimed at one. */
  static async start(target?: string): Promise<TcpProxy> {
    const proxy = new TcpProxy();
    if (target === undefined) proxy.mode = 'refuse';
    else proxy.aim(target);
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  aim(target: string): void {
    const { hostname, port } = new URL(target);
    this.target = { host: hostname, port: Number(port) };
    this.mode = 'pass';
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Cuts all connections that stand. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(client: Socket): void {
    if (this.mode === 'refuse') return void client.destroy();
    const server = connect(this.target.port, this.target.host);
    const both = [client, server];
    for (const socket of both) {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.sockets.delete(socket);
        for (const each of both) each.destroy();
      });
    }
    let throttled: Promise<void> = Promise.resolve();
    client.on('data', (chunk: Buffer) => {
      switch (this.mode) {
        case 'reset':
          this.withheld++;
          client.resetAndDestroy();
          break;
        case 'error':
          this.withheld++;
          client.end(BAD_GATEWAY);
          break;
        case 'throttle':
          throttled = throttled.then(() => trickle(server, chunk));
          break;
        default:
          throttled = throttled.then(() => void server.write(chunk));
      }
    });
    server.on('data', (chunk) => {
      switch (this.mode) {
        case 'pass':
        case 'throttle':
          client.write(chunk);
          break;
        case 'delay':
          setTimeout(() => client.write(chunk), DELAY_MS);
          break;
        case 'swallow-answer':
          this.withheld++;
          break;
        case 'cut-answer':
        case 'refuse':
        case 'reset':
        case 'error':
          this.withheld++;
          for (const each of both) each.destroy();
      }
    });
  }
}

async function trickle(to: Socket, chunk: Buffer): Promise<void> {
  for (let from = 0; from < chunk.length && !to.destroyed; from += THROTTLE_BYTES) {
    to.write(chunk.subarray(from, from + THROTTLE_BYTES));
    await new Promise((resolve) => setTimeout(resolve, THROTTLE_MS));
  }
}
