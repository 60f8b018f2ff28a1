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
