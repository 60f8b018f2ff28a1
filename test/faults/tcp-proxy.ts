import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * What happens to bytes on their way:
 * - `pass`: they pass.
 * - `cut-answer`: requests pass; with the first byte of an answer, which is held back, the connection is cut. The server
 *   has done what it was asked to, and the client cannot know.
 * - `swallow-answer`: requests pass, answers never do.
 * - `refuse`: connections are cut at once.
 */
export type ProxyMode = 'pass' | 'cut-answer' | 'swallow-answer' | 'refuse';

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
    client.on('data', (chunk) => server.write(chunk));
    server.on('data', (chunk) => {
      switch (this.mode) {
        case 'pass':
          client.write(chunk);
          break;
        case 'swallow-answer':
          this.withheld++;
          break;
        case 'cut-answer':
        case 'refuse':
          this.withheld++;
          for (const each of both) each.destroy();
      }
    });
  }
}
