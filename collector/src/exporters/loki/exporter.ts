import type { Batch, ComponentContext, Exporter, Outcome } from '../../component.js';
import { HttpClient, type HttpResponse } from '../http/client.js';
import { httpClientSettings } from '../http/config.js';
import { NoAnswer } from '../http/failure.js';
import { causeOf, oneLine, verdictOf, type Verdict } from '../http/verdict.js';
import { OutcomeTally, type RetryCause } from '../outcome.js';
import { DEFAULT_TENANT } from '../tenant.js';
import { pushUrl, type LokiConfig } from './config.js';
import { pushEntries, requestsOf, rowsOf, type PushEntry } from './push-entries.js';
import { encodePushRequest } from './push-request.js';
import { limitOf, type Limit } from './limits.js';
import { ageReason, namedByRefusal, refusalReason } from './refusal.js';

/** Requests that a refused one may be divided into before the rest of it counts as rejected. */
const MAX_DIVISIONS = 200;

/**
 * Pushes log records to Loki. Of a refused request Loki keeps what it finds good without saying what, and it drops what
 * it has already; so a refused request is sent again in halves until what is refused stands alone. Its ingesters answer for the
 * last stream of a request alone (loki, pkg/ingester/instance.go, Push): one before it may be lost with 204, so streams go apart.
 */
export class LokiExporter implements Exporter {
  private readonly client: HttpClient;
  private readonly url: URL;

  constructor(private readonly config: LokiConfig, private readonly context: ComponentContext) {
    this.client = new HttpClient(httpClientSettings(config, 'none', context.clock));
    this.url = pushUrl(config);
  }

  async export(batch: Batch, signal: AbortSignal): Promise<Outcome> {
    const entries = pushEntries(batch, { labels: this.config.labels, severity: this.config.severity_label });
    const tally = new OutcomeTally(batch.items);
    const push = new Push(tally, (part) => this.send(batch.tenant, part, signal));
    const { max_request_bytes: maxBytes, max_streams_per_request: maxStreams, max_concurrent_requests: maxConcurrent } = this.config;
    const rows = rowsOf(requestsOf(entries, maxBytes, maxStreams)).values();
    const worker = async (): Promise<void> => {
      for (const row of rows) for (const request of row) await push.deliver(request);
    };
    await Promise.all(Array.from({ length: maxConcurrent }, worker));
    push.end();
    return tally.outcome();
  }

  shutdown(): Promise<void> {
    this.client.close();
    return Promise.resolve();
  }

  private async send(tenant: string, entries: readonly PushEntry[], signal: AbortSignal): Promise<Answer> {
    const body = await encodePushRequest(entries);
    const headers = { 'content-type': 'application/x-protobuf', ...(tenant === DEFAULT_TENANT ? {} : { 'x-scope-orgid': tenant }) };
    let response: HttpResponse;
    try {
      response = await this.client.post(this.url, headers, body, signal);
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      return { verdict: { kind: 'retry', cause: causeOf(error) }, text: error.message };
    }
    return { verdict: verdictOf(response, Number(this.context.clock.nowNs() / 1_000_000n)), text: response.body.toString('utf8') };
  }
}

interface Answer {
  readonly verdict: Verdict;
  readonly text: string;
}

/** One batch on its way. */
class Push {
  private divisions = 0;
  /** Streams that are to be left alone for now, and their entries. */
  private readonly limited = new Map<string, { readonly cause: RetryCause; readonly entries: PushEntry[] }>();

  constructor(private readonly tally: OutcomeTally, private readonly send: (entries: readonly PushEntry[]) => Promise<Answer>) {}

  async deliver(all: readonly PushEntry[]): Promise<void> {
    const entries = this.limited.size === 0 ? all : all.filter((entry) => !this.held(entry));
    if (entries.length === 0) return;
    if (this.tally.retrying) return this.tally.retry(itemsOf(entries), { reason: 'not tried' });
    const { verdict, text } = await this.send(entries);
    if (verdict.kind === 'accepted') return;
    if (verdict.kind === 'refused') return this.refused(entries, text);
    const limit = limitOf(text, entries);
    return limit === null ? this.tally.retry(itemsOf(entries), verdict.cause) : this.over(limit, entries, text, verdict.cause);
  }

  /** What is held back for the limits of its stream is to be sent again. */
  end(): void {
    for (const { cause, entries } of this.limited.values()) this.tally.retry(itemsOf(entries), cause);
  }

  private async refused(entries: readonly PushEntry[], text: string): Promise<void> {
    const reason = refusalReason(oneLine(text));
    const named = new Set(namedByRefusal(text, entries));
    this.tally.reject(itemsOf([...named]), ageReason(text));
    const rest = entries.filter((entry) => !named.has(entry));
    if (named.size > 0) return this.deliver(rest);
    if (rest.length === 1 || this.divisions >= MAX_DIVISIONS) return this.tally.reject(itemsOf(rest), reason);
    return this.inHalves(rest);
  }

  private async over(limit: Limit, entries: readonly PushEntry[], text: string, cause: RetryCause): Promise<void> {
    // Beyond its limits Loki keeps nothing of a request or all but some streams, and it does not take an entry twice.
    if (this.divisions >= MAX_DIVISIONS) return this.tally.retry(itemsOf(entries), cause);
    const { streams } = limit;
    switch (limit.kind) {
      case 'burst': {
        this.divisions++;
        const middle = Math.ceil(entries.length / 2);
        await this.deliver(entries.slice(0, middle));
        return this.tally.retry(itemsOf(entries.slice(middle)), cause);
      }
      case 'streams':
        if (streams.size === 0) return entries.length === 1 ? this.tally.reject(itemsOf(entries), refusalReason(oneLine(text))) : this.inHalves(entries);
        this.tally.reject(itemsOf(entries.filter(({ stream }) => streams.has(stream))), refusalReason(oneLine(text)));
        break;
      case 'stream-rate': {
        const named = entries.filter(({ stream }) => streams.has(stream));
        const now = limit.tooMuch ? Math.ceil(named.length / 2) : 0;
        if (now > 0) {
          this.divisions++;
          await this.deliver(named.slice(0, now));
        }
        for (const stream of streams) if (!this.limited.has(stream)) this.limited.set(stream, { cause, entries: [] });
        for (const entry of named.slice(now)) this.held(entry);
      }
    }
    this.divisions++;
    return this.deliver(entries.filter(({ stream }) => !streams.has(stream)));
  }

  /** Whether the entry's stream is left alone; it comes behind those that wait already then. */
  private held(entry: PushEntry): boolean {
    const limited = this.limited.get(entry.stream);
    limited?.entries.push(entry);
    return limited !== undefined;
  }

  private async inHalves(entries: readonly PushEntry[]): Promise<void> {
    this.divisions += 2;
    const middle = Math.ceil(entries.length / 2);
    await this.deliver(entries.slice(0, middle));
    await this.deliver(entries.slice(middle));
  }
}

function itemsOf(entries: readonly PushEntry[]): number[] {
  return entries.map((entry) => entry.item);
}
