import { HeaderTrail } from '@signalbox/journal/header-trail';
import { JournalReader } from '@signalbox/journal/reader';
import type { Exporter, Logger, Processor } from '../component.js';
import type { LoadedConfig } from '../config/loaded.js';
import type { AppendDerived } from '../derive/append.js';
import { ConnectorReader } from '../derive/connector-reader.js';
import { pipelineGraph, type ConnectorPlan, type ReaderPlan, type SamplingPlan } from '../pipeline/graph.js';
import { DecidingReader } from '../sampling/deciding-reader.js';
import { DecisionNews } from '../sampling/following/decision-news.js';
import type { ReadableJournal } from '../sampling/readable-journal.js';
import { SampledJournal } from '../sampling/sampled-journal.js';
import { RateLimitedLog } from '../telemetry/rate-limited.js';
import { createConnector, createExporter, createProcessors, createSampler, loggerOf, type CreationOptions, type NamedProcessor } from './create.js';
import { DeadLetters } from './dead-letters/dead-letters.js';
import { DecodeCache } from './reading/decode-cache.js';
import { forgottenReaders } from './accounting/forgotten.js';
import { pause } from './sending/pause.js';
import { DeliveryReader, startExporter } from './reading/reader.js';

const MEASURE_EVERY_MS = 1000;
const DEFAULT_SHUTDOWN_MS = 5000;
const EXPORTER_SHUTDOWN_MS = 2000;
const JOURNAL_TIMEOUT_MS = 30_000;

export interface DeliveryOptions extends CreationOptions {
  readonly config: LoadedConfig;
  readonly journalDir: string;
  /** How what connectors derive and samplers decide gets into the journal; needed where there are any. */
  readonly append?: AppendDerived;
  /** How often connectors are asked what is due. Default 1000. */
  readonly flushEveryMs?: number;
  /** 0 to 1, for jitter. Default: Math.random. */
  readonly random?: () => number;
}

export interface Delivery {
  /** Names of the readers that run. */
  readonly readers: readonly string[];
  /**
   * Takes over another configuration: readers whose plan is the same run on, and so do the exporters that they share. The others are
   * stopped as by `stop`, or started where their cursors stand.
   * @throws JournalError when a cursor cannot be opened; the readers that could be started run
   */
  reload(config: LoadedConfig): Promise<void>;
  /**
   * Lets attempts under way end within the time (5000 ms unless given), commits, and closes. Nothing is lost: what is not settled
   * stays in the journal.
   */
  stop(withinMs?: number): Promise<void>;
}

/**
 * Starts one reader of the journal for each pair of pipeline and exporter, or connector. They share nothing but the exporter's instance: a dead
 * destination stops its own readers alone.
 * @throws JournalError when there is no journal, or a cursor cannot be opened
 */
export async function startDelivery(options: DeliveryOptions): Promise<Delivery> {
  const delivery = new RunningDelivery(options);
  try {
    await delivery.reload(options.config);
  } catch (error) {
    await delivery.stop(0);
    throw error;
  }
  return delivery;
}

type AnyPlan = ReaderPlan | ConnectorPlan | SamplingPlan;

interface RunningReader {
  readonly plan: AnyPlan;
  readonly reader: DeliveryReader | ConnectorReader | DecidingReader;
  readonly journal: ReadableJournal;
  readonly processors: readonly NamedProcessor[];
}

interface RunningExporter {
  readonly source: string;
  readonly exporter: Exporter;
  readonly started: Promise<void>;
  /** Ends its attempts to start. */
  readonly stopping: AbortController;
  readonly deadLetters: DeadLetters | null;
}

class RunningDelivery implements Delivery {
  readonly #options: DeliveryOptions;
  readonly #cache = new DecodeCache();
  readonly #trail = new HeaderTrail();
  /** By pipeline. */
  readonly #news = new Map<string, DecisionNews>();
  readonly #exporters = new Map<string, RunningExporter>();
  readonly #timer: NodeJS.Timeout;
  #running: readonly RunningReader[] = [];

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#running.forEach(({ reader }) => reader.measure()), MEASURE_EVERY_MS);
    this.#timer.unref();
  }

  get readers(): readonly string[] {
    return this.#running.map(({ plan }) => plan.name);
  }

  async reload(config: LoadedConfig): Promise<void> {
    const { readers, connectors, samplers } = pipelineGraph(config);
    const plans: readonly AnyPlan[] = [...samplers, ...readers, ...connectors];
    const same = (plan: AnyPlan): boolean => this.#running.some((running) => identity(running.plan) === identity(plan));
    const fresh = plans.filter((plan) => !same(plan));
    await this.#end(this.#running.filter((running) => !plans.some((plan) => identity(plan) === identity(running.plan))), DEFAULT_SHUTDOWN_MS);
    await this.#endExporters((id, { source }) => readers.some(({ exporter }) => exporter.id === id && exporter.source === source));
    for (const plan of fresh) this.#running = [...this.#running, await this.#startPlan(plan)];
    await warnOfForgotten({ ...this.#options, config });
  }

  async stop(withinMs = DEFAULT_SHUTDOWN_MS): Promise<void> {
    clearInterval(this.#timer);
    await this.#end(this.#running, withinMs);
    await this.#endExporters(() => false);
  }

  #startPlan(plan: AnyPlan): Promise<RunningReader> {
    if ('exporter' in plan) return this.#startReader(plan);
    return 'connector' in plan ? this.#startConnector(plan) : this.#startSampling(plan);
  }

  async #startSampling(plan: SamplingPlan): Promise<RunningReader> {
    const { append } = this.#options;
    if (!append) throw new Error(`the sampler '${plan.sampler.id}' needs a way to append`);
    const opened = await this.#open(plan);
    const reader = new DecidingReader({ ...this.#options, append, plan, news: this.#newsOf(plan), ...opened, sampler: createSampler(plan.sampler, this.#options, opened.journal.id), logger: loggerOf(this.#options, plan.name) });
    return this.#begin({ plan, reader, ...opened });
  }

  async #startReader(plan: ReaderPlan): Promise<RunningReader> {
    const opened = await this.#open(plan);
    const { exporter, started, deadLetters } = this.#exporterOf(plan, opened.journal.id);
    const reader = new DeliveryReader({ ...this.#options, plan, ...opened, exporter, started, deadLetters, cache: this.#cache, logger: loggerOf(this.#options, plan.name), random: this.#options.random ?? Math.random });
    return this.#begin({ plan, reader, ...opened });
  }

  async #startConnector(plan: ConnectorPlan): Promise<RunningReader> {
    const { append } = this.#options;
    if (!append) throw new Error(`the connector '${plan.connector.id}' needs a way to append`);
    const opened = await this.#open(plan);
    const reader = new ConnectorReader({ ...this.#options, append, plan, ...opened, connector: createConnector(plan.connector, this.#options, opened.journal.id), cache: this.#cache, logger: loggerOf(this.#options, plan.name) });
    return this.#begin({ plan, reader, ...opened });
  }

  /** Each reader reads by itself, so that none waits for another; what they share is what they saw of headers. */
  async #open(plan: AnyPlan): Promise<Pick<RunningReader, 'journal' | 'processors'>> {
    const { processors } = plan;
    const { journalDir, logger, metrics } = this.#options;
    const open = (): Promise<JournalReader> => JournalReader.open(journalDir, { timeoutMs: JOURNAL_TIMEOUT_MS, logger, trail: this.#trail });
    const follows = typeof plan.sampler === 'string' ? plan.sampler : null;
    const journal = follows === null ? await open() : new SampledJournal({ journal: await open(), decisions: await open(), pipelines: [{ ...plan, sampler: follows, news: this.#newsOf(plan) }], logger: loggerOf(this.#options, plan.name), metrics });
    return { journal, processors: createProcessors(processors, this.#options, journal.id) };
  }

  #newsOf({ pipeline }: AnyPlan): DecisionNews {
    const news = this.#news.get(pipeline) ?? new DecisionNews();
    this.#news.set(pipeline, news);
    return news;
  }

  async #begin(running: RunningReader): Promise<RunningReader> {
    try {
      await running.reader.start();
      return running;
    } catch (error) {
      await this.#close(running);
      throw error;
    }
  }

  #exporterOf(plan: ReaderPlan, journalId: string): RunningExporter {
    const known = this.#exporters.get(plan.exporter.id);
    if (known) return known;
    const exporter = createExporter(plan.exporter, this.#options, journalId);
    const log = new RateLimitedLog(loggerOf(this.#options, plan.exporter.id), this.#options.clock);
    const stopping = new AbortController();
    const running = { source: plan.exporter.source, exporter, stopping, started: startExporter(exporter, plan, log, stopping.signal), deadLetters: deadLettersOf(plan, this.#options, journalId, log) };
    this.#exporters.set(plan.exporter.id, running);
    return running;
  }

  async #end(gone: readonly RunningReader[], withinMs: number): Promise<void> {
    await Promise.all(gone.map(({ reader }) => reader.stop(withinMs)));
    this.#running = this.#running.filter((running) => !gone.includes(running));
    await Promise.all(gone.map((running) => this.#close(running)));
  }

  async #close({ journal, processors }: Pick<RunningReader, 'journal' | 'processors'>): Promise<void> {
    await Promise.all(processors.map(({ processor }) => shutdown(processor, this.#options.logger)));
    await journal.close();
  }

  async #endExporters(stays: (id: string, exporter: RunningExporter) => boolean): Promise<void> {
    const gone = [...this.#exporters].filter(([id, exporter]) => !stays(id, exporter));
    for (const [id, { stopping }] of gone) {
      stopping.abort();
      this.#exporters.delete(id);
    }
    await Promise.all(gone.map(([, { exporter }]) => shutdown(exporter, this.#options.logger)));
  }
}

/** Plans with the same identity do the same. */
function identity(plan: AnyPlan): string {
  const { id, source } = 'exporter' in plan ? plan.exporter : 'connector' in plan ? plan.connector : plan.sampler;
  // Who only follows decisions runs on when the policies change.
  return JSON.stringify([plan.name, plan.origins, typeof plan.sampler === 'string' ? plan.sampler : null, plan.processors.map((processor) => [processor.id, processor.source]), id, source]);
}

function deadLettersOf(plan: ReaderPlan, { dataDir, clock }: DeliveryOptions, journalId: string, log: RateLimitedLog): DeadLetters | null {
  const { enabled, max_bytes: maxBytes } = plan.exporter.delivery.dead_letters;
  return enabled ? new DeadLetters({ dataDir, exporter: plan.exporter.id, journalId, maxBytes, clock, log }) : null;
}

async function shutdown(component: Pick<Processor, 'shutdown'>, logger: Logger): Promise<void> {
  const limit = new AbortController();
  try {
    await Promise.race([component.shutdown?.(), pause(EXPORTER_SHUTDOWN_MS, limit.signal)]);
  } catch (error) {
    logger.warn('a component did not close well', { error });
  } finally {
    limit.abort();
  }
}

/** A reader that is not configured any more keeps its place, and with it the journal's segments up to the cap. */
async function warnOfForgotten({ config, journalDir, logger }: DeliveryOptions): Promise<void> {
  for (const reader of await forgottenReaders(config, journalDir)) {
    logger.warn('a reader has a place in the journal and is not configured any more; the journal keeps data for it, up to its cap', { code: 'SBX_DELIVERY_FORGOTTEN', reader });
  }
}
