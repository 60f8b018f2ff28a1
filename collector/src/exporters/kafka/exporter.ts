import { createHash } from 'node:crypto';
import type { MessageToProduce, Producer } from '@platformatic/kafka';
import type { Batch, ComponentContext, Exporter, Outcome } from '../../component.js';
import { networkMessage } from '../http/failure.js';
import type { TlsOptions } from '../http/tls.js';
import { OutcomeTally } from '../outcome.js';
import type { KafkaConfig } from './config.js';
import { BATCH_ID_HEADER, KafkaConnection, TENANT_HEADER } from './connection.js';
import { kafkaFailure, type KafkaFailure } from './failure.js';
import { halves, kafkaMessages, type KafkaMessage } from './messages.js';

const ACKS_ALL = -1;
/** The pipeline's own deadline is usually shorter; the client's must not be missing. */
const REQUEST_TIMEOUT_MS = 60_000;
const MESSAGE_OVERHEAD_BYTES = 256;

/**
 * Produces OTLP protobuf to Kafka: acknowledged by all replicas in sync, spans of a trace and metrics of a resource under one key,
 * so that each keeps its order. A message names its items in a header, by which a receiver of ours stores it once.
 */
export class KafkaExporter implements Exporter {
  private readonly connection: KafkaConnection;
  private current: { readonly tls: TlsOptions | null; readonly producer: Producer } | null = null;

  constructor(private readonly config: KafkaConfig, private readonly context: ComponentContext) {
    this.connection = new KafkaConnection(config, () => context.clock.monotonicMs());
  }

  async export(batch: Batch, signal: AbortSignal): Promise<Outcome> {
    const tally = new OutcomeTally(batch.items);
    for (const request of requestsOf(kafkaMessages(batch), this.config.producer.max_message_bytes)) await this.deliver(batch, request, tally, signal);
    return tally.outcome();
  }

  async shutdown(): Promise<void> {
    await this.current?.producer.close();
    this.current = null;
  }

  private async deliver(batch: Batch, messages: readonly KafkaMessage[], tally: OutcomeTally, signal: AbortSignal): Promise<void> {
    const items = messages.flatMap((message) => message.items);
    if (tally.retrying) return tally.retry(items, { reason: 'not tried' });
    const failure = await this.send(batch, messages, signal);
    if (failure === null) return;
    if (failure.kind === 'retry') return tally.retry(items, failure.cause);
    const [only] = messages;
    if (messages.length > 1) {
      const middle = Math.ceil(messages.length / 2);
      await this.deliver(batch, messages.slice(0, middle), tally, signal);
      return this.deliver(batch, messages.slice(middle), tally, signal);
    }
    if (only !== undefined && only.items.length > 1) {
      for (const half of halves(batch, only)) await this.deliver(batch, [half], tally, signal);
      return;
    }
    tally.reject(items, failure.kind === 'refused' ? failure.reason : `message_too_large: one item of ${only?.value.length ?? 0} bytes is more than the brokers take (message.max.bytes)`);
  }

  /** Null where it is written. Never rejects for what is expected of a network. */
  private async send(batch: Batch, messages: readonly KafkaMessage[], signal: AbortSignal): Promise<KafkaFailure | null> {
    const { topic } = this.config[batch.signal];
    let producer: Producer;
    try {
      producer = await this.producer();
    } catch (error) {
      return { kind: 'retry', cause: { reason: networkMessage(error) } };
    }
    const gone = new Promise<KafkaFailure>((resolve) => {
      const onAbort = (): void => resolve({ kind: 'retry', cause: { reason: 'no answer in time', unknown: true } });
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
    });
    const sent = producer.send({ messages: messages.map((message) => this.produced(batch, topic, message)), acks: ACKS_ALL, compression: this.config.producer.compression }).then(() => null, (error: unknown) => kafkaFailure(error, messages.length));
    const answer = await Promise.race([sent, gone]);
    // A connection that does not answer may be dead without knowing it, and leaders may have changed.
    if (answer?.kind === 'retry') this.forget(producer);
    return answer;
  }

  private produced(batch: Batch, topic: string, { key, value, items }: KafkaMessage): MessageToProduce {
    const headers = new Map([[Buffer.from(BATCH_ID_HEADER), Buffer.from(this.batchId(batch, items))], [Buffer.from(TENANT_HEADER), Buffer.from(batch.tenant)]]);
    return { topic, ...(key === null ? {} : { key: Buffer.from(key) }), value: Buffer.from(value.buffer, value.byteOffset, value.byteLength), headers };
  }

  /** The same for every attempt with the same items. */
  private batchId({ parts }: Batch, items: readonly number[]): string {
    const hash = createHash('sha256').update(this.context.journalId);
    let first = 0;
    let at = 0;
    for (const { position, ordinals, items: count } of parts) {
      for (let item = items[at]; item !== undefined && item < first + count; item = items[++at]) hash.update(` ${position}:${ordinals[item - first] ?? 0}`);
      first += count;
    }
    return hash.digest('base64url');
  }

  /** The package is loaded when first needed. */
  private async producer(): Promise<Producer> {
    const tls = this.connection.tlsOptions();
    if (this.current === null || this.current.tls !== tls) {
      if (this.current !== null) this.forget(this.current.producer);
      const { Producer } = await import('@platformatic/kafka');
      // The client would repeat whole requests of which a part was written; the pipeline does it too, and counts it.
      const options = { ...this.connection.options(tls), timeout: REQUEST_TIMEOUT_MS, retries: 0, repeatOnStaleMetadata: false, autocreateTopics: this.config.allow_auto_topic_creation };
      this.current = { tls, producer: new Producer(options) };
    }
    return this.current.producer;
  }

  private forget(producer: Producer): void {
    if (this.current?.producer === producer) this.current = null;
    producer.close().catch(() => undefined);
  }
}

/** Runs of messages of at most so many bytes; a larger message is a run of its own. */
function* requestsOf(messages: readonly KafkaMessage[], maxBytes: number): Generator<readonly KafkaMessage[]> {
  let from = 0;
  let bytes = 0;
  for (const [i, { value }] of messages.entries()) {
    const size = value.length + MESSAGE_OVERHEAD_BYTES;
    if (i > from && bytes + size > maxBytes) {
      yield messages.slice(from, i);
      from = i;
      bytes = 0;
    }
    bytes += size;
  }
  if (from < messages.length) yield messages.slice(from);
}
