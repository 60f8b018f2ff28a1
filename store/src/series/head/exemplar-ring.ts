import type { PrometheusExemplar } from '@signalbox/signals/prometheus/types';

export interface SeriesExemplar {
  readonly series: number;
  readonly exemplar: PrometheusExemplar;
}

/** The newest exemplars of a tenant; beyond the limit the oldest ones make place. */
export class ExemplarRing {
  private readonly kept: SeriesExemplar[] = [];
  private next = 0;

  constructor(private readonly limit: number) {}

  add(series: number, exemplar: PrometheusExemplar): void {
    if (this.limit === 0) return;
    const entry = { series, exemplar };
    if (this.kept.length < this.limit) this.kept.push(entry);
    else {
      this.kept[this.next] = entry;
      this.next = (this.next + 1) % this.limit;
    }
  }

  /** In the order of arrival. */
  list(): readonly SeriesExemplar[] {
    return this.next === 0 ? this.kept : [...this.kept.slice(this.next), ...this.kept.slice(0, this.next)];
  }
}
