/** A part of the trace, as shares of its duration. */
export interface Zoom {
  readonly from: number;
  readonly to: number;
}

export const whole: Zoom = { from: 0, to: 1 };

/** `0.25-0.5`; anything else is the whole. */
export function readZoom(text: string | null): Zoom {
  const parts = /^(0(?:\.\d+)?|1)-(0(?:\.\d+)?|1)$/.exec(text ?? '');
  const zoom = parts === null ? whole : { from: Number(parts[1]), to: Number(parts[2]) };
  return zoom.to - zoom.from >= 1e-6 ? zoom : whole;
}

export function zoomText({ from, to }: Zoom): string | null {
  return from === 0 && to === 1 ? null : `${short(from)}-${short(to)}`;
}

const short = (share: number): string => String(Number(share.toFixed(6)));

/** Two places on the minimap, in any order, as a part that can be seen. */
export function zoomBetween(a: number, b: number): Zoom {
  const from = Math.min(Math.max(Math.min(a, b), 0), 1);
  const to = Math.min(Math.max(Math.max(a, b), 0), 1);
  return to - from < 0.0005 ? whole : { from, to };
}

/** Where a span's bar stands, in percent of the shown part; null where it is outside. */
export function barPlace(offsetNs: number, durationNs: number, totalNs: number, { from, to }: Zoom): { readonly left: number; readonly width: number } | null {
  const total = Math.max(totalNs, 1);
  const left = (offsetNs / total - from) / (to - from);
  const right = ((offsetNs + durationNs) / total - from) / (to - from);
  if (right < 0 || left > 1) return null;
  const start = Math.max(0, left);
  return { left: start * 100, width: (Math.min(1, right) - start) * 100 };
}

/** Round offsets within the shown part, `most` of them at the most, in nanoseconds. */
export function offsetTicks(totalNs: number, { from, to }: Zoom, most: number): readonly number[] {
  const low = from * totalNs;
  const high = to * totalNs;
  const rough = (high - low) / Math.max(1, most);
  if (!(rough > 0)) return [0];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((one) => one * power >= rough) ?? 10);
  const ticks: number[] = [];
  for (let count = Math.max(0, Math.ceil(low / step - 1e-9)); count * step <= high; count++) ticks.push(count * step);
  return ticks;
}
