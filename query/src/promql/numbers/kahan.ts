/** Neumaier's summation with a running compensation, as Prometheus sums. `sum + compensation` is the result. */
export class KahanSum {
  sum = 0;
  compensation = 0;

  begin(value: number): void {
    this.sum = value;
    this.compensation = 0;
  }

  add(value: number): void {
    const total = this.sum + value;
    if (total === Infinity || total === -Infinity) this.compensation = 0;
    else if (Math.abs(this.sum) >= Math.abs(value)) this.compensation += (this.sum - total) + value;
    else this.compensation += (value - total) + this.sum;
    this.sum = total;
  }

  get value(): number {
    return this.sum + this.compensation;
  }
}

/** The mean of `count` values: directly while the sum is finite, incrementally from where it would overflow. */
export function mean(values: ArrayLike<number>, from: number, to: number): number {
  const total = new KahanSum();
  total.sum = values[from] ?? NaN;
  let incremental = false;
  for (let i = from + 1; i < to; i++) {
    const value = values[i] ?? NaN;
    const count = i - from + 1;
    if (!incremental) {
      const { sum, compensation } = total;
      total.add(value);
      if (total.sum !== Infinity && total.sum !== -Infinity) continue;
      incremental = true;
      total.sum = sum / (count - 1);
      total.compensation = compensation / (count - 1);
    }
    const share = (count - 1) / count;
    total.sum *= share;
    total.compensation *= share;
    total.add(value / count);
  }
  return incremental ? total.value : total.sum / (to - from) + total.compensation / (to - from);
}

/** The quantile of values, weighted between neighbours. Sorts `values`. */
export function quantileOf(quantile: number, values: Float64Array): number {
  if (values.length === 0 || Number.isNaN(quantile)) return NaN;
  if (quantile < 0) return -Infinity;
  if (quantile > 1) return Infinity;
  sortNanFirst(values);
  const rank = quantile * (values.length - 1);
  const lower = Math.max(0, Math.floor(rank));
  const upper = Math.min(values.length - 1, lower + 1);
  const weight = rank - Math.floor(rank);
  return (values[lower] ?? NaN) * (1 - weight) + (values[upper] ?? NaN) * weight;
}

/** Ascending, NaN before everything: Prometheus' order of a heap by value. */
function sortNanFirst(values: Float64Array): void {
  values.sort();
  let nans = 0;
  for (let i = values.length - 1; i >= 0 && Number.isNaN(values[i]); i--) nans++;
  if (nans === 0) return;
  values.copyWithin(nans, 0, values.length - nans);
  values.fill(NaN, 0, nans);
}
