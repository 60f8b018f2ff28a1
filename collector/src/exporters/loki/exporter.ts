import type { Batch, ComponentContext, Exporter, Outcome } from '../../component.js';
import { HttpClient, type HttpResponse } from '../http/client.js';
import { httpClientSettings } from '../http/config.js';
import { NoAnswer } from '../http/failure.js';
import { causeOf, oneLine, verdictOf, type Verdict } from '../http/verdict.js';
import { OutcomeTally } from '../outcome.js';
import { DEFAULT_TENANT } from '../tenant.js';
import { pushUrl, type LokiConfig } from './config.js';
import { pushEntries, requestsOf, type PushEntry } from './push-entries.js';
import { encodePushRequest } from './push-request.js';
import { ageReason, namedByRefusal, refusalReason } from './refusal.js';

/** Requests that a refused one may be divided into before the rest of it counts as rejected. */
const MAX_DIVISIONS = 200;

/**
 * Pushes log records to Loki. Of a refused request Loki keeps what it finds good without saying what, and it drops what
 * it has already; so a refused request is sent again in halves until what is refused stands alone.
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
    for (const request of requestsOf(entries, this.config.max_request_bytes)) await push.deliver(request);
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

  constructor(private readonly tally: OutcomeTally, private readonly send: (entries: readonly PushEntry[]) => Promise<Answer>) {}

  async deliver(entries: readonly PushEntry[]): Promise<void> {
    if (entries.length === 0) return;
    if (this.tally.retrying) return this.tally.retry(itemsOf(entries), { reason: 'not tried' });
    const { verdict, text } = await this.send(entries);
    if (verdict.kind === 'accepted') return;
    if (verdict.kind === 'retry') return this.tally.retry(itemsOf(entries), verdict.cause);
    const reason = refusalReason(oneLine(text));
    const named = new Set(namedByRefusal(text, entries));
    this.tally.reject(itemsOf([...named]), ageReason(text));
    const rest = entries.filter((entry) => !named.has(entry));
    if (named.size > 0) return this.deliver(rest);
    if (rest.length === 1 || this.divisions >= MAX_DIVISIONS) return this.tally.reject(itemsOf(rest), reason);
    this.divisions += 2;
    const middle = Math.ceil(rest.length / 2);
    await this.deliver(rest.slice(0, middle));
    await this.deliver(rest.slice(middle));
  }
}

function itemsOf(entries: readonly PushEntry[]): number[] {
  return entries.map((entry) => entry.item);
}
