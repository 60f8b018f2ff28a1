const unitsNs: Readonly<Record<string, number>> = { ns: 1, us: 1e3, 'µs': 1e3, 'μs': 1e3, ms: 1e6, s: 1e9, m: 6e10, h: 3.6e12 };

/** `150ms`, `1.5s`, `2m30s` as nanoseconds; null where it is none. A bare number has no unit and is none. */
export function parseDuration(text: string): number | null {
  const parts = text.trim().replaceAll(/\s+/g, '');
  if (!/^(?:\d+(?:\.\d+)?(?:ns|us|µs|μs|ms|s|m|h))+$/.test(parts)) return null;
  let total = 0;
  for (const [, amount, unit] of parts.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|μs|ms|s|m|h)/g)) total += Number(amount) * (unitsNs[unit ?? ''] ?? 0);
  return total;
}

/** A duration in three digits or so: `840 ns`, `12.3 µs`, `4.56 ms`, `1.2 s`, `3 m 20 s`. */
export function formatDuration(ns: number): string {
  const size = Math.abs(ns);
  if (!Number.isFinite(ns)) return '–';
  if (size === 0) return '0';
  if (size < 1e3) return `${Math.round(ns)} ns`;
  if (size < 999.5e3) return `${digits(ns / 1e3)} µs`;
  if (size < 999.5e6) return `${digits(ns / 1e6)} ms`;
  if (size < 59.95e9) return `${digits(ns / 1e9)} s`;
  const seconds = Math.round(size / 1e9);
  const sign = ns < 0 ? '−' : '';
  if (seconds < 3600) return `${sign}${Math.floor(seconds / 60)} m${seconds % 60 === 0 ? '' : ` ${seconds % 60} s`}`;
  const minutes = Math.round(seconds / 60);
  return `${sign}${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} m`}`;
}

function digits(value: number): string {
  const size = Math.abs(value);
  return String(Number(value.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2)));
}
