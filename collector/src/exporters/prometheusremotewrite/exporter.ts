import type { Batch, ComponentContext, Exporter, Outcome } from '../../component.js';
import { HttpClient, type HttpResponse } from '../http/client.js';
import { httpClientSettings } from '../http/config.js';
import { NoAnswer } from '../http/failure.js';
import { causeOf, oneLine, verdictOf } from '../http/verdict.js';
import { OutcomeTally, type RetryCause } from '../outcome.js';
import { snappyBlock } from '../snappy.js';
import { DEFAULT_TENANT } from '../tenant.js';
import { UncertainFrames } from '../uncertain.js';
import { collectPoints, type CollectOptions } from './collect-points.js';
import { translateOptions, type PrometheusRemoteWriteConfig } from './config.js';
import { maybeThereAlready, refusalReason, unwritten, writtenOf, type Unwritten } from './refusal.js';
import { LabelMemory } from './label-memory.js';
import type { PointRange } from './points.js';
import { shardedRequests } from './requests.js';
import { encodeV1 } from './write-v1.js';
import { encodeV2 } from './write-v2.js';

type Version = 'v1' | 'v2';

const HEADERS: Readonly<Record<Version, Readonly<Record<string, string>>>> = {
  v1: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy', 'x-prometheus-remote-write-version': '0.1.0' },
  v2: { 'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request', 'content-encoding': 'snappy', 'x-prometheus-remote-write-version': '2.0.0' },
};

/** Requests that a refused one may be divided into before the rest of it counts as rejected. */
const MAX_DIVISIONS = 200;

/**
 * Remote write. A receiver of 2.0 writes what is good in a request and says how much that was; one of 1.0 may take
 * nothing of a request with one bad sample, so that such a request is sent again in halves.
 */
export class PrometheusRemoteWriteExporter implements Exporter {
  /** A series' samples must arrive in order of time, so the batch behind waits until this one is settled. */
  readonly ordered = true;
  readonly wire = true;
  private readonly client: HttpClient;
  private readonly url: URL;
  private version: Version;
  private readonly uncertain = new UncertainFrames();
  private readonly memory: LabelMemory;
  private readonly collecting: CollectOptions;

  constructor(private readonly config: PrometheusRemoteWriteConfig, private readonly context: ComponentContext) {
    this.client = new HttpClient(httpClientSettings(config, 'none', context.clock));
    this.url = new URL(config.endpoint);
    this.version = config.version === 'v1' ? 'v1' : 'v2';
    this.memory = new LabelMemory(config.max_label_memory);
    this.collecting = { translation: translateOptions(config), exemplars: config.send_exemplars, nativeHistograms: config.send_native_histograms };
  }

  async export(batch: Batch, signal: AbortSignal): Promise<Outcome> {
    const { points, dropped } = collectPoints(batch, this.memory.generation(), this.collecting);
    const tally = new OutcomeTally(batch.items);
    for (const { item, reason } of dropped) tally.reject([item], reason);
    const write = new Write(tally, this.uncertain.has(batch), (part) => this.send(batch.tenant, part, signal));
    const shards = shardedRequests(points, this.config.max_request_bytes, this.config.remote_write_queue.num_consumers);
    await Promise.all(shards.map(async (requests) => {
      for (const request of requests) await write.deliver(request);
    }));
    const outcome = tally.outcome();
    this.uncertain.remember(batch, outcome);
    return outcome;
  }

  shutdown(): Promise<void> {
    this.client.close();
    return Promise.resolve();
  }

  private async send(tenant: string, points: PointRange, signal: AbortSignal): Promise<Answer> {
    const { version } = this;
    const body = await snappyBlock(version === 'v2' ? encodeV2(points) : encodeV1(points));
    let response: HttpResponse;
    try {
      response = await this.client.post(this.url, { ...HEADERS[version], ...(tenant === DEFAULT_TENANT ? {} : { 'x-scope-orgid': tenant }) }, body, signal);
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      return { kind: 'retry', cause: causeOf(error) };
    }
    const written = version === 'v2' ? writtenOf(response.headers) : null;
    if (version === 'v2' && this.config.version === 'auto' && speaksOnlyV1(response, written !== null)) {
      this.context.logger.info('destination does not speak remote write 2.0, going back to 1.0', { endpoint: this.url.host, status: response.status });
      this.version = 'v1';
      return this.send(tenant, points, signal);
    }
    const verdict = verdictOf(response, Number(this.context.clock.nowNs() / 1_000_000n));
    if (verdict.kind === 'accepted') return { kind: 'accepted' };
    if (verdict.kind === 'retry') return verdict;
    const text = response.body.toString('utf8');
    return written === null ? { kind: 'refused', reason: refusalReason(oneLine(text)) } : { kind: 'partial', unwritten: unwritten(points, written, text) };
  }
}

/** By the specification 2.0 is refused with 415; old receivers take any protobuf for 1.0, find nothing in it, and do not say what they wrote. */
function speaksOnlyV1(response: HttpResponse, saysWritten: boolean): boolean {
  return response.status === 415 || (response.status >= 200 && response.status < 300 && !saysWritten);
}

type Answer =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'retry'; readonly cause: RetryCause }
  /** All but these points is written. */
  | { readonly kind: 'partial'; readonly unwritten: readonly Unwritten[] }
  | { readonly kind: 'refused'; readonly reason: string };

/** One batch on its way. */
class Write {
  private divisions = 0;

  constructor(private readonly tally: OutcomeTally, private readonly uncertain: boolean, private readonly send: (points: PointRange) => Promise<Answer>) {}

  async deliver(points: PointRange): Promise<void> {
    if (points.length === 0) return;
    if (this.tally.retrying) return this.tally.retry(points.items(), { reason: 'not tried' });
    const answer = await this.send(points);
    switch (answer.kind) {
      case 'accepted':
        return;
      case 'retry':
        return this.tally.retry(points.items(), answer.cause);
      case 'partial':
        for (const { at, reason } of answer.unwritten) this.settle(points.slice(at, at + 1), reason);
        return;
      case 'refused':
        break;
    }
    if (points.length === 1 || this.divisions >= MAX_DIVISIONS) return this.settle(points, answer.reason);
    this.divisions += 2;
    const middle = Math.ceil(points.length / 2);
    await this.deliver(points.slice(0, middle));
    await this.deliver(points.slice(middle));
  }

  /** After an attempt without an answer, what is refused as out of order has in all likelihood been written by it. */
  private settle(points: PointRange, reason: string): void {
    const items = points.items();
    if (!this.uncertain || !maybeThereAlready(reason)) return this.tally.reject(items, reason);
    this.tally.duplicate(items);
  }
}
