const UNITS_NS: Readonly<Record<string, bigint>> = { ns: 1n, us: 1_000n, µs: 1_000n, μs: 1_000n, ms: 1_000_000n, s: 1_000_000_000n, m: 60_000_000_000n, h: 3_600_000_000_000n };

/** Nanoseconds of a duration as Go writes it: `1h30m`, `-1.5s`; null when it is none. */
export function parseGoDuration(text: string): bigint | null {
  const match = /^([-+]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+|0)$/.exec(text);
  if (!match || text.length > 64) return null;
  let total = 0n;
  for (const [, number, unit] of match[2].matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    const [whole, fraction = ''] = number.split('.');
    const scale = UNITS_NS[unit];
    total += BigInt(whole || '0') * scale + (fraction === '' ? 0n : (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length));
  }
  return match[1] === '-' ? -total : total;
}

/** As Go's Duration.String: `1h30m0s`, `1.5s`, `300ms`. */
export function formatGoDuration(ns: bigint): string {
  if (ns === 0n) return '0s';
  const sign = ns < 0n ? '-' : '';
  const abs = ns < 0n ? -ns : ns;
  for (const [unit, scale] of [['ns', 1n], ['µs', 1_000n], ['ms', 1_000_000n]] as const) {
    if (abs < scale * 1000n) return `${sign}${decimal(abs, scale)}${unit}`;
  }
  const hours = abs / 3_600_000_000_000n;
  const minutes = (abs / 60_000_000_000n) % 60n;
  const seconds = `${decimal(abs % 60_000_000_000n, 1_000_000_000n)}s`;
  return sign + (hours > 0n ? `${hours}h${minutes}m` : minutes > 0n ? `${minutes}m` : '') + seconds;
}

function decimal(value: bigint, scale: bigint): string {
  const fraction = scale === 1n ? '' : (value % scale).toString().padStart(scale.toString().length - 1, '0').replace(/0+$/, '');
  return fraction === '' ? String(value / scale) : `${value / scale}.${fraction}`;
}
