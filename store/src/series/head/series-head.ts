import { Turn } from '../../duckdb/turn.js';
import { HeadOrder } from './head-order.js';
import { HeadSeries } from './head-series.js';
import type { TenantSamples } from './tenant-samples.js';

export interface HeadLimits {
  /** Live series of one tenant. */
  readonly maxSeries: number;
  /** A series without a sample for so long leaves. */
  readonly idleMs: number;
  /** Whether a counter's start becomes a sample of zero. */
  readonly zeroAtStart?: boolean;
}

/** Below so many idle series it is not worth the work. */
const WORTHWHILE = 1000;

/**
 * The live series of all tenants. They outlive generations, so that a series is made known once. Idle ones leave by way of a new
 * HeadSeries with the others; generations that are still being written keep the one they began with.
 */
export class SeriesHead {
  private readonly tenants = new Map<string, HeadSeries>();
  private readonly orders = new WeakMap<HeadSeries, HeadOrder>();

  readonly zeroAtStart: boolean;

  constructor(private readonly limits: HeadLimits) {
    this.zeroAtStart = limits.zeroAtStart ?? false;
  }

  tenant(tenant: string): HeadSeries {
    let series = this.tenants.get(tenant);
    if (series === undefined) this.tenants.set(tenant, (series = new HeadSeries(this.limits.maxSeries)));
    return series;
  }

  /** The tenant's live series, if it has some. */
  find(tenant: string): HeadSeries | null {
    return this.tenants.get(tenant) ?? null;
  }

  get seriesCount(): number {
    let count = 0;
    for (const series of this.tenants.values()) count += series.seriesCount;
    return count;
  }

  order(series: HeadSeries): HeadOrder {
    let order = this.orders.get(series);
    if (order === undefined) this.orders.set(series, (order = new HeadOrder(series)));
    return order;
  }

  /** After an append failed: samples that were taken may be gone with their generation. */
  forgetLast(): void {
    for (const series of this.tenants.values()) series.forgetLast();
  }

  /** At the end of a generation: notes who was active, and lets those go that were not for long; answers whether some went. To be called while nothing is added. */
  async collect(samples: ReadonlyMap<string, TenantSamples>, nowMs: number): Promise<boolean> {
    let some = false;
    const turn = new Turn();
    for (const [tenant, series] of this.tenants) {
      const of = samples.get(tenant);
      for (let ref = 0; ref < series.seriesCount; ref++) {
        series.active(ref, of?.series === series && of.has(ref), nowMs);
        if (ref % 4096 === 0 && turn.due) await turn.give();
      }
      const idle = series.idleCount(nowMs - this.limits.idleMs);
      const crowded = series.seriesCount >= this.limits.maxSeries * 0.9 ? 0.05 : 0.5;
      if (idle < Math.min(WORTHWHILE, this.limits.maxSeries / 2) || idle < series.seriesCount * crowded) continue;
      some = true;
      const active = new HeadSeries(this.limits.maxSeries);
      for (const _ of series.copyActive(nowMs - this.limits.idleMs, active)) if (turn.due) await turn.give();
      if (active.seriesCount === 0) this.tenants.delete(tenant);
      else this.tenants.set(tenant, active);
    }
    return some;
  }
}
