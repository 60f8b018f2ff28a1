import type { Labels } from '@signalbox/signals/prometheus/types';
import type { Turns } from '../../../event-loop.js';
import type { Grid, StepSeries } from './values.js';
import { SeriesBuilder, hasPoints } from './values.js';

/** Series over all steps that are evaluated one by one, so that who looks at each of them once need not have them all at a time. */
export interface Rows {
  readonly count: number;
  /** Some may have native histograms. */
  readonly mixed: boolean;
  labels(index: number): Labels;
  dropName(index: number): boolean;
  /** Writes the samples of a series into a row that has none yet. */
  fill(index: number, row: SeriesBuilder): Promise<void> | undefined;
  /** About how many samples that looks at. */
  work(index: number): number;
  /** To be told of each row with points, in order. */
  found(row: StepSeries): void;
}

/** All rows with points, each in arrays of its own. */
export async function allRows(turns: Turns, grid: Grid, rows: Rows): Promise<StepSeries[]> {
  const found: StepSeries[] = [];
  for (let index = 0; index < rows.count; index++) {
    const row = SeriesBuilder.empty(rows.labels(index), rows.dropName(index), grid.count);
    const filling = rows.fill(index, row);
    if (filling !== undefined) await filling;
    if (hasPoints(row)) {
      rows.found(row);
      found.push(row);
    }
    if (turns.due(rows.work(index))) await turns.turn();
  }
  return found;
}
