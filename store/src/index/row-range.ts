/** Rows of a file: `from` up to before `to`. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

/** The number of each block's first row and, behind them, that of all rows. */
export function blockStarts(rows: ArrayLike<number>): Uint32Array {
  const starts = new Uint32Array(rows.length + 1);
  for (let block = 0; block < rows.length; block++) starts[block + 1] = starts[block] + rows[block];
  return starts;
}
