import { formatDuration } from '../../../config/duration.js';
import type { ScrapePool } from '../scraping/pool.js';

/** As Prometheus answers `/api/v1/targets`. */
export interface ActiveTarget {
  readonly discoveredLabels: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  readonly globalUrl: string;
  readonly lastError: string;
  /** RFC 3339. */
  readonly lastScrape: string;
  readonly lastScrapeDuration: number;
  readonly health: 'unknown' | 'up' | 'down';
  readonly scrapeInterval: string;
  readonly scrapeTimeout: string;
}

export interface TargetsList {
  readonly activeTargets: readonly ActiveTarget[];
  readonly droppedTargets: readonly { readonly discoveredLabels: Readonly<Record<string, string>>; readonly scrapePool: string }[];
  readonly droppedTargetCounts: Readonly<Record<string, number>>;
}

/** Go's zero time. */
const NEVER = '0001-01-01T00:00:00Z';

export function targetsOf(pools: readonly ScrapePool[]): TargetsList {
  return {
    activeTargets: pools.flatMap((pool) =>
      pool.loops.map(({ target, health }) => ({
        discoveredLabels: Object.fromEntries(target.discovered),
        labels: Object.fromEntries(target.labels),
        scrapePool: pool.name,
        scrapeUrl: target.url.href,
        globalUrl: target.url.href,
        lastError: health.lastError,
        lastScrape: health.lastScrapeMs === 0 ? NEVER : new Date(health.lastScrapeMs).toISOString(),
        lastScrapeDuration: health.lastDurationSeconds,
        health: health.health,
        scrapeInterval: formatDuration(target.intervalMs),
        scrapeTimeout: formatDuration(target.timeoutMs),
      })),
    ),
    droppedTargets: pools.flatMap((pool) => pool.dropped.map((labels) => ({ discoveredLabels: Object.fromEntries(labels), scrapePool: pool.name }))),
    droppedTargetCounts: Object.fromEntries(pools.map((pool) => [pool.name, pool.dropped.length])),
  };
}
