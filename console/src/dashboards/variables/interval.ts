/** The step of a panel's queries, with the range that it belongs to. */
export interface Interval {
  /** Aligned to the step. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  /** `$__rate_interval`: holds four samples at least. */
  readonly rateMs: number;
}

/** How often the agents send their metrics, which Grafana calls the scrape interval of the data source. */
export const SAMPLE_INTERVAL_MS = 15_000;

const round = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_200_000, 1_800_000,
  3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000, 86_400_000, 604_800_000, 2_592_000_000,
] as const;

/** A round step that gives `points` values at the most, and never less than `leastMs` apart. */
export function intervalOf(fromMs: number, toMs: number, points: number, leastMs: number): Interval {
  const exact = (toMs - fromMs) / Math.max(1, points);
  const stepMs = Math.max(leastMs, round.find((step) => step >= exact) ?? Math.ceil(exact / 86_400_000) * 86_400_000);
  return {
    fromMs: Math.floor(fromMs / stepMs) * stepMs,
    toMs: Math.floor(toMs / stepMs) * stepMs,
    stepMs,
    rateMs: Math.max(stepMs + leastMs, 4 * leastMs),
  };
}

/** `15s`, `>1m`, `500ms` in milliseconds; null where it is none. */
export function parseStep(text: string): number | null {
  const parts = /^>?\s*(\d+)(ms|s|m|h|d)$/.exec(text.trim());
  if (parts === null) return null;
  return Number(parts[1]) * ({ ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[parts[2] ?? ''] ?? 0);
}
