import { JournalReader } from '@signalbox/journal/reader';
import type { Exporter, Logger, Processor } from '../component.js';
import type { LoadedConfig } from '../config/loaded.js';
import type { AppendDerived } from '../derive/append.js';
import { ConnectorReader } from '../derive/connector-reader.js';
import { pipelineGraph, type JournalReaderPlan, type ReaderPlan } from '../pipeline/graph.js';
import { RateLimitedLog } from '../telemetry/rate-limited.js';
import { createConnector, createExporter, createProcessors, loggerOf, type CreationOptions, type NamedProcessor } from './create.js';
import { DeadLetters } from './dead-letters.js';
import { DecodeCache } from './decode-cache.js';
import { forgottenReaders } from './forgotten.js';
import { pause } from './pause.js';
import { DeliveryReader, startExporter } from './reader.js';

const MEASURE_EVERY_MS = 1000;
const DEFAULT_SHUTDOWN_MS = 5000;
const EXPORTER_SHUTDOWN_MS = 2000;
const JOURNAL_TIMEOUT_MS = 30_000;

export interface DeliveryOptions extends CreationOptions {
  readonly config: LoadedConfig;
  readonly journalDir: string;
  /** How what connectors derive gets into the journal; needed where connectors are configured. */
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
  const { readers: plans, connectors: connectorPlans } = pipelineGraph(options.config);
  const stopping = new AbortController();
  const journals: JournalReader[] = [];
  const readers: (DeliveryReader | ConnectorReader)[] = [];
  const allProcessors: NamedProcessor[] = [];
  const exporters = new Map<string, { readonly exporter: Exporter; readonly started: Promise<void>; readonly deadLetters: DeadLetters | null }>();
  const cache = new DecodeCache();

  const close = async (withinMs: number): Promise<void> => {
    stopping.abort();
    await Promise.all(readers.map((reader) => reader.stop(withinMs)));
    const components: readonly Pick<Processor, 'shutdown'>[] = [...[...exporters.values()].map(({ exporter }) => exporter), ...allProcessors.map(({ processor }) => processor)];
    await Promise.all(components.map((each) => shutdown(each, options.logger)));
    await Promise.all(journals.map((journal) => journal.close()));
  };

  /** Each reader reads by itself, so that none waits for another. */
  const openPlan = async ({ processors: configured }: JournalReaderPlan) => {
    const journal = await JournalReader.open(options.journalDir, { timeoutMs: JOURNAL_TIMEOUT_MS, logger: options.logger });
    journals.push(journal);
    const processors = createProcessors(configured, options, journal.id);
    allProcessors.push(...processors);
    return { journal, processors };
  };

  try {
    for (const plan of plans) {
      const { journal, processors } = await openPlan(plan);
      let running = exporters.get(plan.exporter.id);
      if (!running) {
        const exporter = createExporter(plan.exporter, options, journal.id);
        const log = new RateLimitedLog(loggerOf(options, plan.exporter.id), options.clock);
        exporters.set(plan.exporter.id, (running = { exporter, started: startExporter(exporter, plan, log, stopping.signal), deadLetters: deadLettersOf(plan, options, journal.id, log) }));
      }
      const reader = new DeliveryReader({ ...options, plan, journal, ...running, processors, cache, logger: loggerOf(options, plan.name), random: options.random ?? Math.random });
      await reader.start();
      readers.push(reader);
    }
    for (const plan of connectorPlans) {
      if (!options.append) throw new Error(`the connector '${plan.connector.id}' needs a way to append`);
      const { journal, processors } = await openPlan(plan);
      const reader = new ConnectorReader({ ...options, append: options.append, plan, journal, processors, connector: createConnector(plan.connector, options, journal.id), cache, logger: loggerOf(options, plan.name) });
      await reader.start();
      readers.push(reader);
    }
    await warnOfForgotten(options);
  } catch (error) {
    await close(0);
    throw error;
  }
  const timer = setInterval(() => readers.forEach((reader) => reader.measure()), MEASURE_EVERY_MS);
  timer.unref();

  return {
    readers: [...plans, ...connectorPlans].map((plan) => plan.name),
    async stop(withinMs = DEFAULT_SHUTDOWN_MS) {
      clearInterval(timer);
      await close(withinMs);
    },
  };
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
