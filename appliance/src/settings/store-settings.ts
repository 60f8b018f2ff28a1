import type { StoreSettingsInput } from '@signalbox/store/settings';
import type { ApplianceSections } from './sections.js';

/** The section `store` as the store wants it. */
export function storeSettingsOf({ store }: ApplianceSections): StoreSettingsInput {
  return {
    flush: { rows: store.flush.rows, bytes: store.flush.bytes, ageMs: store.flush.age },
    retention: { ageMs: store.retention.age ?? 'off', maxBytes: store.retention.bytes, minFreeShare: store.retention.min_free_share },
    duckdb: { memoryLimitBytes: store.memory_limit, maxQueries: store.max_queries },
    limits: { seriesPerTenant: store.max_series },
  };
}
