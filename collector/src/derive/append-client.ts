import { Agent, request } from 'node:http';
import type { Logger } from '../component.js';
import { pause } from '../delivery/sending/pause.js';
import { AppendRefused, type AppendDerived, type DerivedFrame } from './append.js';
import { APPEND_HEADERS, APPEND_PATH } from './append-protocol.js';

export interface AppendClientOptions {
  /** Of the process that appends. */
  readonly socketPath: string;
  readonly logger: Logger;
  /** One attempt at most. Default 30000. */
  readonly timeoutMs?: number;
  /** Between attempts; doubles up to 32 times as much. Default 100. */
  readonly retryMs?: number;
  /** Requests at once; more wait. Default 4. */
  readonly maxRequests?: number;
}

const MAX_ANSWER_BYTES = 16 << 10;

/** Hands derived frames to the process that appends, over its local socket. */
export class AppendClient {
  readonly #options: AppendClientOptions;
  readonly #agent: Agent;
  readonly #timeoutMs: number;

  constructor(options: AppendClientOptions) {
    this.#options = options;
    this.#timeoutMs = options.timeoutMs ?? 30_000;
    this.#agent = new Agent({ keepAlive: true, maxSockets: options.maxRequests ?? 4 });
  }

  /** Settles when the frame is on disk. The batch id makes a repetition after a lost answer harmless. */
  readonly append: AppendDerived = async (frame, stop) => {
    const firstMs = this.#options.retryMs ?? 100;
    for (let failures = 0; ; failures++) {
      stop.throwIfAborted();
      const failure = await this.#attempt(frame, stop);
      if (failure === null) return;
      stop.throwIfAborted();
      if (failures === 0 || failures % 20 === 0) this.#options.logger.warn('derived data could not be handed to the process that appends; it is tried again', { code: 'SBX_DERIVE_APPEND', reason: failure, origin: frame.origin });
      await pause(firstMs * 2 ** Math.min(failures, 5), stop);
    }
  };

  close(): void {
    this.#agent.destroy();
  }

  /** Null when it was accepted, else why not. @throws AppendRefused */
  #attempt(frame: DerivedFrame, stop: AbortSignal): Promise<string | null> {
    return new Promise((resolve, reject) => {
      const headers = {
        'content-type': 'application/octet-stream',
        'content-length': frame.payload.length,
        [APPEND_HEADERS.signal]: frame.signal,
        [APPEND_HEADERS.encoding]: frame.encoding,
        [APPEND_HEADERS.tenant]: encodeURIComponent(frame.tenant),
        [APPEND_HEADERS.origin]: encodeURIComponent(frame.origin),
        [APPEND_HEADERS.items]: frame.items,
        [APPEND_HEADERS.batchId]: encodeURIComponent(frame.batchId),
      };
      const sent = request({ socketPath: this.#options.socketPath, agent: this.#agent, method: 'POST', path: APPEND_PATH, headers, timeout: this.#timeoutMs, signal: stop }, (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => {
          if (text.length < MAX_ANSWER_BYTES) text += chunk;
        });
        answer.on('error', (error) => resolve(error.message));
        answer.on('end', () => {
          const status = answer.statusCode ?? 0;
          if (status === 200) resolve(null);
          // 404: the other process has not mounted the path yet, or has a configuration without connectors yet.
          else if (status >= 400 && status < 500 && status !== 404 && status !== 408 && status !== 429) reject(new AppendRefused(`${status}: ${text.trim()}`));
          else resolve(`${status}: ${text.trim()}`);
        });
      });
      sent.on('timeout', () => sent.destroy(new Error(`no answer within ${this.#timeoutMs} ms`)));
      sent.on('error', (error) => resolve(error.message));
      sent.end(frame.payload);
    });
  }
}
