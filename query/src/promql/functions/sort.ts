import { compareLabels, labelValue } from '../../labels/labels.js';
import type { StepSeries } from '../engine/values.js';

type Order = (a: StepSeries, b: StepSeries) => number;

/** By the value at the only step of an instant query; NaN last, whichever the direction. */
export function byValue(direction: 1 | -1): Order {
  return (a, b) => {
    const [left, right] = [a.values[0] ?? NaN, b.values[0] ?? NaN];
    if (Number.isNaN(left) || Number.isNaN(right)) return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
    return left === right ? 0 : left < right ? -direction : direction;
  };
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
