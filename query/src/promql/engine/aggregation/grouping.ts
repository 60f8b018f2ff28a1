import type { Labels } from '@signalbox/signals/prometheus/types';
import { labelsKey } from '../../../labels/labels.js';
import type { Aggregate } from '../../ast.js';
import { dropLabels, keepLabels } from '../values/labels.js';

/** What series have so far by the labels that they are grouped by, one after the other. */
interface Level<T> {
  next: Map<Labels[number], Level<T>> | null;
  group: T | null;
}

/**
 * Groups of series by the labels that an aggregation keeps. Readers give many series the same label: a group is looked for by those,
 * and by its text once for each of their combinations.
 */
export class Grouping<T> {
  /** In the order of their first series. */
  readonly groups: T[] = [];
  readonly #names: ReadonlySet<string>;
  readonly #without: boolean;
  readonly #byText = new Map<string, T>();
  readonly #first: Level<T> = { next: null, group: null };

  constructor({ grouping, without }: Pick<Aggregate, 'grouping' | 'without'>, readonly make: (labels: Labels) => T) {
    this.#names = new Set(without ? [...grouping, '__name__'] : grouping);
    this.#without = without;
  }

  /** The labels of the group of a series. */
  labelsOf(labels: Labels): Labels {
    return this.#without ? dropLabels(labels, this.#names) : keepLabels(labels, this.#names);
  }

  of(labels: Labels): T {
    // Of many labels combinations are mostly a single series'.
    if (this.#without) return this.#ofText(labels);
    let level = this.#first;
    for (let i = 0; i < labels.length; i++) {
      const label = labels[i] as Labels[number];
      if (!this.#names.has(label[0])) continue;
      level.next ??= new Map();
      let next = level.next.get(label);
      if (next === undefined) level.next.set(label, (next = { next: null, group: null }));
      level = next;
    }
    return (level.group ??= this.#ofText(labels));
  }

  #ofText(labels: Labels): T {
    const kept = this.labelsOf(labels);
    const key = labelsKey(kept);
    let group = this.#byText.get(key);
    if (group === undefined) {
      group = this.make(kept);
      this.#byText.set(key, group);
      this.groups.push(group);
    }
    return group;
  }
}
