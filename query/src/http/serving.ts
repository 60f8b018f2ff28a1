import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ReadContext } from '../readers.js';
import { LimitExceeded } from '../readers.js';
import type { QueryLimits } from './limits.js';
import { DEFAULT_LIMITS } from './limits.js';
import type { ApiOptions, QueryOutcome } from './options.js';
import { QueryGate, TooManyQueries } from './query-gate.js';

/** Header of an answer that was given before the readers had seen all that was acknowledged: so many bytes of the journal are missing. */
export const BEHIND_HEADER = 'x-signalbox-behind-bytes';

/** The query took longer than it may. */
export class QueryTimeout extends Error {
  constructor(readonly timeoutMs: number) {
    super(`the query took longer than ${timeoutMs} ms; narrow it, or raise query.timeout`);
    this.name = 'QueryTimeout';
  }
}

/** The client closed the connection; nobody reads the answer. */
export class ClientGone extends Error {
  constructor() {
    super('the client closed the connection');
    this.name = 'ClientGone';
  }
}

/** Runs the queries of one API: waits for the gate and for fresh data, limits the time, stops when the client goes. */
export class Serving {
  readonly limits: QueryLimits;
  readonly readers: ApiOptions['readers'];
  readonly #gate: QueryGate;

  constructor(readonly options: ApiOptions) {
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.readers = options.readers;
    this.#gate = options.gate ?? new QueryGate(this.limits.concurrency, this.limits.maxWaiting);
  }

  /** Rejects with QueryTimeout, ClientGone, TooManyQueries, or what `work` throws. `timeoutMs` can only shorten the limit's. */
  async query<T>(request: FastifyRequest, reply: FastifyReply, work: (context: ReadContext) => Promise<T>, timeoutMs = Infinity): Promise<T> {
    const tenant = this.options.tenantOf(request);
    const budgetMs = Math.min(timeoutMs, this.limits.timeoutMs);
    const controller = new AbortController();
    const { signal } = controller;
    const expire = () => { controller.abort(new QueryTimeout(budgetMs)); };
    if (budgetMs <= 0) expire();
    const timer = setTimeout(expire, Math.max(0, budgetMs));
    const gone = () => {
      if (!reply.raw.writableFinished) controller.abort(new ClientGone());
    };
    reply.raw.on('close', gone);
    const startedMs = performance.now();
    let outcome: QueryOutcome = 'answered';
    try {
      return await this.#gate.run(signal, async () => {
        const behindBytes = await this.options.fresh(signal);
        signal.throwIfAborted();
        if (behindBytes !== undefined && behindBytes > 0) reply.header(BEHIND_HEADER, String(behindBytes));
        return await work({ tenant, signal });
      });
    } catch (error) {
      outcome = outcomeOf(error);
      throw error;
    } finally {
      clearTimeout(timer);
      reply.raw.off('close', gone);
      this.options.onQuery?.(outcome, (performance.now() - startedMs) / 1000);
    }
  }
}

function outcomeOf(error: unknown): QueryOutcome {
  if (error instanceof ClientGone) return 'canceled';
  return error instanceof QueryTimeout || error instanceof TooManyQueries || error instanceof LimitExceeded ? 'limited' : 'failed';
}
