import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fastify } from 'fastify';
import type { Logger } from '@signalbox/collector/component';
import { prometheusApi } from '@signalbox/query/http/prometheus/plugin';
import type { Readers } from '@signalbox/query/readers';
import { warmUpLookups, warmUpQueries } from '@signalbox/query/warm-up/queries';
import { WARM_UP_POINTS, WARM_UP_STEP_MS, warmUpSeries } from '@signalbox/query/warm-up/series';
import { openWarmUpStore } from '@signalbox/store/series/warm-up';
import { withoutSchemas } from '../http/without-schemas.js';

export interface WarmUpOptions {
  readonly storeDir: string;
  /** Of the store; its series are not read. */
  readonly readers: Readers;
  /** Without series nobody is going to ask for some; it waits until there are. */
  readonly hasSeries: () => boolean;
  readonly logger: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;
  /** How often all queries are run: V8 compiles what was called often enough. */
  readonly rounds?: number;
  readonly queries?: readonly string[];
  readonly afterMs?: number;
  readonly pauseMs?: number;
}

const TENANT = 'warm-up';
const ROUNDS = 3;
/** How often each look-up is asked for in a round: there are few of them. */
const LOOKUPS = 10;
/** The start itself comes first, and what it left over is looked at by the garbage collector. */
const AFTER_MS = 1500;
const LOOK_EVERY_MS = 1000;
const PAUSE_MS = 10;
/** Where the process had more to do in a pause than this share of it and this, it waits for so long before it looks again. */
const BUSY_SHARE = 0.2;
const BUSY_MS = 2;
const BUSY_PAUSE_MS = 250;
/** The longest range of a query, which looks back from the first step. */
const RANGE_MS = 300_000;

/**
 * Runs queries and look-ups over made-up series once the role is ready and has series to serve, one at a time and only while there is nothing else to do: the engine, the
 * reading of series and the writing of answers are compiled before anybody asks, and the first dashboard is answered as fast as the
 * hundredth. Without it the first hundred queries take twice as much CPU. It takes three to six seconds of CPU itself, and V8 keeps the memory
 * that such queries take from then on. That is not given back by collecting garbage: what was compiled would go with it.
 */
export class WarmUp {
  private readonly abort = new AbortController();
  private readonly running: Promise<void>;

  constructor(private readonly options: WarmUpOptions) {
    this.running = this.run().catch((error: unknown) => {
      if (!this.abort.signal.aborted) options.logger.warn('queries could not be warmed up; the first ones take longer', { error: String(error) });
    });
  }

  /** Settles when it is through. */
  get ended(): Promise<void> {
    return this.running;
  }

  async stop(): Promise<void> {
    this.abort.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { storeDir, readers, hasSeries, logger, rounds = ROUNDS, queries = warmUpQueries(), afterMs = AFTER_MS, pauseMs = PAUSE_MS } = this.options;
    await this.idle(afterMs);
    while (!hasSeries()) await sleep(LOOK_EVERY_MS, undefined, { signal: this.abort.signal, ref: false });
    await this.idle(BUSY_PAUSE_MS);
    const endMs = Math.floor(Date.now() / WARM_UP_STEP_MS) * WARM_UP_STEP_MS;
    const firstMs = endMs - (WARM_UP_POINTS - 1) * WARM_UP_STEP_MS;
    const store = await openWarmUpStore(storeDir, TENANT, warmUpSeries(firstMs), logger);
    const lookups = Array.from({ length: LOOKUPS }, () => warmUpLookups()).flat();
    const app = fastify({ schemaController: withoutSchemas });
    try {
      await app.register(prometheusApi, { readers: { ...readers, series: store.reader }, tenantOf: () => TENANT, fresh: () => Promise.resolve() });
      const times = { start: String((firstMs + RANGE_MS) / 1000), end: String(endMs / 1000), step: String(WARM_UP_STEP_MS / 1000) };
      for (let round = 0; round < rounds; round++) {
        for (const url of lookups) {
          await app.inject({ method: 'GET', url, headers: { 'accept-encoding': 'gzip' } });
          await this.idle(pauseMs);
        }
        for (const query of queries) {
          const headers = { 'content-type': 'application/x-www-form-urlencoded', 'accept-encoding': 'gzip' };
          // Texts differ from round to round, or they would be parsed once.
          await app.inject({ method: 'POST', url: '/api/v1/query_range', headers, payload: new URLSearchParams({ query: `${query}${' '.repeat(round)}`, ...times }).toString() });
          await this.idle(pauseMs);
        }
      }
    } finally {
      await app.close();
      await store.close();
    }
    logger.debug('queries are warmed up');
  }

  /** Waits for so long, and on while the process has other things to do. */
  private async idle(pauseMs: number): Promise<void> {
    const { signal } = this.abort;
    for (let waitMs = pauseMs; ; waitMs = BUSY_PAUSE_MS) {
      const before = performance.eventLoopUtilization();
      await sleep(waitMs, undefined, { signal, ref: false });
      if (performance.eventLoopUtilization(before).active < BUSY_MS + waitMs * BUSY_SHARE) return;
    }
  }
}
