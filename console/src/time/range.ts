/** Two ends as they stand in the page's address: `now-1h`, `now`, or Unix milliseconds. */
export interface TimeRange {
  readonly from: string;
  readonly to: string;
}

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export const presets: readonly { readonly range: TimeRange; readonly label: string }[] = [
  ['5m', 'Last 5 minutes'], ['15m', 'Last 15 minutes'], ['30m', 'Last 30 minutes'], ['1h', 'Last hour'], ['3h', 'Last 3 hours'],
  ['6h', 'Last 6 hours'], ['12h', 'Last 12 hours'], ['24h', 'Last 24 hours'], ['2d', 'Last 2 days'], ['7d', 'Last 7 days'], ['30d', 'Last 30 days'],
].map(([ago, label]) => ({ range: { from: `now-${ago}`, to: 'now' }, label: label ?? '' }));

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** Unix milliseconds of one end, or null where the text says nothing. */
export function parseEnd(text: string, nowMs: number): number | null {
  if (/^\d{1,16}$/.test(text)) return Number(text);
  const relative = /^now(?:-(\d{1,6})([smhdw]))?$/.exec(text);
  if (relative === null) return null;
  return relative[1] === undefined ? nowMs : nowMs - Number(relative[1]) * (units[relative[2] ?? ''] ?? 0);
}

/** The range at this moment; what cannot be read falls back to the last hour. */
export function resolve({ from, to }: TimeRange, nowMs: number): Span {
  const toMs = parseEnd(to, nowMs) ?? nowMs;
  const fromMs = parseEnd(from, nowMs) ?? toMs - 3_600_000;
  return fromMs < toMs ? { fromMs, toMs } : { fromMs: toMs - 1, toMs };
}

export function readRange(params: URLSearchParams, otherwise: TimeRange): TimeRange {
  const from = params.get('from');
  const to = params.get('to') ?? 'now';
  return from !== null && parseEnd(from, 0) !== null && parseEnd(to, 0) !== null ? { from, to } : otherwise;
}

/** How the range is called: a preset's name or its two ends. */
export function rangeLabel(range: TimeRange, nowMs: number): string {
  const preset = presets.find((one) => one.range.from === range.from && one.range.to === range.to);
  if (preset) return preset.label;
  const { fromMs, toMs } = resolve(range, nowMs);
  const end = range.to === 'now' ? 'now' : shortMoment(toMs, fromMs);
  return range.to === 'now' && range.from.startsWith('now-') ? `Last ${range.from.slice(4)}` : `${shortMoment(fromMs, nowMs)} to ${end}`;
}

/** `2026-11-21 10:15` in local time, or `10:15:03` where the day is that of `besideMs`. */
function shortMoment(ms: number, besideMs: number): string {
  const date = new Date(ms);
  const beside = new Date(besideMs);
  const sameDay = date.toDateString() === beside.toDateString();
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return sameDay ? `${time}:${two(date.getSeconds())}` : `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
}

/** `UTC+02:00`: how local time stands to the one that servers log in. */
export function zoneText(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  return `UTC${minutes < 0 ? '−' : '+'}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
}

/** For `<input type="datetime-local" step="1">`, in local time. */
export function toLocalInput(ms: number): string {
  const date = new Date(ms);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
