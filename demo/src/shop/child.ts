import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Ready } from '../service.js';

export interface ChildOptions {
  readonly name: string;
  readonly module: URL;
  /** Given to Node before the module, such as `--import`. */
  readonly execArgv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Told of each line on its standard output. */
  readonly onLine: (line: string) => void;
}

/** One process of the shop. */
export class Child {
  readonly name: string;
  /** Where it listens; stays open when it ends before that, which `died` hears of. */
  readonly ready: Promise<string>;
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  #stopping = false;

  constructor({ name, module, execArgv, env, onLine }: ChildOptions, died: (error: Error) => void) {
    this.name = name;
    this.#process = fork(fileURLToPath(module), [], { execArgv: [...execArgv], env, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    if (this.#process.stdout !== null) createInterface({ input: this.#process.stdout }).on('line', onLine);
    this.#ended = once(this.#process, 'exit').then(([code, signal]: unknown[]) => {
      if (!this.#stopping) died(new Error(`${name} ended ${signal === null ? `with code ${String(code)}` : `by ${String(signal)}`}`));
    }, died);
    this.ready = new Promise((resolve) => this.#process.once('message', (message) => { if (isReady(message)) resolve(message.address); }));
  }

  /** Closes the channel, upon which it ends itself; after `timeoutMs` it is killed. */
  async stop(timeoutMs: number): Promise<void> {
    this.#stopping = true;
    if (this.#process.connected) this.#process.disconnect();
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), timeoutMs);
    await this.#ended;
    clearTimeout(timer);
  }
}

function isReady(message: unknown): message is Ready {
  return typeof message === 'object' && message !== null && 'address' in message && typeof message.address === 'string';
}
