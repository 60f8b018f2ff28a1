import type { StoreSettingsInput } from '@signalbox/store/settings';
import type { ApplianceSections } from './sections.js';

/** What the sections say of the store, as it wants it. */
export function storeSettingsOf({ store, query }: ApplianceSections): StoreSettingsInput {
  return {
    flush: { rows: store.flush.rows, samples: store.flush.samples, bytes: store.flush.bytes, ageMs: store.flush.age },
    retention: { ageMs: store.retention.age ?? 'off', maxBytes: store.retention.bytes, minFreeShare: store.retention.min_free_share },
    duckdb: { memoryLimitBytes: store.memory_limit, maxQueries: store.max_queries },
    limits: { seriesPerTenant: store.max_series, seriesIdleMs: store.series_idle, exemplarsPerTenant: store.max_exemplars },
    catchUpMs: query.catch_up,
    zeroAtStart: store.created_timestamp_zero_ingestion,
    otlp: {
      strategy: store.otlp.translation_strategy, promoteResourceAttributes: store.otlp.promote_resource_attributes, promoteAllResourceAttributes: store.otlp.promote_all_resource_attributes,
      promoteScopeMetadata: store.otlp.promote_scope_metadata, keepIdentifyingResourceAttributes: store.otlp.keep_identifying_resource_attributes,
      convertHistogramsToNhcb: store.otlp.convert_histograms_to_nhcb,
    },
  };
}
