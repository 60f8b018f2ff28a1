import type { Receiver, ReceiverContext, ScrapedMetadata } from '../../component.js';
import { ReceiverMeter } from '../../intake/receiver-meter.js';
import { RateLimitedLog } from '../../telemetry/rate-limited.js';
import { BufferPool } from './fetching/buffer-pool.js';
import type { PrometheusReceiverConfig } from './config.js';
import { ExpositionClient } from './fetching/exposition-client.js';
import { ScrapePool } from './scraping/pool.js';
import { Relabeling } from './targets/relabel.js';
import { ScrapeWriter } from './scraping/scrape-writer.js';
import { targetsOf, type TargetsList } from './targets/targets.js';

/** Scrapes targets as Prometheus does. */
export class PrometheusReceiver implements Receiver {
  readonly #pools: readonly ScrapePool[];
  readonly #tenant: string;
  readonly #writer: ScrapeWriter;

  constructor({ scrapeConfigs, externalLabels, tenant }: PrometheusReceiverConfig, context: ReceiverContext) {
    this.#tenant = tenant;
    const meter = new ReceiverMeter(context.metrics, context.id, 'scrape');
    const log = new RateLimitedLog(context.logger, context.clock);
    const buffers = new BufferPool();
    const writer = (this.#writer = new ScrapeWriter({ intake: context.intake, tenant, buffers, meter, log, clock: context.clock }));
    this.#pools = scrapeConfigs.map((config) =>
      new ScrapePool({
        config,
        writer,
        buffers,
        client: new ExpositionClient(config, context.intake, buffers, () => context.clock.monotonicMs()),
        metricRelabeling: new Relabeling(config.metric_relabel_configs),
        externalLabels,
        context,
        log,
      }),
    );
  }

  async start(): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.start()));
  }

  async shutdown(): Promise<void> {
    this.#writer.hurry();
    await Promise.all(this.#pools.map((pool) => pool.stop()));
  }

  /** It listens nowhere. */
  endpoints(): readonly [] {
    return [];
  }

  /** What each target says of its metric families, read when it is asked for. */
  scrapedMetadata(): ScrapedMetadata {
    return { tenant: this.#tenant, targets: this.#pools.flatMap(({ loops }) => loops.map((loop) => ({ labels: Object.fromEntries(loop.target.labels), families: () => loop.metadata() }))) };
  }

  /** What is scraped, and how that went. */
  targets(): TargetsList & { readonly tenant: string } {
    return { tenant: this.#tenant, ...targetsOf(this.#pools) };
  }
}
