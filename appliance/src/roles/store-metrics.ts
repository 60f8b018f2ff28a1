import type { MetricsRegistry } from '@signalbox/collector/telemetry/metrics';
import type { StoreStats } from '@signalbox/store/store';

const KINDS = ['spans', 'logs', 'samples'] as const;

/** Shows the store's figures at /metrics: what only grows as counters. */
export function showStore(metrics: MetricsRegistry, { reached, behindBytes, hot, series, files, retainedOut, flushes, upkeep }: StoreStats): void {
  metrics.gauge('signalbox_store_reached', {}, reached);
  metrics.gauge('signalbox_store_behind_bytes', {}, behindBytes);
  metrics.gauge('signalbox_store_hot_rows', {}, hot.rows);
  metrics.gauge('signalbox_store_hot_bytes', {}, hot.bytes);
  metrics.gauge('signalbox_store_series', {}, series);
  for (const kind of KINDS) {
    metrics.gauge('signalbox_store_files', { kind }, files[kind].files);
    metrics.gauge('signalbox_store_rows', { kind }, files[kind].rows);
    metrics.gauge('signalbox_store_bytes', { kind }, files[kind].bytes);
    metrics.total('signalbox_store_flushed_rows', { kind }, flushes.rows[kind]);
    metrics.total('signalbox_store_retained_out_rows', { kind }, retainedOut[kind]);
  }
  metrics.total('signalbox_store_retained_out_bytes', {}, retainedOut.bytes);
  metrics.total('signalbox_store_flushes', {}, flushes.flushes);
  metrics.total('signalbox_store_flush_seconds', {}, flushes.ms / 1000);
  metrics.total('signalbox_store_merges', {}, upkeep.merges);
  metrics.total('signalbox_store_merged_rows', {}, upkeep.mergedRows);
  metrics.total('signalbox_store_merge_seconds', {}, upkeep.mergeMs / 1000);
}
