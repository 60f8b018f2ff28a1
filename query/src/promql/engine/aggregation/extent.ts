import { greater, less } from '../../functions/instant/math.js';

/** Between which values an aggregation's parameter lies over all steps. */
export interface Extent {
  /** NaN where one value is none, unless another is infinite. */
  readonly least: number;
  readonly most: number;
  readonly someNaN: boolean;
}

/** As Prometheus folds them (fParams), by Go's math.Min and math.Max. */
export function extentOf(param: Float64Array): Extent {
  let [least, most] = [Number.MAX_VALUE, -Number.MAX_VALUE];
  let someNaN = false;
  for (const value of param) {
    least = less(least, value);
    most = greater(most, value);
    someNaN ||= Number.isNaN(value);
  }
  return { least, most, someNaN };
}
