import type { Column } from '../duckdb/chunk.js';

/** Columns of a sample table and file. Rows with `exemplar` are exemplars, not samples. */
export const SAMPLE_COLUMNS = [
  { name: 'series_id', type: 'u64' },
  { name: 'time_ms', type: 'i64' },
  { name: 'value', type: 'f64' },
  /** What `value` alone does not keep, see SPECIAL. */
  { name: 'special', type: 'i32' },
  { name: 'start_ms', type: 'i64' },
  /** A native histogram as JSON. */
  { name: 'histogram', type: 'text', nullable: true },
  /** An exemplar's labels as JSON. */
  { name: 'exemplar', type: 'text', nullable: true },
] as const satisfies readonly Column[];

export const SAMPLE = { seriesId: 0, timeMs: 1, value: 2, special: 3, startMs: 4, histogram: 5, exemplar: 6 } as const;

/** DuckDB takes all NaN for one and -0 for 0 when it builds dictionaries, so what is special stands beside the value. */
export const SPECIAL = { none: 0, stale: 1, negativeZero: 2 } as const;

/** Columns of a series table and file: the series, and with `series_id` NULL what is known of metric families. */
export const SERIES_COLUMNS = [
  { name: 'tenant', type: 'text' },
  { name: 'series_id', type: 'u64', nullable: true },
  /** `__name__`, or the family's name. */
  { name: 'name', type: 'text' },
  /** All labels as a JSON object, sorted by name. */
  { name: 'labels', type: 'text', nullable: true },
  { name: 'type', type: 'text', nullable: true },
  { name: 'help', type: 'text', nullable: true },
  { name: 'unit', type: 'text', nullable: true },
] as const satisfies readonly Column[];

export const SERIES = { tenant: 0, seriesId: 1, name: 2, labels: 3, type: 4, help: 5, unit: 6 } as const;
