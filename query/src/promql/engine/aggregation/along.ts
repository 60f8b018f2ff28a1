import type { Aggregator } from '../../ast.js';
import type { Evaluation } from '../evaluation.js';
import type { SeriesBuilder, StepSeries } from '../values/values.js';
import { FLOAT } from '../values/values.js';

/** Aggregations that take one whole series after the other, as memory has them, rather than all series at each step. */
type Along = 'sum' | 'count' | 'group' | 'min' | 'max';

export function runsAlong(op: Aggregator): op is Along {
  return op === 'sum' || op === 'count' || op === 'group' || op === 'min' || op === 'max';
}

/** Over floats alone. */
export async function alongSeries({ turns }: Evaluation, op: Along, members: readonly StepSeries[], { values: totals, present: there }: SeriesBuilder): Promise<void> {
  const lost = new Float64Array(op === 'sum' ? totals.length : 0);
  for (const { values, present } of members) {
    if (op === 'sum') addTo(totals, lost, there, values, present);
    else if (op === 'min' || op === 'max') keepExtreme(totals, there, values, present, op === 'min');
    else countIn(totals, there, present, op === 'count');
    if (turns.due(values.length)) await turns.turn();
  }
  for (let step = 0; step < lost.length; step++) totals[step] = (totals[step] ?? 0) + (lost[step] ?? 0);
}

/** Neumaier's summation, as in KahanSum. */
function addTo(totals: Float64Array, lost: Float64Array, there: Uint8Array, values: Float64Array, present: Uint8Array): void {
  for (let step = 0; step < values.length; step++) {
    if (present[step] !== FLOAT) continue;
    const value = values[step] ?? NaN;
    const sum = totals[step] ?? 0;
    const total = sum + value;
    if (total === Infinity || total === -Infinity) lost[step] = 0;
    else lost[step] = (lost[step] ?? 0) + (Math.abs(sum) >= Math.abs(value) ? sum - total + value : value - total + sum);
    totals[step] = total;
    there[step] = FLOAT;
  }
}

function keepExtreme(best: Float64Array, there: Uint8Array, values: Float64Array, present: Uint8Array, least: boolean): void {
  for (let step = 0; step < values.length; step++) {
    if (present[step] !== FLOAT) continue;
    const value = values[step] ?? NaN;
    const known = best[step] ?? NaN;
    if (there[step] !== FLOAT || (least ? value < known : value > known) || Number.isNaN(known)) best[step] = value;
    there[step] = FLOAT;
  }
}

function countIn(counts: Float64Array, there: Uint8Array, present: Uint8Array, several: boolean): void {
  for (let step = 0; step < present.length; step++) {
    if (present[step] !== FLOAT) continue;
    counts[step] = several ? (counts[step] ?? 0) + 1 : 1;
    there[step] = FLOAT;
  }
}
