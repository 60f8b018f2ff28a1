const two = (value: number): string => String(value).padStart(2, '0');

/** `10:15:03.120` in local time, with the date before it where the day is not today's. */
export function formatMoment(ms: number, nowMs: number): string {
  const date = new Date(ms);
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
  return date.toDateString() === new Date(nowMs).toDateString() ? time : `${day(date)} ${time}`;
}

/** `2026-11-21 10:15:03.120` in local time. */
export function formatFullMoment(ms: number): string {
  return `${day(new Date(ms))} ${formatMoment(ms, ms)}`;
}

/** `just now`, `4 min ago`, `3 h ago`, `12 d ago`. */
export function formatAgo(ms: number, nowMs: number): string {
  const seconds = Math.round((nowMs - ms) / 1000);
  if (seconds < -5) return 'in the future';
  if (seconds < 10) return 'just now';
  if (seconds < 90) return `${seconds} s ago`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 129_600) return `${Math.round(seconds / 3_600)} h ago`;
  return `${Math.round(seconds / 86_400)} d ago`;
}

function day(date: Date): string {
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
