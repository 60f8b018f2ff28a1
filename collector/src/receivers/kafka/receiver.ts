import type { Consumer, Message, MessagesStream } from '@platformatic/kafka';
import { OtlpError } from '@signalbox/signals/otlp/error';
import type { Signal } from '@signalbox/signals/model/signal';
import type { Receiver, ReceiverContext } from '../../component.js';
import { pause } from '../../delivery/sending/pause.js';
import { BATCH_ID_HEADER, KafkaConnection, TENANT_HEADER } from '../../exporters/kafka/connection.js';
import { BatchIdInvalid, JournalFailed } from '../../intake/errors.js';
import { ReceiverMeter } from '../../intake/receiver-meter.js';
import { RateLimitedLog } from '../../telemetry/rate-limited.js';
import { DEFAULT_TENANT } from '../../exporters/tenant.js';
import { OtlpIngest, scanOptions } from '../otlp/ingest.js';
import { Refusal } from '../requests/refusal.js';
import type { KafkaReceiverConfig } from './config.js';
import { toRequest } from './encoding.js';
import { Progress } from './progress.js';

const COMMIT_EVERY_MS = 200;
const RECONNECT_MS = 2000;
const ROOM_POLL_MS = 20;
const SHUTDOWN_MS = 5000;
const CLOSE_WITHIN_MS = 3000;
const REQUEST_TIMEOUT_MS = 30_000;
const TENANT = /^[A-Za-z0-9!_.*'()-]{1,150}$/;

type Messages = MessagesStream<Buffer, Buffer, Buffer, Buffer>;

/**
 * OTLP, and what else messages hold, out of Kafka, as a member of a consumer group. Offsets are committed behind messages that are on disk, so that what
 * was not when the process ended comes again, to it or to another of the group. What cannot be read is counted and passed over.
 */
export class KafkaReceiver implements Receiver {
  readonly #config: KafkaReceiverConfig;
  readonly #context: ReceiverContext;
  readonly #connection: KafkaConnection;
  readonly #ingest: OtlpIngest;
  readonly #meter: ReceiverMeter;
  readonly #log: RateLimitedLog;
  readonly #signals: ReadonlyMap<string, Signal>;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(config: KafkaReceiverConfig, context: ReceiverContext) {
    this.#config = config;
    this.#context = context;
    this.#connection = new KafkaConnection(config, () => context.clock.monotonicMs());
    this.#ingest = new OtlpIngest(context.intake, scanOptions(config));
    this.#meter = new ReceiverMeter(context.metrics, context.id, 'kafka');
    this.#log = new RateLimitedLog(context.logger, context.clock);
    this.#signals = new Map(context.signals.flatMap((signal) => (config[signal].topics ?? [config[signal].topic]).map((topic) => [topic, signal] as const)));
  }

  /** Settles at once: brokers that are not there at the start are no different from later. */
  start(): Promise<void> {
    this.#running = this.#run();
    return Promise.resolve();
  }

  async shutdown(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  endpoints(): readonly { readonly protocol: string; readonly address: string }[] {
    return [];
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        await this.#consume();
      } catch (error) {
        this.#log.warn('consume', 'messages cannot be read from Kafka; it is tried again', { code: 'SBX_KAFKA_CONSUME', brokers: this.#config.brokers, error: error instanceof Error ? error.message : String(error) });
      }
      await pause(RECONNECT_MS, this.#stop.signal);
    }
  }

  /** One membership in the group, until it fails or is stopped. */
  async #consume(): Promise<void> {
    const { Consumer } = await import('@platformatic/kafka');
    const { group_id, session_timeout, heartbeat_interval, initial_offset } = this.#config;
    const consumer: Consumer = new Consumer({
      ...this.#connection.options(this.#connection.tlsOptions()), groupId: group_id, sessionTimeout: session_timeout, heartbeatInterval: heartbeat_interval, rebalanceTimeout: Math.max(60_000, session_timeout),
      timeout: REQUEST_TIMEOUT_MS, retries: 3, retryDelay: 500, autocreateTopics: true,
    });
    const onStop = (stream: Messages) => (): void => stream.close(() => undefined);
    let close: (() => void) | null = null;
    try {
      const stream = await consumer.consume({ topics: [...this.#signals.keys()], autocommit: false, mode: 'committed', fallbackMode: initial_offset, maxWaitTime: 500 });
      close = onStop(stream);
      this.#stop.signal.addEventListener('abort', close, { once: true });
      if (this.#stop.signal.aborted) close();
      await this.#drain(stream);
    } finally {
      if (close !== null) this.#stop.signal.removeEventListener('abort', close);
      // A client that is between connections may never settle.
      await Promise.race([new Promise<void>((resolve) => consumer.close(true, () => resolve())), pause(CLOSE_WITHIN_MS)]);
    }
  }

  async #drain(stream: Messages): Promise<void> {
    const progress = new Progress<Message>();
    let committing: Promise<void> = Promise.resolve();
    const commit = (): Promise<void> => (committing = committing.then(() => this.#commit(progress)));
    const timer = setInterval(() => void commit(), COMMIT_EVERY_MS);
    try {
      for await (const message of stream) {
        while (progress.size >= this.#config.max_in_flight && !this.#stop.signal.aborted) await pause(ROOM_POLL_MS, this.#stop.signal);
        if (this.#stop.signal.aborted) break;
        const settled = progress.begin(message);
        void this.#take(message).then((done) => done && settled());
      }
    } finally {
      clearInterval(timer);
      const limit = this.#context.clock.monotonicMs() + SHUTDOWN_MS;
      while (progress.size > 0 && this.#context.clock.monotonicMs() < limit) await pause(ROOM_POLL_MS);
      await commit();
    }
  }

  async #commit(progress: Progress<Message>): Promise<void> {
    for (const message of progress.take()) {
      try {
        await message.commit();
      } catch (error) {
        // The partition may be another's by now; what is not committed comes again, and is known by its batch id.
        this.#log.warn('commit', 'an offset could not be committed; messages behind it come again', { code: 'SBX_KAFKA_COMMIT', topic: message.topic, partition: message.partition, error: error instanceof Error ? error.message : String(error) });
      }
    }
  }

  /** Whether the message is done with: on disk, or of no use. Waits as long as the journal or the budget have no room. Never rejects. */
  async #take(message: Message): Promise<boolean> {
    const signal = this.#signals.get(message.topic);
    const { value } = message as { readonly value: Buffer | null | undefined };
    if (signal === undefined || value === null || value === undefined) return true;
    if (value.length > this.#config.max_message_bytes) return this.#refuse(message, 'too_large', `a message of ${value.length} bytes is more than max_message_bytes`);
    const header = (name: string): string | undefined => [...message.headers].find(([key]) => key.toString() === name)?.[1]?.toString();
    const tenant = header(TENANT_HEADER) ?? DEFAULT_TENANT;
    if (!TENANT.test(tenant)) return this.#refuse(message, 'forbidden', 'the header x-scope-orgid is not a tenant\'s name');
    const batchId = header(BATCH_ID_HEADER) ?? `kafka ${message.topic} ${message.partition} ${message.offset}`.replaceAll(' ', ':');
    const { intake } = this.#context;
    while (!this.#stop.signal.aborted) {
      if (!intake.take(value.length)) {
        await pause(intake.retryAfterMs, this.#stop.signal);
        continue;
      }
      try {
        const times = { timeNs: message.timestamp * 1_000_000n, observedNs: this.#context.clock.nowNs() };
        await this.#ingest.accept(signal, tenant, toRequest(signal, this.#config[signal].encoding, value, this.#config.limits.max_items, times), batchId, this.#meter);
        return true;
      } catch (error) {
        if (error instanceof OtlpError || error instanceof BatchIdInvalid || (error instanceof Refusal && error.reason === 'malformed')) return this.#refuse(message, 'malformed', error.message);
        const waitMs = error instanceof JournalFailed ? error.retryAfterMs : RECONNECT_MS;
        this.#log.error('journal', 'a message could not be appended to the journal; it is tried again', { code: 'SBX_KAFKA_JOURNAL', error: error instanceof Error ? error.message : String(error) });
        await pause(waitMs, this.#stop.signal);
      } finally {
        intake.give(value.length);
      }
    }
    return false;
  }

  #refuse(message: Message, reason: 'too_large' | 'malformed' | 'forbidden', text: string): true {
    this.#meter.refusedRequest(reason);
    this.#log.warn(`refused ${reason}`, 'a message of Kafka is of no use and is passed over', { code: 'SBX_KAFKA_MESSAGE', topic: message.topic, partition: message.partition, offset: String(message.offset), reason: text });
    return true;
  }
}
