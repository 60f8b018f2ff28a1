import type { Labels, NativeHistogram } from '@signalbox/signals/prometheus/types';
import { compareLabels, labelValue } from '../../../labels/labels.js';

/** One series' last sample. */
export interface Latest {
  readonly labels: Labels;
  readonly timeMs: number;
  readonly value: number;
  readonly histogram: NativeHistogram | null;
}

/** Samples of one name and one kind, as an exposition has them together. */
export interface Family {
  readonly name: string;
  readonly kind: 'untyped' | 'histogram' | 'gauge histogram';
  readonly samples: readonly Latest[];
}

/** By metric name; a name with samples of several kinds has a family for each run of them, as Prometheus bends the rules. */
export function familiesOf(samples: readonly Latest[]): Family[] {
  const byName = [...samples].sort((a, b) => order(labelValue(a.labels, '__name__'), labelValue(b.labels, '__name__')) || compareLabels(a.labels, b.labels));
  const families: (Family & { readonly samples: Latest[] })[] = [];
  for (const sample of byName) {
    const name = labelValue(sample.labels, '__name__');
    const kind = sample.histogram === null ? 'untyped' : sample.histogram.counterReset === 'gauge' ? 'gauge histogram' : 'histogram';
    const last = families.at(-1);
    if (last?.name === name && last.kind === kind) last.samples.push(sample);
    else families.push({ name, kind, samples: [sample] });
  }
  return families;
}

/** The labels of a sample beside its name. An empty `instance` says that there is none, as Prometheus does. */
export function labelsBesideName(labels: Labels): Labels {
  const others = labels.filter(([name]) => name !== '__name__');
  return labelValue(labels, 'instance') === '' ? [...others, ['instance', '']] : others;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
