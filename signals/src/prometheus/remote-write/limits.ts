/** What one write may hold. Beyond the first three it is refused whole; a series beyond the others is left out, with its reason. */
export interface WriteLimits {
  /** Default: 500,000. */
  readonly maxSeries?: number;
  /** Samples and histograms. Default: 2,000,000. */
  readonly maxItems?: number;
  /** Labels of all series together: in version 2 each takes two bytes only. Default: 4,000,000. */
  readonly maxLabels?: number;
  /** Default: 1024. */
  readonly maxLabelsPerSeries?: number;
  /** Bytes (UTF-16 units) of one label's value. Default: 1 MiB. */
  readonly maxLabelValueLength?: number;
  /** Unix milliseconds; samples before it are out of bounds. Default: none. */
  readonly minTimeMs?: number;
  /** Refuses series without a sample or histogram, as version 2 demands. Default: false. */
  readonly demandSamples?: boolean;
}

export const DEFAULT_WRITE_LIMITS: Required<WriteLimits> = {
  maxSeries: 500_000,
  maxItems: 2_000_000,
  maxLabels: 4_000_000,
  maxLabelsPerSeries: 1024,
  maxLabelValueLength: 2 ** 20,
  minTimeMs: Number.NEGATIVE_INFINITY,
  demandSamples: false,
};

/** For what was checked when it came. */
export const UNLIMITED_WRITE: Required<WriteLimits> = {
  maxSeries: Number.POSITIVE_INFINITY,
  maxItems: Number.POSITIVE_INFINITY,
  maxLabels: Number.POSITIVE_INFINITY,
  maxLabelsPerSeries: Number.POSITIVE_INFINITY,
  maxLabelValueLength: Number.POSITIVE_INFINITY,
  minTimeMs: Number.NEGATIVE_INFINITY,
  demandSamples: false,
};
