/** The quantile of values, weighted between neighbours, NaN before everything: Prometheus' order of a heap by value. Reorders `values`. */
export function quantileOf(quantile: number, values: Float64Array): number {
  const { length } = values;
  if (length === 0 || Number.isNaN(quantile)) return NaN;
  if (quantile < 0) return -Infinity;
  if (quantile > 1) return Infinity;
  const numbers = putNanFirst(values);
  const rank = quantile * (length - 1);
  const lower = Math.max(0, Math.floor(rank));
  const weight = rank - Math.floor(rank);
  const low = lower < numbers ? NaN : select(values, numbers, lower);
  // What is selected has what is greater behind it.
  const high = lower + 1 === length ? low : lower + 1 < numbers ? NaN : leastFrom(values, lower + 1);
  return low * (1 - weight) + high * weight;
}

/** Answers where the numbers begin. */
function putNanFirst(values: Float64Array): number {
  let nans = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value === value) continue;
    values[i] = values[nans] as number;
    values[nans++] = value;
  }
  return nans;
}

function leastFrom(values: Float64Array, from: number): number {
  let least = values[from] as number;
  for (let i = from + 1; i < values.length; i++) if ((values[i] as number) < least) least = values[i] as number;
  return least;
}

/** So few are sorted by insertion. */
const FEW = 16;

/**
 * The number that stands at `wanted` in ascending order, among those from `from` on, which are reordered around it (Hoare's quickselect).
 * What does not become fewer soon is sorted, so that no order of the values takes long.
 */
function select(values: Float64Array, from: number, wanted: number): number {
  let low = from;
  let high = values.length - 1;
  for (let rounds = 4 * Math.log2(high - low + 2); high - low > FEW; rounds--) {
    if (rounds <= 0) {
      values.subarray(low, high + 1).sort();
      return values[wanted] as number;
    }
    const pivot = median(values[low] as number, values[(low + high) >>> 1] as number, values[high] as number);
    let left = low;
    let right = high;
    while (left <= right) {
      while ((values[left] as number) < pivot) left++;
      while ((values[right] as number) > pivot) right--;
      if (left > right) break;
      const value = values[left] as number;
      values[left++] = values[right] as number;
      values[right--] = value;
    }
    if (wanted <= right) high = right;
    else if (wanted >= left) low = left;
    else return pivot;
  }
  insertionSort(values, low, high);
  return values[wanted] as number;
}

function median(a: number, b: number, c: number): number {
  if (a < b) return b < c ? b : a < c ? c : a;
  return a < c ? a : b < c ? c : b;
}

function insertionSort(values: Float64Array, low: number, high: number): void {
  for (let i = low + 1; i <= high; i++) {
    const value = values[i] as number;
    let to = i;
    for (; to > low && (values[to - 1] as number) > value; to--) values[to] = values[to - 1] as number;
    values[to] = value;
  }
}
