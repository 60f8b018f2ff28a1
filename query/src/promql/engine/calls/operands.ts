import type { Expr } from '../../ast.js';
import type { Evaluation } from '../evaluation.js';
import type { Grid, RangeVectors, StepSeries } from '../values/values.js';

/** How operators and functions get at the values of their operands. */
export interface Operands {
  readonly evaluation: Evaluation;
  scalar(expr: Expr, grid: Grid): Promise<Float64Array>;
  vector(expr: Expr, grid: Grid): Promise<readonly StepSeries[]>;
  ranges(expr: Expr, grid: Grid): Promise<RangeVectors>;
}
