import type { PrometheusExemplar, PrometheusMetadata, Labels } from '@signalbox/signals/prometheus/types';
import type { HotKind, WriteContext, Written } from '../../hot/hot-kind.js';
import { BlockWriter } from '../block/block-writer.js';
import type { SeriesHead } from './series-head.js';
import { TenantSamples } from './tenant-samples.js';
import { SampleLog } from './sample-log.js';
import { writeHead } from '../block/write-head.js';

const NS_PER_MS = 1_000_000n;

/** The samples of a generation: what is in memory and in no block yet. */
export class HeadSamples implements HotKind {
  readonly kind = 'samples';
  readonly tenants = new Map<string, TenantSamples>();
  private readonly log = new SampleLog();

  constructor(readonly head: SeriesHead, private readonly maxExemplars: number, private readonly maxFamilies: number) {}

  /** Samples, or something where there is only metadata. */
  get rows(): number {
    return this.log.length > 0 ? this.log.length : this.tenants.size;
  }

  get bytes(): number {
    return this.log.bytes;
  }

  tenant(tenant: string): TenantSamples {
    let samples = this.tenants.get(tenant);
    if (samples === undefined) this.tenants.set(tenant, (samples = new TenantSamples(this.head.tenant(tenant), this.log, this.maxExemplars, this.maxFamilies, this.head.zeroAtStart)));
    return samples;
  }

  /** The series' number within the tenant; NO_SERIES where there would be too many. */
  seriesOf(tenant: string, labels: Labels): number {
    return this.tenant(tenant).series.ref(labels);
  }

  addExemplars(tenant: string, series: number, exemplars: readonly PrometheusExemplar[]): void {
    for (const exemplar of exemplars) this.tenant(tenant).exemplars.add(series, exemplar);
  }

  addMetadata(tenant: string, metadata: PrometheusMetadata): void {
    this.tenant(tenant).addMetadata(metadata);
  }

  /** Samples are seen as they come. */
  flush(): void {
    // Nothing is held back.
  }

  seal(): void {
    // Nothing has to be closed.
  }

  async write({ paths, signal }: WriteContext): Promise<Written> {
    const writer = await BlockWriter.create(paths.data);
    try {
      for (const [tenant, samples] of this.tenants) await writeHead(writer, tenant, samples, this.head.order(samples.series), signal);
      const { rows, bytes, minMs, maxMs, tenants } = await writer.finish();
      return { rows, bytes, minNs: toNs(minMs), maxNs: toNs(maxMs) + NS_PER_MS - 1n, tenants };
    } finally {
      await writer.close();
    }
  }

  drop(): Promise<void> {
    return Promise.resolve();
  }
}

function toNs(ms: number): bigint {
  return Number.isFinite(ms) ? BigInt(Math.floor(ms)) * NS_PER_MS : 0n;
}
