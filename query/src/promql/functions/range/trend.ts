import { PromQLExecutionError } from '../../error.js';
import { KahanSum } from '../../numbers/kahan.js';
import { formatF } from '../../numbers/number-text.js';
import type { RangeKernel, Window } from './window.js';

/** Slopes and predictions. */
export const TRENDS: ReadonlyMap<string, RangeKernel> = new Map<string, RangeKernel>([
  ['deriv', (window) => regression(window, window.timesMs[window.from] ?? 0)?.slope],
  ['predict_linear', (window, [seconds = NaN]) => {
    const line = regression(window, window.evalMs);
    return line === undefined ? undefined : line.slope * seconds + line.intercept;
  }],
  ['double_exponential_smoothing', smoothed],
]);

/** Least squares; the intercept is the value at `originMs`. */
function regression({ timesMs, values, from, to }: Window, originMs: number): { slope: number; intercept: number } | undefined {
  if (to - from < 2) return undefined;
  const [sumX, sumY, sumXY, sumX2] = [new KahanSum(), new KahanSum(), new KahanSum(), new KahanSum()];
  const first = values[from] ?? NaN;
  let constant = true;
  for (let i = from; i < to; i++) {
    const y = values[i] ?? NaN;
    const x = ((timesMs[i] ?? NaN) - originMs) / 1000;
    if (y !== first) constant = false;
    sumX.add(x);
    sumY.add(y);
    sumXY.add(x * y);
    sumX2.add(x * x);
  }
  if (constant) return Number.isFinite(first) ? { slope: 0, intercept: first } : { slope: NaN, intercept: NaN };
  const n = to - from;
  const covariance = sumXY.value - (sumX.value * sumY.value) / n;
  const varianceX = sumX2.value - (sumX.value * sumX.value) / n;
  const slope = covariance / varianceX;
  return { slope, intercept: sumY.value / n - (slope * sumX.value) / n };
}

/** Throws PromQLExecutionError where a factor of double_exponential_smoothing() cannot be one. */
export function checkFactors([smoothing = NaN, trend = NaN]: readonly number[]): void {
  if (smoothing <= 0 || smoothing >= 1) throw new PromQLExecutionError(`invalid smoothing factor. Expected: 0 < sf < 1, got: ${formatF(smoothing)}`);
  if (trend <= 0 || trend >= 1) throw new PromQLExecutionError(`invalid trend factor. Expected: 0 < tf < 1, got: ${formatF(trend)}`);
}

function smoothed({ values, from, to }: Window, params: readonly number[]): number | undefined {
  checkFactors(params);
  const [smoothing = NaN, trend = NaN] = params;
  if (to - from < 2) return undefined;
  let before = 0;
  let level = values[from] ?? NaN;
  let slope = (values[from + 1] ?? NaN) - level;
  for (let i = from + 1; i < to; i++) {
    if (i > from + 1) slope = trend * (level - before) + (1 - trend) * slope;
    const next = smoothing * (values[i] ?? NaN) + (1 - smoothing) * (level + slope);
    before = level;
    level = next;
  }
  return level;
}
