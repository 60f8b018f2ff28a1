import type { Labels } from '@signalbox/signals/prometheus/types';
import type { Turns } from '../../../event-loop.js';
import { labelValue, labelsKey } from '../../../labels/labels.js';
import type { Binary, Matching } from '../../ast.js';
import { isComparison } from '../../ast.js';
import { PromQLExecutionError } from '../../error.js';
import { arithmetic } from './arithmetic.js';
import { StepNotes, operateOnHistograms } from './element.js';
import { LABELS_WORK, dropLabels, keepLabels, withLabel, withoutMetadata } from '../values/labels.js';
import type { StepSeries } from '../values/values.js';
import { ABSENT, FLOAT, SeriesBuilder, hasPoints, histogramAt } from '../values/values.js';

/** The results of an operator between vectors, by their labels. */
export class Output {
  readonly #byLabels = new Map<string, SeriesBuilder>();
  readonly #compute: ((left: number, right: number) => number) | null;
  readonly #filters: boolean;

  readonly notes = new StepNotes();
  #orders: ReadonlyMap<StepSeries, number> | null = null;

  /** `many`: the whole vector on the many side. */
  constructor(readonly binary: Binary, readonly swapped: boolean, readonly count: number, readonly many: readonly StepSeries[]) {
    this.#compute = binary.op === '</' || binary.op === '>/' ? null : arithmetic(binary.op);
    this.#filters = isComparison(binary.op) && !binary.bool;
  }

  /** Series of the many side with equal signatures, and their partners on the one side. */
  async group(series: readonly StepSeries[], partners: readonly StepSeries[], chosen: Int32Array, turns: Turns): Promise<void> {
    const { matching } = this.binary;
    const matched = new Matched(matching.cardinality === 'one-to-one', this.count);
    for (const one of series) {
      const targets: (SeriesBuilder | undefined)[] = [];
      const filler = matching.fillRight === null ? undefined : this.#filler(one.labels, matching.fillRight);
      for (let step = 0; step < this.count; step++) {
        if (one.present[step] === ABSENT) continue;
        const index = chosen[step] ?? -1;
        const partner = partners[index] ?? filler;
        if (partner === undefined) continue;
        this.#put((targets[index + 1] ??= this.#target(one, partner)), step, one, partner, matched);
      }
      if (turns.due(this.count + LABELS_WORK)) await turns.turn();
    }
    if (matching.fillLeft !== null) this.#fillMany(partners, chosen, matched, matching.fillLeft);
  }

  series(): StepSeries[] {
    return [...this.#byLabels.values()].filter(hasPoints);
  }

  /** Partners that nothing matched. */
  #fillMany(partners: readonly StepSeries[], chosen: Int32Array, matched: Matched, fill: number): void {
    for (let step = 0; step < this.count; step++) {
      const partner = partners[chosen[step] ?? -1];
      if (partner === undefined || matched.any[step] === 1) continue;
      const filler = this.#filler(partner.labels, fill);
      this.#put(this.#target(filler, partner), step, filler, partner, matched);
    }
  }

  #filler(labels: Labels, value: number): StepSeries {
    return SeriesBuilder.of(sharedLabels(this.binary.matching, labels), false, new Float64Array(this.count).fill(value), new Uint8Array(this.count).fill(FLOAT), null);
  }

  #put(target: SeriesBuilder, step: number, many: StepSeries, one: StepSeries, matched: Matched): void {
    const [left, right] = this.swapped ? [one, many] : [many, one];
    if (left.present[step] === FLOAT && right.present[step] === FLOAT && this.#compute !== null) {
      const value = left.values[step] ?? NaN;
      const computed = this.#compute(value, right.values[step] ?? NaN);
      matched.note(target, step);
      if (this.#filters && computed === 0) return;
      this.#expectAbsent(target, step);
      target.setFloat(step, this.#filters ? value : computed);
      return;
    }
    const outcome = operateOnHistograms(this.binary, histogramAt(left, step) ?? left.values[step] ?? NaN, histogramAt(right, step) ?? right.values[step] ?? NaN, (say) => { this.notes.note(step, this.#orderOf(many), say); });
    if (outcome === undefined) return;
    matched.note(target, step);
    if (this.#filters && !outcome.keep) return;
    this.#expectAbsent(target, step);
    if (this.binary.bool) target.setFloat(step, Number(outcome.keep));
    else target.set(step, outcome.value);
  }

  #orderOf(series: StepSeries): number {
    this.#orders ??= new Map(this.many.map((one, index) => [one, index]));
    return this.#orders.get(series) ?? this.many.length;
  }

  #expectAbsent(target: SeriesBuilder, step: number): void {
    if (target.present[step] !== ABSENT) throw new PromQLExecutionError('vector cannot contain metrics with the same labelset');
  }

  #target(many: StepSeries, one: StepSeries): SeriesBuilder {
    const { matching, op, bool } = this.binary;
    let labels = isComparison(op) || op === '</' || op === '>/' ? many.labels : withoutMetadata(many.labels);
    if (matching.cardinality === 'one-to-one') {
      const names = new Set(matching.labels);
      labels = matching.on ? keepLabels(labels, names) : dropLabels(labels, names);
    }
    for (const name of matching.include) labels = withLabel(labels, name, labelValue(one.labels, name));
    const key = labelsKey(labels);
    let target = this.#byLabels.get(key);
    if (target === undefined) this.#byLabels.set(key, (target = SeriesBuilder.empty(labels, bool, this.count)));
    return target;
  }
}

/** What matched at each step of one group, whether its value is kept or not: there may be one of each. */
class Matched {
  readonly any: Uint8Array;
  readonly #targets = new Map<SeriesBuilder, Uint8Array>();

  constructor(readonly oneToOne: boolean, readonly count: number) {
    this.any = new Uint8Array(count);
  }

  note(target: SeriesBuilder, step: number): void {
    if (this.oneToOne) {
      if (this.any[step] === 1) throw new PromQLExecutionError('multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)');
    } else {
      let steps = this.#targets.get(target);
      if (steps === undefined) this.#targets.set(target, (steps = new Uint8Array(this.count)));
      if (steps[step] === 1) throw new PromQLExecutionError('multiple matches for labels: grouping labels must ensure unique matches');
      steps[step] = 1;
    }
    this.any[step] = 1;
  }
}

/** The labels that both sides of a match agree in. */
function sharedLabels({ on, labels }: Matching, of: Labels): Labels {
  return on ? keepLabels(of, new Set(labels)) : dropLabels(of, new Set([...labels, '__name__']));
}
