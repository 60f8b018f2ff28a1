import type { MetricsRegistry } from '@signalbox/collector/telemetry/metrics';
import type { JournalStats } from '@signalbox/journal/journal';

/** Shows the journal's figures at /metrics: what only grows as counters, which count from the start of the role. */
export function showJournal(metrics: MetricsRegistry, stats: JournalStats): void {
  metrics.gauge('signalbox_journal_durable', {}, stats.durable);
  metrics.gauge('signalbox_journal_oldest', {}, stats.oldest);
  metrics.gauge('signalbox_journal_segments', {}, stats.segments);
  metrics.gauge('signalbox_journal_bytes', {}, stats.bytes);
  metrics.gauge('signalbox_journal_tenants', {}, stats.tenants);
  metrics.gauge('signalbox_journal_waiting_frames', {}, stats.waitingFrames);
  metrics.gauge('signalbox_journal_waiting_bytes', {}, stats.waitingBytes);
  metrics.gauge('signalbox_journal_free_share', {}, stats.freeShare);
  metrics.total('signalbox_journal_appended_frames', {}, stats.appendedFrames);
  metrics.total('signalbox_journal_appended_items', {}, stats.appendedItems);
  metrics.total('signalbox_journal_appended_bytes', {}, stats.appendedBytes);
  metrics.total('signalbox_journal_duplicate_frames', {}, stats.duplicateFrames);
  metrics.total('signalbox_journal_refused_frames', {}, stats.refusedFrames);
  metrics.total('signalbox_journal_failed_frames', {}, stats.failedFrames);
  metrics.total('signalbox_journal_syncs', {}, stats.syncs);
}
