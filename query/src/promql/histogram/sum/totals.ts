import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import { divided } from '../scale.js';
import { HistogramSum, IncompatibleSchemas } from './sum.js';

export interface Total {
  /** Null where exponential and custom buckets meet. */
  readonly histogram: NativeHistogram | null;
  /** Index of the first histogram that does not go with those before it. */
  readonly misfit: number | null;
  /** Some said that a counter was reset, others that it was not. */
  readonly collided: boolean;
  /** Their custom bounds differed. */
  readonly reconciled: boolean;
}

/** The sum of one histogram or more. `sum` is what it is summed up in, for those who sum up often. */
export function sumOf(histograms: readonly NativeHistogram[], sum = new HistogramSum(null)): Total {
  return totalled(histograms, sum, addTo, sumIn);
}

function addTo(sum: HistogramSum, histogram: NativeHistogram): void {
  sum.add(histogram);
}

function sumIn(sum: HistogramSum): NativeHistogram {
  return sum.value();
}

/** The mean: directly while the sum is finite, incrementally from where it might overflow. */
export function averageOf(histograms: readonly NativeHistogram[], total = new HistogramSum(null)): Total {
  let incremental = false;
  const add = (sum: HistogramSum, histogram: NativeHistogram, before: number) => {
    if (!incremental && sum.mightOverflow(histogram)) {
      incremental = true;
      sum.scale(1 / before);
    }
    if (!incremental) {
      sum.add(histogram);
      return;
    }
    sum.scale(before / (before + 1));
    sum.add(divided(histogram, before + 1));
  };
  return totalled(histograms, total, add, (sum, count) => sum.value(incremental ? 1 : count));
}

function totalled(histograms: readonly NativeHistogram[], sum: HistogramSum, add: (sum: HistogramSum, histogram: NativeHistogram, before: number) => void, finish: (sum: HistogramSum, count: number) => NativeHistogram): Total {
  const first = histograms[0];
  if (first === undefined) return { histogram: null, misfit: null, collided: false, reconciled: false };
  sum.begin(first);
  let someReset = first.counterReset === 'reset';
  let someNot = first.counterReset === 'no';
  for (let i = 1; i < histograms.length; i++) {
    const histogram = histograms[i] as NativeHistogram;
    someReset ||= histogram.counterReset === 'reset';
    someNot ||= histogram.counterReset === 'no';
    try {
      add(sum, histogram, i);
    } catch (error) {
      if (error instanceof IncompatibleSchemas) return { histogram: null, misfit: i, collided: false, reconciled: sum.reconciled };
      throw error;
    }
  }
  return { histogram: finish(sum, histograms.length), misfit: null, collided: someReset && someNot, reconciled: sum.reconciled };
}
