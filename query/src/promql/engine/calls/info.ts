import type { Labels } from '@signalbox/signals/prometheus/types';
import { labelValue, labelsKey } from '../../../labels/labels.js';
import { valueMatcher } from '../../../labels/matcher.js';
import type { Matcher } from '../../../readers.js';
import type { Call, Expr, VectorSelector } from '../../ast.js';
import { unwrapParens } from '../../ast.js';
import { PromQLExecutionError } from '../../error.js';
import { NOW, infoReference } from './info-reference.js';
import { labelsText, withLabel } from '../values/labels.js';
import type { Operands } from './operands.js';
import { selectVector } from '../selection/select.js';
import type { Grid, StepSeries } from '../values/values.js';
import { ABSENT, SeriesBuilder, hasPoints } from '../values/values.js';

const IDENTIFYING = ['instance', 'job'] as const;
const TARGET_INFO: Matcher = { name: '__name__', op: '=', value: 'target_info' };

/** info(): adds to each series the labels of the info series with the same `instance` and `job`. */
export async function infoCall(operands: Operands, grid: Grid, call: Call): Promise<StepSeries[]> {
  const [vector, selector] = call.args;
  if (vector === undefined) return [];
  const base = await operands.vector(vector, grid);
  const matchers = selectorOf(selector)?.matchers ?? [];
  const names = matchers.filter(({ name }) => name === '__name__');
  const data = matchers.filter(({ name }) => name !== '__name__');
  const nameMatchers = effectiveNames(selector === undefined ? [TARGET_INFO] : names);
  const isInfo = nameMatchers.map(valueMatcher);
  const plain = new Set(base.filter(({ labels }) => isInfo.every((matches) => matches(labelValue(labels, '__name__')))));
  const enriched = base.filter((one) => !plain.has(one));
  const info = await infoSeries(operands, grid, enriched, [...nameMatchers, ...data], vector);
  const output = new Enriched(grid.count);
  const bySignature = groupedBySignature(info);
  const needsInfo = data.some((matcher) => !valueMatcher(matcher)(''));
  const wanted = data.length === 0 ? null : new Set(data.map(({ name }) => name));
  for (const one of base) {
    const candidates = plain.has(one) ? [] : bySignature.get(signatureOf(one.labels)) ?? [];
    for (let step = 0; step < grid.count; step++) {
      if (one.present[step] === ABSENT) continue;
      if (plain.has(one)) {
        output.put(one, one.labels, step);
        continue;
      }
      const newest = newestByName(candidates, step);
      if (newest.length === 0 && needsInfo) continue;
      output.put(one, withLabels(one.labels, newest, wanted), step);
    }
    if (operands.evaluation.turns.due(grid.count * 4)) await operands.evaluation.turns.turn();
  }
  return output.series();
}

function selectorOf(arg: Expr | undefined): VectorSelector | null {
  const node = arg === undefined ? null : unwrapParens(arg);
  return node?.kind === 'selector' ? node : null;
}

/** Without a name it is target_info; names that only exclude leave every other metric that ends in `_info`. */
function effectiveNames(names: readonly Matcher[]): readonly Matcher[] {
  if (names.length === 0) return [TARGET_INFO];
  return names.some(({ op }) => op === '=' || op === '=~') ? names : [{ name: '__name__', op: '=~', value: '.+_info' }, ...names];
}

/** The values are the times of the info samples. */
async function infoSeries({ evaluation }: Operands, grid: Grid, base: readonly StepSeries[], matchers: readonly Matcher[], vector: Expr): Promise<readonly StepSeries[]> {
  const identified = base.filter(({ labels }) => IDENTIFYING.some((name) => labelValue(labels, name) !== ''));
  if (identified.length === 0) return [];
  const identifying = IDENTIFYING.flatMap((name): Matcher[] => {
    const values = new Set(identified.map(({ labels }) => labelValue(labels, name)));
    return [{ name, op: '=~', value: [...values].map(escaped).join('|') }];
  });
  const reference = infoReference(vector, (offset) => evaluation.offsetMs(offset), evaluation) ?? NOW;
  return selectVector(evaluation, grid, { kind: 'selector', range: vector.range, name: '', matchers: [...matchers, ...identifying], extension: null, ...reference }, 'floats');
}

function escaped(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}

function signatureOf(labels: Labels): string {
  return JSON.stringify(IDENTIFYING.map((name) => labelValue(labels, name)));
}

function groupedBySignature(series: readonly StepSeries[]): Map<string, StepSeries[]> {
  const groups = new Map<string, StepSeries[]>();
  for (const one of series) {
    const key = signatureOf(one.labels);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}

/** Of each info metric the series whose sample is the newest. */
function newestByName(candidates: readonly StepSeries[], step: number): StepSeries[] {
  const newest = new Map<string, StepSeries>();
  for (const one of candidates) {
    if (one.present[step] === ABSENT) continue;
    const name = labelValue(one.labels, '__name__');
    const other = newest.get(name);
    const [time, otherTime] = [one.values[step] ?? 0, other?.values[step] ?? -Infinity];
    if (other !== undefined && time === otherTime) {
      throw new PromQLExecutionError(`found duplicate series for info metric: existing ${labelsText(other.labels)} @ ${Math.round(time * 1000)}, new ${labelsText(one.labels)} @ ${Math.round(time * 1000)}`);
    }
    if (time > otherTime) newest.set(name, one);
  }
  return [...newest.values()];
}

function withLabels(base: Labels, infos: readonly StepSeries[], wanted: ReadonlySet<string> | null): Labels {
  const added = new Map<string, string>();
  for (const { labels } of infos) {
    for (const [name, value] of labels) {
      if (name === '__name__' || (wanted !== null && !wanted.has(name))) continue;
      const other = added.get(name);
      if (other !== undefined && other !== value) throw new PromQLExecutionError(`conflicting label: ${name}`);
      if (!base.some(([key]) => key === name)) added.set(name, value);
    }
  }
  let labels = base;
  for (const [name, value] of added) labels = withLabel(labels, name, value);
  return labels;
}

class Enriched {
  readonly #byLabels = new Map<string, SeriesBuilder>();

  constructor(readonly count: number) {}

  put(one: StepSeries, labels: Labels, step: number): void {
    const key = labelsKey(labels);
    let target = this.#byLabels.get(key);
    if (target === undefined) this.#byLabels.set(key, (target = SeriesBuilder.empty(labels, one.dropName, this.count)));
    if (target.present[step] !== ABSENT) throw new PromQLExecutionError('vector cannot contain metrics with the same labelset');
    target.copy(step, one);
  }

  series(): StepSeries[] {
    return [...this.#byLabels.values()].filter(hasPoints);
  }
}
