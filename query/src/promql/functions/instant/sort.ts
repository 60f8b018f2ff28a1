import type { Turns } from '../../../event-loop.js';
import { compareLabels, labelValue } from '../../../labels/labels.js';
import { sortedInTurns } from '../../../sorted-in-turns.js';
import type { StepSeries } from '../../engine/values/values.js';

type Order = (a: StepSeries, b: StepSeries) => number;

/** Up to so many Go's sort inserts one after the other, which leaves those that are equal as they are. */
const INSERTED = 12;

/**
 * Series by their value at a step; NaN last, whichever the direction. Where they are few, those that are no numbers change their order, as
 * Prometheus' comparison has it.
 */
export async function sortedByValue(series: readonly StepSeries[], step: number, direction: 1 | -1, turns: Turns): Promise<readonly StepSeries[]> {
  const valueOf = ({ values }: StepSeries): number => values[step] ?? NaN;
  const sorted = await sortedInTurns(series, (a, b) => {
    const [left, right] = [valueOf(a), valueOf(b)];
    if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
    return left === right ? 0 : left < right ? -direction : direction;
  }, turns);
  if (sorted.length > INSERTED) return sorted;
  const numbers = sorted.filter((one) => !Number.isNaN(valueOf(one)));
  return [...numbers, ...sorted.slice(numbers.length).reverse()];
}

/** By the labels named, numbers within them as numbers, and by all labels where those agree. */
export function byLabels(names: readonly string[], direction: 1 | -1): Order {
  return (a, b) => {
    for (const name of names) {
      const [left, right] = [labelValue(a.labels, name), labelValue(b.labels, name)];
      if (left !== right) return naturalLess(left, right) ? -direction : direction;
    }
    return direction * compareLabels(a.labels, b.labels);
  };
}

function naturalLess(a: string, b: string): boolean {
  const [left, right] = [chunks(a), chunks(b)];
  for (let i = 0; i < left.length; i++) {
    const [one, other] = [left[i] ?? '', right[i]];
    if (other === undefined) return false;
    const bothNumbers = /^\d+$/.test(one) && /^\d+$/.test(other);
    if (bothNumbers ? Number(one) === Number(other) : one === other) {
      if (i === left.length - 1) return true;
      continue;
    }
    return bothNumbers ? Number(one) < Number(other) : one < other;
  }
  return true;
}

function chunks(text: string): string[] {
  return text.match(/\d+|\D+/g) ?? [''];
}
