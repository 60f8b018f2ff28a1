import { chmod, mkdir, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { dirname } from 'node:path';
import type { Logger, Mounts } from '@signalbox/collector/component';

/** What the serve role was asked stands in paths here, encoded once more. */
const MAX_HEADER_BYTES = 128 * 1024;

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** The paths of one receiver, which go with it. */
export interface MountScope extends Mounts {
  release(): void;
}

/** The receive role's local socket: answers the requests that the serve role passes on, each by the receiver that mounted its path. */
export class LocalPort implements Mounts {
  private readonly handlers = new Map<string, Handler>();
  private readonly server: Server;

  constructor(private readonly path: string, private readonly logger: Logger) {
    this.server = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (request, response) => void this.answer(request, response));
  }

  post(path: string, handler: Handler): void {
    this.handlers.set(`POST ${path}`, handler);
  }

  /** Answers what `read` does, as JSON. */
  get(path: string, read: (asked: URLSearchParams) => unknown): void {
    this.handlers.set(`GET ${path}`, async (request, response) => {
      const answer = await read(new URL(request.url ?? '', 'http://local').searchParams);
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  }

  scope(): MountScope {
    const mine = new Map<string, Handler>();
    return {
      post: (path, handler) => {
        mine.set(`POST ${path}`, handler);
        this.post(path, handler);
      },
      release: () => {
        for (const [key, handler] of mine) if (this.handlers.get(key) === handler) this.handlers.delete(key);
      },
    };
  }

  /** The journal's lock has made sure that no other process serves this data directory: a socket that is there is left over. */
  async start(): Promise<void> {
    if (process.platform !== 'win32') {
      await mkdir(dirname(this.path), { recursive: true });
      await rm(this.path, { force: true });
    }
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.path, resolve);
    });
    if (process.platform !== 'win32') await chmod(this.path, 0o600);
  }

  /** Lets requests in flight end. */
  async stop(): Promise<void> {
    if (!this.server.listening) return;
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeIdleConnections();
    await closed;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const handler = this.handlers.get(`${request.method} ${request.url?.split('?', 1)[0]}`);
    if (!handler) {
      response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('no receiver takes this path; add it to `receivers` and to a pipeline of the configuration\n');
      return;
    }
    try {
      await handler(request, response);
    } catch (error) {
      this.logger.error(`${request.method} ${request.url?.split('?', 1)[0]} failed`, { error });
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' }).end('the request failed; the log of the appliance says why\n');
      else response.destroy();
    }
  }
}
