import type { Batch, ComponentContext, Exporter, Outcome } from '../../component.js';
import { HttpClient, type HttpResponse } from '../http/client.js';
import { httpClientSettings } from '../http/config.js';
import { NoAnswer } from '../http/failure.js';
import { causeOf, verdictOf } from '../http/verdict.js';
import { OutcomeTally } from '../outcome.js';
import { joinedIn } from '../otlp/request-bytes.js';
import { Scratch } from '../scratch.js';
import { DEFAULT_TENANT } from '../tenant.js';
import { pushUrl, type LokiConfig } from './config.js';
import { LineContexts } from './line-contexts.js';
import { Push, type PushAnswer } from './push.js';
import { PushEncoder } from './push-encoder.js';
import { PushEntries } from './push-entries.js';

/** Pushes log records to Loki, from their bytes in the journal to those of the push. */
export class LokiExporter implements Exporter {
  readonly wire = true;
  private readonly client: HttpClient;
  private readonly url: URL;
  private readonly contexts: LineContexts;
  private readonly encoder: PushEncoder;
  private readonly batches = new Scratch();
  private readonly bodies = new Scratch();

  constructor(private readonly config: LokiConfig, private readonly context: ComponentContext) {
    this.client = new HttpClient(httpClientSettings(config, 'none', context.clock));
    this.url = pushUrl(config);
    this.contexts = new LineContexts({ labels: config.labels, severity: config.severity_label });
    this.encoder = new PushEncoder(this.contexts);
  }

  async export(batch: Batch, signal: AbortSignal): Promise<Outcome> {
    const { max_request_bytes: maxBytes, max_streams_per_request: maxStreams, max_concurrent_requests: maxConcurrent } = this.config;
    const entries = new PushEntries(batch, this.contexts, this.batches);
    const tally = new OutcomeTally(batch.items);
    const push = new Push(entries, tally, async (items) => {
      const encoded = this.encoder.encode(entries, items, maxBytes);
      // Others use the encoder while this is on its way.
      const { piece, bytes: body } = joinedIn(this.bodies, [encoded.body]);
      try {
        return { taken: encoded.taken, answer: await this.send(batch.tenant, body, signal) };
      } finally {
        this.bodies.give(piece);
      }
    });
    const rows = rowsOf(entries.byStream(), maxStreams).values();
    const worker = async (): Promise<void> => {
      for (const row of rows) await push.deliver(row);
    };
    // All of them come to their end, before the next attempt begins.
    const ends = await Promise.allSettled(Array.from({ length: maxConcurrent }, worker));
    entries.release();
    for (const ended of ends) if (ended.status === 'rejected') throw ended.reason;
    push.end();
    return tally.outcome();
  }

  shutdown(): Promise<void> {
    this.client.close();
    return Promise.resolve();
  }

  private async send(tenant: string, body: Uint8Array, signal: AbortSignal): Promise<PushAnswer> {
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

/** Items that go one request after the other: those of so many streams. Requests of different rows are on their way at once, since a stream is in one of them only. */
export function rowsOf(streams: readonly Uint32Array[], maxStreams: number): Uint32Array[] {
  if (maxStreams === 1) return [...streams];
  const rows: Uint32Array[] = [];
  for (let i = 0; i < streams.length; i += maxStreams) rows.push(Uint32Array.from(streams.slice(i, i + maxStreams).flatMap((items) => [...items])));
  return rows;
}
