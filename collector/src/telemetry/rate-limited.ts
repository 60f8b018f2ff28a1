import type { Clock, Logger } from '../component.js';

/**
 * Says the same thing at most once in `everyMs`, with the number of times it was left out: clients that do something wrong do it
 * often. Keys are few and chosen by the caller.
 */
export class RateLimitedLog {
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #last = new Map<string, { atMs: number; silent: number }>();

  constructor(logger: Logger, clock: Clock, everyMs = 10_000) {
    this.#logger = logger;
    this.#clock = clock;
    this.#everyMs = everyMs;
  }

  info(key: string, message: string, fields: Record<string, unknown> = {}): void {
    this.#say('info', key, message, fields);
  }

  warn(key: string, message: string, fields: Record<string, unknown> = {}): void {
    this.#say('warn', key, message, fields);
  }

  error(key: string, message: string, fields: Record<string, unknown> = {}): void {
    this.#say('error', key, message, fields);
  }

  #say(level: 'info' | 'warn' | 'error', key: string, message: string, fields: Record<string, unknown>): void {
    const nowMs = this.#clock.monotonicMs();
    const last = this.#last.get(key);
    if (last && nowMs - last.atMs < this.#everyMs) {
      last.silent++;
      return;
    }
    this.#last.set(key, { atMs: nowMs, silent: 0 });
    this.#logger[level](message, last && last.silent > 0 ? { ...fields, repeated: last.silent } : fields);
  }
}
