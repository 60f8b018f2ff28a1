import type { Clock, Logger } from '../../../component.js';

/** A file that cannot be read is tried again after it. */
const RETRY_MS = 5000;
const MAX_REMEMBERED = 1000;

/** Files and folders that could not be read: each is told once, and left alone for a while. */
export class UnreadableFiles {
  /** By path: when it is tried again. */
  readonly #untilMs = new Map<string, number>();

  constructor(private readonly logger: Logger, private readonly clock: Clock) {}

  get size(): number {
    return this.#untilMs.size;
  }

  /** Whether it is too early to try the file again. */
  isResting(path: string): boolean {
    return (this.#untilMs.get(path) ?? -Infinity) > this.clock.monotonicMs();
  }

  add(path: string, error: unknown): void {
    if (this.#untilMs.size > MAX_REMEMBERED) this.#untilMs.clear();
    if (!this.#untilMs.has(path)) {
      this.logger.warn('a log file or folder cannot be read; it is tried again', { code: 'SBX_FILELOG_UNREADABLE', path, error: error instanceof Error ? error.message : String(error) });
    }
    this.#untilMs.set(path, this.clock.monotonicMs() + RETRY_MS);
  }

  /** It was read. */
  remove(path: string): void {
    this.#untilMs.delete(path);
  }
}
