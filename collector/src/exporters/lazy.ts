import type { Batch, Exporter, Outcome } from '../component.js';

/**
 * An exporter whose code is loaded with its first batch. Every role reads the configuration, and with it every factory;
 * the clients and native add-ons behind them are for the one that delivers.
 */
export class LazyExporter implements Exporter {
  private loading: Promise<Exporter> | null = null;

  constructor(private readonly load: () => Promise<Exporter>) {}

  async export(batch: Batch, signal: AbortSignal): Promise<Outcome> {
    return (await this.loaded()).export(batch, signal);
  }

  async shutdown(): Promise<void> {
    await (await this.loading)?.shutdown();
  }

  private loaded(): Promise<Exporter> {
    this.loading ??= this.load();
    return this.loading;
  }
}
