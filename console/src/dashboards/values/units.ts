import { formatDuration } from '../../time/duration.js';

type Format = (value: number, decimals: number | null) => string;

/** Grafana's unit ids, as far as the console knows them. */
const formats: ReadonlyMap<string, Format> = new Map<string, Format>([
  ['', plain], ['none', plain], ['short', short], ['sishort', short],
  ['s', (value) => formatDuration(value * 1e9)], ['ms', (value) => formatDuration(value * 1e6)], ['µs', (value) => formatDuration(value * 1e3)], ['ns', formatDuration],
  ['percentunit', (value, decimals) => percent(value * 100, decimals)], ['percent', percent],
  ['reqps', perSecond('req')], ['ops', perSecond('ops')], ['cps', perSecond('counts')], ['rps', perSecond('reads')], ['wps', perSecond('writes')],
  ['bytes', (value, decimals) => scaled(value, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'], decimals)],
  ['decbytes', (value, decimals) => scaled(value, 1000, ['B', 'kB', 'MB', 'GB', 'TB', 'PB'], decimals)],
  ['binBps', (value, decimals) => scaled(value, 1024, ['B/s', 'KiB/s', 'MiB/s', 'GiB/s', 'TiB/s'], decimals)],
  ['Bps', (value, decimals) => scaled(value, 1000, ['B/s', 'kB/s', 'MB/s', 'GB/s', 'TB/s'], decimals)],
]);

export function isKnownUnit(unit: string): boolean {
  return formats.has(unit);
}

/** A value for people to read, in its unit. */
export function formatValue(value: number, unit: string, decimals: number | null = null): string {
  if (Number.isNaN(value)) return '–';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  return (formats.get(unit) ?? plain)(value, decimals);
}

function plain(value: number, decimals: number | null): string {
  return decimals === null ? digits(value) : value.toFixed(decimals);
}

function short(value: number, decimals: number | null): string {
  return scaled(value, 1000, ['', 'K', 'M', 'B', 'T'], decimals);
}

function percent(value: number, decimals: number | null): string {
  return `${plain(value, decimals)} %`;
}

function perSecond(what: string): Format {
  return (value, decimals) => `${scaled(value, 1000, ['', 'K', 'M', 'B'], decimals).replace(/(\d)\s+(\D)/, '$1$2')} ${what}/s`;
}

function scaled(value: number, base: number, names: readonly string[], decimals: number | null): string {
  let size = value;
  let power = 0;
  while (Math.abs(size) >= base && power < names.length - 1) {
    size /= base;
    power++;
  }
  const name = names[power] ?? '';
  return `${decimals === null ? digits(size) : size.toFixed(decimals)}${name === '' ? '' : ` ${name}`}`;
}

/** Three digits or so, without zeros at the end. */
function digits(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 1e15 || size < 1e-6) return value.toExponential(1);
  const after = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : Math.min(8, 1 - Math.floor(Math.log10(size)) + 0);
  return String(Number(value.toFixed(after)));
}
