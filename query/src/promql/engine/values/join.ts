import type { Turns } from '../../../event-loop.js';
import { labelsKey } from '../../../labels/labels.js';
import { PromQLExecutionError } from '../../error.js';
import { LABELS_WORK } from './labels.js';
import type { StepSeries } from './values.js';
import { ABSENT, SeriesBuilder } from './values.js';

/**
 * Series of a range query that have equal labels, names included, become one; whether its name goes in the end is what the one says
 * that comes first in time. Throws where two have a point at one step.
 */
export async function joined(series: readonly StepSeries[], turns: Turns): Promise<StepSeries[]> {
  const byLabels = new Map<string, StepSeries>();
  for (const one of series) {
    if (turns.due(LABELS_WORK)) await turns.turn();
    const key = labelsKey(one.labels);
    const other = byLabels.get(key);
    byLabels.set(key, other === undefined ? one : both(other, one));
  }
  return [...byLabels.values()];
}

function both(a: StepSeries, b: StepSeries): StepSeries {
  const first = firstStep(a) <= firstStep(b) ? a : b;
  const whole = SeriesBuilder.empty(a.labels, first.dropName, a.present.length);
  for (let step = 0; step < whole.count; step++) {
    if (a.present[step] !== ABSENT && b.present[step] !== ABSENT) throw new PromQLExecutionError('vector cannot contain metrics with the same labelset');
    whole.copy(step, a.present[step] === ABSENT ? b : a);
  }
  return whole;
}

function firstStep({ present }: StepSeries): number {
  return present.findIndex((there) => there !== ABSENT);
}
