/** The samples that a function over a range looks at, at one step: those at `from` up to, not including, `to`. */
export interface Window {
  timesMs: Float64Array;
  values: Float64Array;
  from: number;
  to: number;
  /** Exclusive. */
  startMs: number;
  /** Inclusive. */
  endMs: number;
  /** The step's own time, which an offset does not move. */
  evalMs: number;
}

/** Called with at least one sample; undefined: no result at this step. `params` are the call's scalars at this step. */
export type RangeKernel = (window: Window, params: readonly number[]) => number | undefined;
