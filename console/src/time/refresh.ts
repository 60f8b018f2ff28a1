import type { TimeRange } from './range.js';

/** How often a page can ask anew, as it stands in its address; empty for never. */
export const refreshes = ['', '5s', '10s', '30s', '1m', '5m'] as const;

/** One of an address; what is no time is never. */
export function readRefresh(text: string | null): string {
  return /^\d{1,4}[smh]$/.test(text ?? '') ? text ?? '' : '';
}

/** Milliseconds between two questions; null where nothing can be new: never, or a range that has ended. */
export function refreshEveryMs(refresh: string, range: TimeRange): number | null {
  const parts = /^(\d+)(s|m|h)$/.exec(refresh);
  if (parts === null || !range.to.startsWith('now')) return null;
  return Number(parts[1]) * ({ s: 1_000, m: 60_000, h: 3_600_000 }[parts[2] ?? ''] ?? 0);
}
