import type { Aggregate } from '../../ast.js';
import type { Evaluation } from '../evaluation.js';
import type { Rows } from '../values/rows.js';
import type { Grid, StepSeries } from '../values/values.js';
import { ABSENT, FLOAT, SeriesBuilder, hasPoints } from '../values/values.js';
import { AlongSteps, runsAlong } from './along.js';
import { CollectedSteps } from './collected.js';
import { Grouping } from './grouping.js';
import { kernelOf } from './kernels.js';
import { noteQuantiles } from './quantiles.js';

/** Whether an aggregation makes one series of a group's and may take them one by one. */
export function folds({ op }: Aggregate): boolean {
  return runsAlong(op) || op === 'avg' || op === 'stddev' || op === 'stdvar' || op === 'quantile';
}

/**
 * Aggregates series of floats while they are evaluated, each into one row that the next one uses again: to make arrays of its own for
 * each of 100,000 series, and to free them, takes longer than to compute what is in them. All drop their names or none does.
 */
export async function foldRows(evaluation: Evaluation, grid: Grid, node: Aggregate, rows: Rows, params: Float64Array | null): Promise<StepSeries[]> {
  const { turns } = evaluation;
  const { op } = node;
  const dropName = rows.count > 0 && rows.dropName(0);
  const grouping = new Grouping(node, (labels) => {
    const result = SeriesBuilder.empty(labels, dropName, grid.count);
    return runsAlong(op) ? new AlongSteps(op, result) : new CollectedSteps(result);
  });
  const values = new Float64Array(grid.count);
  const present = new Uint8Array(grid.count);
  for (let index = 0; index < rows.count; index++) {
    present.fill(ABSENT);
    const row = SeriesBuilder.of(rows.labels(index), dropName, values, present, null);
    const filling = rows.fill(index, row);
    if (filling !== undefined) await filling;
    if (present.includes(FLOAT)) {
      rows.found(row);
      grouping.of(row.labels).add(row);
    }
    if (turns.due(rows.work(index) + grid.count)) await turns.turn();
  }
  noteQuantiles(evaluation, node, params);
  const found: StepSeries[] = [];
  for (const group of grouping.groups) {
    if (group instanceof AlongSteps) group.finish();
    else await group.finish(kernelOf(op), params, turns);
    if (hasPoints(group.result)) found.push(group.result);
    if (turns.due(grid.count)) await turns.turn();
  }
  return found;
}
