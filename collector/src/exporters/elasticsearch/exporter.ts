import type { Signal } from '@signalbox/signals/model/signal';
import type { Batch, ComponentContext, Exporter, Outcome } from '../../component.js';
import { OutcomeTally } from '../outcome.js';
import { Scratch } from '../scratch.js';
import { UncertainFrames } from '../uncertain.js';
import { BulkBodies } from './requests/body.js';
import { bulkCreate, requestsOf } from './requests/bulk.js';
import { ElasticClient, failureOf } from './requests/client.js';
import type { ElasticsearchConfig } from './config.js';
import { dataStreamName, OTEL_SUFFIX, streamText } from './streams/data-stream.js';
import { DocumentIds } from './documents/document-id.js';
import { DocumentWriter, type MadeDocuments } from './documents/document.js';
import { Documents, type Selection } from './documents/documents.js';
import { Repeats } from './deflate/repeats.js';
import { PhraseRuns } from './json/phrase-runs.js';
import { Sending } from './sending.js';
import { prepareStreams, TemplateRefused, type StreamShape } from './templates/install-templates.js';
import { logDocuments } from './documents/log-documents.js';
import { findStored } from './requests/lookup.js';
import { metricDocuments } from './documents/metric-documents.js';
import { Router } from './streams/routing.js';
import { spanDocuments } from './documents/span-documents.js';
import { WireLogs } from './documents/wire-logs.js';

const MIN_BODY_BYTES = 64 * 1024;
const TENANT_OF_TEMPLATES = 'default';
/** Data may name as many as it likes; refreshing once more costs little. */
const MAX_REFRESHED = 10_000;
/** Events of spans are documents among the logs. */
const STREAMS_OF: Readonly<Record<Signal, readonly Signal[]>> = { traces: ['traces', 'logs'], logs: ['logs'], metrics: ['metrics'] };

/**
 * Bulk-creates documents in Elasticsearch's data streams. A document's id is its item's, so that none is stored twice:
 * within a backing index `create` sees to it; where an earlier attempt may have stored it in another one (one of unknown
 * outcome, or of a process that ended before this one began), the ids are looked up first.
 */
export class ElasticsearchExporter implements Exporter {
  /** Log records become documents without becoming objects in between. */
  readonly wire: boolean;
  private readonly client: ElasticClient;
  private readonly ids: DocumentIds;
  private wireLogs = new WireLogs();
  private readonly uncertain = new UncertainFrames();
  /** What was received before may have been sent by a process before this one. */
  private readonly beganNs: bigint;
  /** Indices that a search shows all of that was there when this process began. */
  private readonly refreshed = new Set<string>();
  private readonly shapes = new Map<Signal, StreamShape>();
  /** What the next batch's documents are expected to take. */
  private bodyBytes = MIN_BODY_BYTES;
  private readonly scratch = new Scratch();
  /** Their memory is used again. */
  private kept: { readonly repeats: Repeats; readonly documents: Documents } | null = null;
  private readonly runs = new PhraseRuns();
  private readonly bodies: BulkBodies;

  constructor(private readonly config: ElasticsearchConfig, private readonly context: ComponentContext) {
    this.wire = config.mapping.mode === 'otel';
    this.client = new ElasticClient(config, () => context.clock.monotonicMs());
    this.ids = new DocumentIds(context.journalId);
    this.beganNs = context.clock.nowNs();
    this.bodies = new BulkBodies(config.compression === 'gzip' ? config.compression_params.level : null);
  }

  async export(batch: Batch, signal: AbortSignal): Promise<Outcome> {
    const tally = new OutcomeTally(batch.items);
    const written = await this.deliver(batch, tally, signal);
    const outcome = tally.outcome();
    const isPartly = outcome.kind === 'retryable' ? written.size > 0 : outcome.retry.items.some((item) => written.has(item));
    this.uncertain.remember(batch, outcome, isPartly);
    return outcome;
  }

  shutdown(): Promise<void> {
    return this.client.close();
  }

  /** Answers the items of which some document is there now; where everything is, none, since none is sent again. */
  private async deliver(batch: Batch, tally: OutcomeTally, signal: AbortSignal): Promise<ReadonlySet<number>> {
    let shape: StreamShape;
    try {
      shape = await this.prepared(batch.signal, signal);
    } catch (error) {
      // Nothing of the batch was sent; but an earlier attempt stays as uncertain as it was.
      const everything = Array.from({ length: batch.items }, (_, item) => item);
      tally.retry(everything, { reason: `preparing index templates: ${reasonOf(error)}`, ...(this.uncertain.has(batch) ? { unknown: true } : {}) });
      return NONE;
    }
    const kept = this.kept ?? { repeats: new Repeats(), documents: new Documents() };
    this.kept = null;
    const writer = new DocumentWriter(this.scratch.take(this.bodyBytes), kept.repeats, this.runs, kept.documents);
    try {
      return await this.write(batch, shape, writer, tally, signal);
    } finally {
      kept.repeats.clear();
      kept.documents.clear();
      this.kept = kept;
      // Without compression the connection may still read it.
      if (this.config.compression === 'gzip') this.scratch.give(writer.out.memory);
    }
  }

  private async write(batch: Batch, shape: StreamShape, writer: DocumentWriter, tally: OutcomeTally, signal: AbortSignal): Promise<ReadonlySet<number>> {
    const { documents, dropped } = this.documentsOf(batch, shape, writer);
    for (const { item, reason } of dropped) tally.reject([item], reason);
    const stored = await this.stored(batch, documents, tally, signal);
    if (stored === null) return NONE;
    const { repeats } = writer.out;
    const sending = new Sending(tally, documents, stored, async (some) => {
      const body = await this.bodies.of(documents, some, repeats);
      const answer = await bulkCreate(await this.client.get(), documents, some, body, signal);
      // Of any other answer it is not known whether the connection still reads what it was given.
      if (answer.kind === 'created') this.bodies.giveBack(body);
      return answer;
    });
    const all = documents.all();
    const fresh = stored.size === 0 ? all : all.filter((document) => !stored.has(document));
    for (const request of requestsOf(documents, fresh, this.config.max_request_bytes)) await sending.deliver(request);
    return sending.finish();
  }

  /** Templates in place and what they make of the data streams; asked once, and again as long as it fails. */
  private async prepared(signal: Signal, abort: AbortSignal): Promise<StreamShape> {
    for (const each of STREAMS_OF[signal]) {
      if (this.shapes.has(each)) continue;
      const stream = streamText(dataStreamName(each, this.config.mapping.mode === 'otel' ? this.config.dataset + OTEL_SUFFIX : this.config.dataset, TENANT_OF_TEMPLATES));
      this.shapes.set(each, await prepareStreams(await this.client.get(), each, stream, this.config, this.context.logger, abort));
    }
    return this.shapes.get(signal) ?? { timeSeries: false, rules: new Set() };
  }

  private documentsOf(batch: Batch, shape: StreamShape, writer: DocumentWriter): MadeDocuments {
    const router = new Router(this.config, batch.tenant);
    const { mode } = this.config.mapping;
    switch (batch.signal) {
      case 'traces':
        spanDocuments(batch, router, this.ids, mode, writer);
        break;
      case 'logs':
        if (this.wireLogs.isFull) this.wireLogs = new WireLogs();
        logDocuments(batch, router, this.ids, mode, this.wireLogs, writer);
        break;
      case 'metrics':
        metricDocuments(batch, router, this.ids, { ownIds: !shape.timeSeries, rules: shape.rules, mode }, writer);
    }
    const made = writer.all();
    // Batches mostly are about as large as the one before.
    this.bodyBytes = Math.max(MIN_BODY_BYTES, Math.ceil(made.documents.body.length * 1.1));
    return made;
  }

  /** Documents that are there already. Null where it could not be found out; the tally has been told then. */
  private async stored(batch: Batch, documents: Documents, tally: OutcomeTally, signal: AbortSignal): Promise<ReadonlySet<number> | null> {
    const uncertain = this.uncertain.has(batch);
    if (!uncertain && batch.parts.every(({ receivedNs }) => receivedNs >= this.beganNs)) return NONE;
    const all = documents.all();
    const asked: Selection = all.filter((document) => documents.hasId(document));
    if (asked.length === 0) return NONE;
    const answer = await findStored(await this.client.get(), documents, asked, (index) => uncertain || !this.refreshed.has(index), signal);
    switch (answer.kind) {
      case 'retry':
        tally.retry(documents.itemsOf(all), answer.cause);
        return null;
      case 'refused':
        tally.retry(documents.itemsOf(all), { reason: answer.reason, unknown: true });
        return null;
      case 'found':
        if (this.refreshed.size > MAX_REFRESHED) this.refreshed.clear();
        for (const document of asked) this.refreshed.add(documents.index(document));
        return answer.stored;
    }
  }
}

const NONE: ReadonlySet<number> = new Set();

function reasonOf(error: unknown): string {
  if (error instanceof TemplateRefused) return error.message;
  const failure = failureOf(error);
  return failure.kind === 'retry' ? failure.cause.reason : failure.reason;
}
