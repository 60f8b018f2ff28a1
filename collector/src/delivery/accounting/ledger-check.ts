import { Ledger, type LedgerRow } from '@signalbox/journal/ledger';
import type { Logger, Metrics } from '../../component.js';

const EVERY_MS = 60_000;

export interface LedgerCheckOptions {
  readonly journalDir: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Between looks. Default 60000. */
  readonly everyMs?: number;
}

/** Reads the ledger regularly and tells, once for each row, when accepted = delivered + queued + dropped does not hold. */
export class LedgerCheck {
  readonly #options: LedgerCheckOptions;
  readonly #ledger: Ledger;
  readonly #told = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  #looking: Promise<void> = Promise.resolve();

  constructor(options: LedgerCheckOptions) {
    this.#options = options;
    this.#ledger = new Ledger(options.journalDir);
    this.#timer = setInterval(() => void this.look(), options.everyMs ?? EVERY_MS);
    this.#timer.unref();
  }

  /** One look at the time; never rejects. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look());
    return this.#looking;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
    await this.#ledger.close();
  }

  async #look(): Promise<void> {
    const { logger, metrics } = this.#options;
    let rows: readonly LedgerRow[];
    try {
      rows = await this.#ledger.read();
    } catch (error) {
      logger.warn('the ledger could not be read for its check; it is tried again', { error });
      return;
    }
    const unbalanced = rows.filter((row) => !row.balanced);
    metrics.gauge('signalbox_ledger_unbalanced', {}, unbalanced.length);
    for (const { reader, tenant, signal, accepted, delivered, queued, dropped } of unbalanced) {
      const key = `${reader}\0${tenant}\0${signal}`;
      if (this.#told.has(key)) continue;
      this.#told.add(key);
      logger.error('the ledger does not balance: accepted is not delivered + queued + dropped, which is an error of this program', { code: 'SBX_LEDGER_UNBALANCED', reader, tenant, signal, accepted, delivered, queued, dropped });
    }
  }
}
