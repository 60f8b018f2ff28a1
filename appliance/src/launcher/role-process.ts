import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Logger } from '@signalbox/collector/component';
import { nodeFlags } from './node-flags.js';
import { lowerPriority } from './priority.js';
import { roleEntry } from './role-entry.js';
import type { FromRole, Reload, RoleName, RoleStart, RoleState, RoleStatus, Settle, Settled, ToRole } from './messages.js';

/** libuv's pool is shared by DuckDB's waits, fdatasync and file reads; it cannot be changed from inside a process. */
export const THREAD_POOL_SIZE = '16';
/** glibc gives every thread that allots an arena of its own, and gives little of them back. */
export const MALLOC_ARENAS = '2';
const FIRST_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 2000;
/** A role that was never ready is given up after so many attempts: what is wrong then is not a passing crash. */
const ATTEMPTS_TO_BE_READY = 5;
/** A role that was ready for so long starts its backoff anew. */
const STEADY_MS = 1000;

export interface RoleProcessOptions {
  readonly logger: () => Logger;
  /** Called when state, endpoints, metrics or the failure changed. */
  readonly onChange: () => void;
  /** The role said that it can never run like this. */
  readonly onFatal: (message: string) => void;
}

/** One role as a process: started, watched, started again after a crash, stopped in an orderly way. */
export class RoleProcess {
  #child: ChildProcess | null = null;
  /** Null until the configuration is known; a process waits for it with its code loaded. */
  #start: RoleStart | null = null;
  #whenSettled: { readonly resolve: (settled: Settled | null) => void; readonly reject: (error: Error) => void } | null = null;
  #whenReloaded: ((message: FromRole) => void) | null = null;
  #whenReadyOrGone: (() => void) | null = null;
  #state: RoleState = 'starting';
  #sinceMs = Date.now();
  #restarts = 0;
  #wasReady = false;
  #backoffMs = FIRST_BACKOFF_MS;
  #lastFailure: string | null = null;
  #status: Pick<RoleStatus, 'endpoints' | 'metrics'> = { endpoints: [], metrics: null };
  #stopping = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(readonly role: RoleName, readonly options: RoleProcessOptions) {}

  get status(): RoleStatus {
    return { role: this.role, state: this.#state, pid: this.#child?.pid ?? null, restarts: this.#restarts, lastFailure: this.#lastFailure, sinceMs: this.#sinceMs, ...this.#status };
  }

  /** Starts the process; it loads its code and waits to be told what to do. */
  spawn(): void {
    const child = fork(roleEntry(), [this.role], {
      env: { ...process.env, UV_THREADPOOL_SIZE: process.env['UV_THREADPOOL_SIZE'] ?? THREAD_POOL_SIZE, MALLOC_ARENA_MAX: process.env['MALLOC_ARENA_MAX'] ?? MALLOC_ARENAS },
      execArgv: [...nodeFlags(this.role)],
      serialization: 'advanced',
    });
    this.#child = child;
    // After a crash others are at work already.
    if (this.#wasReady) lowerPriority(this.role, child.pid);
    child.on('message', (message) => this.#on(message as FromRole));
    child.on('error', (error) => this.#failed(`could not be started: ${error.message}`));
    child.on('exit', (code, signal) => this.#exited(code, signal));
    if (this.#start !== null) this.send(this.#start);
  }

  /**
   * Has it read and check the configuration; null when the process ended meanwhile. What is wrong with the first one goes to onFatal;
   * with a later one, the promise rejects.
   */
  settle(what: Settle): Promise<Settled | null> {
    return new Promise((resolve, reject) => {
      this.#whenSettled = { resolve, reject };
      this.send(what);
    });
  }

  /**
   * Has it take over another configuration, with a new process where it must. The next start after a crash uses it as well.
   * One that has begun with what was before is waited for, until the signal aborts.
   * @throws Error that says why what was there before goes on
   */
  async reload(start: RoleStart, graceMs: number, signal: AbortSignal): Promise<'reloaded' | 'restarted'> {
    const before = this.#start;
    this.#start = start;
    await this.#readyOrGone(signal);
    if (this.#state !== 'ready') return 'restarted'; // it begins with it anyway
    const answer = await new Promise<FromRole | null>((resolve) => {
      this.#whenReloaded = resolve;
      this.#child?.once('exit', () => resolve(null));
      this.send({ type: 'reload', config: start.config, authRequired: start.authRequired } satisfies Reload);
    });
    this.#whenReloaded = null;
    if (answer?.type === 'not-reloaded') {
      this.#start = before;
      throw new Error(answer.message);
    }
    if (answer?.type === 'reloaded' && answer.endpoints !== null) {
      this.#status = { ...this.#status, endpoints: answer.endpoints };
      return 'reloaded';
    }
    if (answer !== null) {
      await this.stop(graceMs);
      this.#stopping = false;
      this.#become('starting');
      this.spawn();
    }
    return 'restarted';
  }

  async #readyOrGone(signal: AbortSignal): Promise<void> {
    if (this.#state === 'ready' || this.#child === null || signal.aborted) return;
    const end = (): void => this.#whenReadyOrGone?.();
    await new Promise<void>((resolve) => {
      this.#whenReadyOrGone = resolve;
      signal.addEventListener('abort', end);
    });
    signal.removeEventListener('abort', end);
    this.#whenReadyOrGone = null;
  }

  /** Has it do its work, now and after each crash. */
  begin(start: RoleStart): void {
    this.#start = start;
    this.send(start);
  }

  send(message: ToRole): void {
    // A child that just died answers with EPIPE; its exit is handled elsewhere.
    if (this.#child?.connected) this.#child.send(message, () => {});
  }

  /** Asks it to stop, then ends it after `graceMs`. Settles when it is gone. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    if (this.#timer) clearTimeout(this.#timer);
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) {
      this.#become('stopped');
      return;
    }
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    this.send({ type: 'stop' });
    const kill = setTimeout(() => {
      this.options.logger().warn(`the ${this.role} role did not stop within ${graceMs / 1000} s and was ended; what was acknowledged is in the journal`);
      child.kill('SIGKILL');
    }, graceMs);
    await gone;
    clearTimeout(kill);
  }

  #on(message: FromRole): void {
    if (message.type === 'ready') {
      if (!this.#wasReady) lowerPriority(this.role, this.#child?.pid);
      this.#become('ready');
      this.#whenReadyOrGone?.();
      this.#wasReady = true;
      this.#status = { ...this.#status, endpoints: message.endpoints };
    } else if (message.type === 'settled') {
      this.#whenSettled?.resolve(message.settled);
      return;
    } else if (message.type === 'unsettled') {
      this.#whenSettled?.reject(new Error(message.message));
      return;
    } else if (message.type === 'reloaded' || message.type === 'not-reloaded') {
      this.#whenReloaded?.(message);
      return;
    } else if (message.type === 'metrics') {
      this.#status = { ...this.#status, metrics: message.metrics };
    } else {
      this.#failed(message.message);
      if (message.fatal) {
        this.#stopping = true;
        this.options.onFatal(message.message);
      }
    }
    this.options.onChange();
  }

  #become(state: RoleState): void {
    if (state !== this.#state) this.#sinceMs = Date.now();
    this.#state = state;
  }

  #failed(message: string): void {
    this.#lastFailure = message;
  }

  #exited(code: number | null, signal: NodeJS.Signals | null): void {
    this.#child = null;
    this.#whenSettled?.resolve(null);
    this.#whenReadyOrGone?.();
    if (this.#stopping) {
      this.#become('stopped');
      this.options.onChange();
      return;
    }
    if (!this.#wasReady && this.#restarts + 1 >= ATTEMPTS_TO_BE_READY) {
      this.#stopping = true;
      this.#become('stopped');
      this.options.onFatal(`the ${this.role} role cannot start: ${this.#lastFailure ?? `it ended with ${signal ?? `code ${code}`}`}`);
      return;
    }
    const how = signal ? `was ended by ${signal}` : `ended with code ${code}`;
    if (this.#state === 'ready' && Date.now() - this.#sinceMs > STEADY_MS) this.#backoffMs = FIRST_BACKOFF_MS;
    this.options.logger().warn(`the ${this.role} role ${how}; it starts again in ${this.#backoffMs} ms`, this.#lastFailure ? { failure: this.#lastFailure } : {});
    this.#lastFailure ??= how;
    this.#become('restarting');
    this.#status = { endpoints: [], metrics: this.#status.metrics };
    this.options.onChange();
    this.#timer = setTimeout(() => {
      this.#restarts++;
      this.spawn();
    }, this.#backoffMs);
    this.#backoffMs = Math.min(this.#backoffMs * 2, MAX_BACKOFF_MS);
  }
}
