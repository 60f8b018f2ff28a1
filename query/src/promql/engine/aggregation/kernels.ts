import type { Aggregator } from '../../ast.js';
import { KahanSum, mean } from '../../numbers/kahan.js';
import { quantileOf } from '../../numbers/quantile.js';

/** The values of a group at one step, the first `count` of the buffer, of which there is one at least. The kernel may reorder them. */
export type GroupKernel = (values: Float64Array, count: number, param: number) => number;

const KERNELS: ReadonlyMap<string, GroupKernel> = new Map<string, GroupKernel>([
  ['sum', sum],
  ['count', (values, count) => count],
  ['group', () => 1],
  ['avg', (values, count) => mean(values, 0, count)],
  ['min', (values, count) => extreme(values, count, (value, best) => value < best)],
  ['max', (values, count) => extreme(values, count, (value, best) => value > best)],
  ['stdvar', variance],
  ['stddev', (values, count) => Math.sqrt(variance(values, count))],
  ['quantile', (values, count, quantile) => quantileOf(quantile, values.subarray(0, count))],
]);

/** What an aggregation makes of floats. */
export function kernelOf(op: Aggregator): GroupKernel {
  return KERNELS.get(op) ?? sum;
}

function sum(values: Float64Array, count: number): number {
  const total = new KahanSum();
  for (let i = 0; i < count; i++) total.add(values[i] ?? NaN);
  return total.value;
}

function extreme(values: Float64Array, count: number, better: (value: number, best: number) => boolean): number {
  let found = values[0] ?? NaN;
  for (let i = 1; i < count; i++) {
    const value = values[i] ?? NaN;
    if (better(value, found) || Number.isNaN(found)) found = value;
  }
  return found;
}

function variance(values: Float64Array, count: number): number {
  const first = values[0] ?? NaN;
  if (!Number.isFinite(first)) return NaN;
  let average = first;
  let squares = 0;
  for (let i = 1; i < count; i++) {
    const value = values[i] ?? NaN;
    const delta = value - average;
    average += delta / (i + 1);
    squares += delta * (value - average);
  }
  return squares / count;
}
