import type { Aggregator } from '../../ast.js';
import type { SeriesBuilder, StepSeries } from '../values/values.js';
import { FLOAT } from '../values/values.js';

/** Aggregations that take one whole series after the other, as memory has them, rather than all series at each step. */
type Along = 'sum' | 'count' | 'group' | 'min' | 'max';

export function runsAlong(op: Aggregator): op is Along {
  return op === 'sum' || op === 'count' || op === 'group' || op === 'min' || op === 'max';
}

/** A group's floats at all steps, to which one series after the other is added. */
export class AlongSteps {
  /** What sums lost to rounding. */
  readonly #lost: Float64Array;

  constructor(readonly op: Along, readonly result: SeriesBuilder) {
    this.#lost = new Float64Array(op === 'sum' ? result.count : 0);
  }

  add({ values, present }: StepSeries): void {
    const { op, result } = this;
    if (op === 'sum') addTo(result.values, this.#lost, result.present, values, present);
    else if (op === 'min' || op === 'max') keepExtreme(result.values, result.present, values, present, op === 'min');
    else countIn(result.values, result.present, present, op === 'count');
  }

  /** To be called once, when all were added. */
  finish(): void {
    const totals = this.result.values;
    for (let step = 0; step < this.#lost.length; step++) totals[step] = (totals[step] ?? 0) + (this.#lost[step] ?? 0);
  }
}

/** Neumaier's summation, as in KahanSum. */
function addTo(totals: Float64Array, lost: Float64Array, there: Uint8Array, values: Float64Array, present: Uint8Array): void {
  for (let step = 0; step < values.length; step++) {
    if (present[step] !== FLOAT) continue;
    const value = values[step] as number;
    const sum = totals[step] as number;
    const total = sum + value;
    if (total === Infinity || total === -Infinity) lost[step] = 0;
    else lost[step] = (lost[step] as number) + (Math.abs(sum) >= Math.abs(value) ? sum - total + value : value - total + sum);
    totals[step] = total;
    there[step] = FLOAT;
  }
}

function keepExtreme(best: Float64Array, there: Uint8Array, values: Float64Array, present: Uint8Array, least: boolean): void {
  for (let step = 0; step < values.length; step++) {
    if (present[step] !== FLOAT) continue;
    const value = values[step] as number;
    const known = best[step] as number;
    if (there[step] !== FLOAT || (least ? value < known : value > known) || Number.isNaN(known)) best[step] = value;
    there[step] = FLOAT;
  }
}

function countIn(counts: Float64Array, there: Uint8Array, present: Uint8Array, several: boolean): void {
  for (let step = 0; step < present.length; step++) {
    if (present[step] !== FLOAT) continue;
    counts[step] = several ? (counts[step] as number) + 1 : 1;
    there[step] = FLOAT;
  }
}
