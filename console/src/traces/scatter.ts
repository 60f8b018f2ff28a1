/** Scales of the duration scatter: time across, the logarithm of the duration upwards. */
export interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** 1 ms, 10 ms, 100 ms… or 1, 2, 5 steps where the durations lie close together; minutes and hours where they are long. */
export function durationScale(durationsNs: readonly number[], bottom: number, top: number): Scale {
  const positive = durationsNs.map((ns) => Math.max(ns, 1e5));
  const least = positive.length === 0 ? 1e6 : Math.min(...positive);
  const most = positive.length === 0 ? 1e9 : Math.max(...positive);
  const low = Math.log10(least) - 0.15;
  const high = Math.max(Math.log10(most) + 0.15, low + 0.6);
  const steps = high - low > 2.2 ? [1] : high - low > 1 ? [1, 3] : [1, 2, 5];
  const ticks: number[] = [];
  for (let power = Math.floor(low); power <= Math.ceil(high); power++) for (const step of steps) ticks.push(roundDuration(step, power));
  const at = (ns: number): number => bottom + ((Math.log10(Math.max(ns, 1e5)) - low) / (high - low)) * (top - bottom);
  return { at, ticks: ticks.filter((ns) => Math.log10(ns) >= low && Math.log10(ns) <= high) };
}

/** `step` times ten to the `power` nanoseconds; from 100 s on, 1 or 10 minutes, then 1, 10… hours in its place. */
function roundDuration(step: number, power: number): number {
  if (power <= 10) return step * 10 ** power;
  return power <= 12 ? step * 6 * 10 ** (power - 1) : step * 3.6 * 10 ** (power - 1);
}

const stepsMs = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000,
  3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000, 86_400_000, 172_800_000, 604_800_000, 2_592_000_000, 31_536_000_000,
];

/** Round moments of local time, `most` of them at the most. */
export function timeScale(fromMs: number, toMs: number, left: number, right: number, most: number): Scale {
  const step = stepsMs.find((one) => (toMs - fromMs) / one <= most) ?? (toMs - fromMs) / Math.max(1, most);
  const offsetMs = new Date(fromMs).getTimezoneOffset() * 60_000;
  const ticks: number[] = [];
  for (let at = Math.ceil((fromMs - offsetMs) / step) * step + offsetMs; at <= toMs; at += step) ticks.push(at);
  return { at: (ms) => left + ((ms - fromMs) / (toMs - fromMs)) * (right - left), ticks };
}

/** How a tick of time is written, by how far the ticks are apart. */
export function timeTickLabel(ms: number, stepMs: number): string {
  const date = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  if (stepMs >= 86_400_000) return `${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const minutes = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (stepMs >= 60_000) return date.getHours() + date.getMinutes() === 0 ? `${two(date.getMonth() + 1)}-${two(date.getDate())}` : minutes;
  return stepMs >= 1_000 ? `${minutes}:${two(date.getSeconds())}` : `${minutes}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** The index of the point next to a place, within `reach` pixels, or -1. */
export function nearest(points: readonly { readonly x: number; readonly y: number }[], x: number, y: number, reach: number): number {
  let found = -1;
  let best = reach * reach;
  for (const [index, point] of points.entries()) {
    const distance = (point.x - x) ** 2 + (point.y - y) ** 2;
    if (distance <= best) {
      best = distance;
      found = index;
    }
  }
  return found;
}
