import { Cursor } from '@signalbox/journal/cursor';
import { JournalReader } from '@signalbox/journal/reader';
import type { Clock, Exporter, Logger, Metrics, Processor, Registry } from '../component.js';
import type { LoadedConfig } from '../config/loaded.js';
import { pipelineGraph, type ReaderPlan } from '../pipeline/graph.js';
import { RateLimitedLog } from '../telemetry/rate-limited.js';
import { DeadLetters } from './dead-letters.js';
import { DecodeCache } from './decode-cache.js';
import { pause } from './pause.js';
import { DeliveryReader, startExporter } from './reader.js';

const MEASURE_EVERY_MS = 1000;
const DEFAULT_SHUTDOWN_MS = 5000;
const EXPORTER_SHUTDOWN_MS = 2000;
const JOURNAL_TIMEOUT_MS = 30_000;

export interface DeliveryOptions {
  readonly config: LoadedConfig;
  readonly registry: Registry;
  readonly journalDir: string;
  readonly dataDir: string;
  readonly logger: Logger & { child?(name: string): Logger };
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** 0 to 1, for jitter. Default: Math.random. */
  readonly random?: () => number;
}

export interface Delivery {
  /** Names of the readers that run. */
  readonly readers: readonly string[];
  /**
   * Lets attempts under way end within the time (5000 ms unless given), commits, and closes. Nothing is lost: what is not settled
   * stays in the journal.
   */
  stop(withinMs?: number): Promise<void>;
}

/**
 * Starts one reader of the journal for each pair of pipeline and exporter. They share nothing but the exporter's instance: a dead
 * destination stops its own readers alone.
 * @throws JournalError when there is no journal, or a cursor cannot be opened
 */
export async function startDelivery(options: DeliveryOptions): Promise<Delivery> {
  const { readers: plans } = pipelineGraph(options.config);
  const stopping = new AbortController();
  const journals: JournalReader[] = [];
  const readers: DeliveryReader[] = [];
  const exporters = new Map<string, { readonly exporter: Exporter; readonly started: Promise<void>; readonly deadLetters: DeadLetters | null }>();
  const cache = new DecodeCache();

  const close = async (withinMs: number): Promise<void> => {
    stopping.abort();
    await Promise.all(readers.map((reader) => reader.stop(withinMs)));
    await Promise.all([...exporters.values()].map(({ exporter }) => shutdown(exporter, options.logger)));
    await Promise.all(journals.map((journal) => journal.close()));
  };

  try {
    for (const plan of plans) {
      const journal = await JournalReader.open(options.journalDir, { timeoutMs: JOURNAL_TIMEOUT_MS, logger: options.logger });
      journals.push(journal);
      let running = exporters.get(plan.exporter.id);
      if (!running) {
        const exporter = createExporter(plan, options, journal.id);
        const log = new RateLimitedLog(loggerOf(options, plan.exporter.id), options.clock);
        exporters.set(plan.exporter.id, (running = { exporter, started: startExporter(exporter, plan, log, stopping.signal), deadLetters: deadLettersOf(plan, options, journal.id, log) }));
      }
      const reader = new DeliveryReader({ ...options, plan, journal, ...running, processors: createProcessors(plan, options, journal.id), cache, logger: loggerOf(options, plan.name), random: options.random ?? Math.random });
      await reader.start();
      readers.push(reader);
    }
    await warnOfForgotten(plans, options);
  } catch (error) {
    await close(0);
    throw error;
  }
  const timer = setInterval(() => readers.forEach((reader) => reader.measure()), MEASURE_EVERY_MS);
  timer.unref();

  return {
    readers: plans.map((plan) => plan.name),
    async stop(withinMs = DEFAULT_SHUTDOWN_MS) {
      clearInterval(timer);
      await close(withinMs);
    },
  };
}

function createExporter(plan: ReaderPlan, options: DeliveryOptions, journalId: string): Exporter {
  const { id, type, config } = plan.exporter;
  const factory = options.registry.exporters.find((candidate) => candidate.type === type);
  if (!factory) throw new Error(`the registry has no exporter of the type '${type}'`);
  return factory.create(config, { id, logger: loggerOf(options, id), clock: options.clock, metrics: options.metrics, dataDir: options.dataDir, journalId });
}

function deadLettersOf(plan: ReaderPlan, { dataDir, clock }: DeliveryOptions, journalId: string, log: RateLimitedLog): DeadLetters | null {
  const { enabled, max_bytes: maxBytes } = plan.exporter.delivery.dead_letters;
  return enabled ? new DeadLetters({ dataDir, exporter: plan.exporter.id, journalId, maxBytes, clock, log }) : null;
}

function createProcessors(plan: ReaderPlan, options: DeliveryOptions, journalId: string): readonly { readonly id: string; readonly processor: Processor }[] {
  return plan.processors.map(({ id, type, config }) => {
    const factory = options.registry.processors.find((candidate) => candidate.type === type);
    if (!factory) throw new Error(`the registry has no processor of the type '${type}'`);
    return { id, processor: factory.create(config, { id, logger: loggerOf(options, id), clock: options.clock, metrics: options.metrics, dataDir: options.dataDir, journalId }) };
  });
}

function loggerOf({ logger }: DeliveryOptions, name: string): Logger {
  return logger.child?.(name) ?? logger;
}

async function shutdown(exporter: Exporter, logger: Logger): Promise<void> {
  const limit = new AbortController();
  try {
    await Promise.race([exporter.shutdown(), pause(EXPORTER_SHUTDOWN_MS, limit.signal)]);
  } catch (error) {
    logger.warn('an exporter did not close well', { error });
  } finally {
    limit.abort();
  }
}

/** A reader that is not configured any more keeps its place, and with it the journal's segments up to the cap. */
async function warnOfForgotten(plans: readonly ReaderPlan[], { journalDir, logger }: DeliveryOptions): Promise<void> {
  for (const reader of await Cursor.list(journalDir)) {
    if (reader.includes('→') && !plans.some((plan) => plan.name === reader)) {
      logger.warn('a reader has a place in the journal and is not configured any more; the journal keeps data for it, up to its cap', { code: 'SBX_DELIVERY_FORGOTTEN', reader });
    }
  }
}
