type Reduce = (values: readonly number[]) => number;

const finite = (values: readonly number[]): readonly number[] => values.filter((value) => Number.isFinite(value));

/** Grafana's calculations over a series' values, by their ids. NaN where there is nothing to calculate from. */
export const reducers: Readonly<Record<string, Reduce>> = {
  lastNotNull: (values) => finite(values).at(-1) ?? NaN,
  last: (values) => values.at(-1) ?? NaN,
  firstNotNull: (values) => finite(values)[0] ?? NaN,
  first: (values) => values[0] ?? NaN,
  min: (values) => finite(values).reduce((least, value) => (value < least || Number.isNaN(least) ? value : least), NaN),
  max: (values) => finite(values).reduce((most, value) => (value > most || Number.isNaN(most) ? value : most), NaN),
  sum: (values) => (finite(values).length === 0 ? NaN : finite(values).reduce((sum, value) => sum + value, 0)),
  mean: (values) => (finite(values).length === 0 ? NaN : finite(values).reduce((sum, value) => sum + value, 0) / finite(values).length),
  range: (values) => (reducers['max']?.(values) ?? NaN) - (reducers['min']?.(values) ?? NaN),
  count: (values) => values.length,
};

export const calcNames: Readonly<Record<string, string>> = {
  lastNotNull: 'Last', last: 'Last', firstNotNull: 'First', first: 'First', min: 'Min', max: 'Max', sum: 'Total', mean: 'Mean', range: 'Range', count: 'Count',
};

export function reduce(calc: string, values: readonly number[]): number {
  return (reducers[calc] ?? reducers['lastNotNull'])?.(values) ?? NaN;
}
