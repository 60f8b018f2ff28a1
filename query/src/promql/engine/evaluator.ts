import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import type { Aggregate, Binary, Call, Expr, Subquery } from '../ast.js';
import { isComparison, isSetOp, unwrapParens } from '../ast.js';
import { hinted } from '../histogram/hints.js';
import { multiplied } from '../histogram/scale.js';
import { aggregate, countValues } from './aggregation/aggregate.js';
import { foldRows, folds } from './aggregation/fold.js';
import { arithmetic } from './binary/arithmetic.js';
import { setOperation, vectorScalar, vectorVector } from './binary/binary.js';
import { evaluateCall, mapValues } from './calls/call.js';
import { givesRows, rangeRows } from './calls/range-call.js';
import type { Evaluation } from './evaluation.js';
import { tooManySamples } from './evaluation.js';
import type { Operands } from './calls/operands.js';
import { SampleCounts } from './sample-counts.js';
import { lookTimes, selectRange, selectVector, vectorRows } from './selection/select.js';
import { isStepInvariant } from './step-invariant.js';
import type { Rows } from './values/rows.js';
import { allRows } from './values/rows.js';
import type { Grid, RangeSeries, RangeVectors, StepSeries, Value } from './values/values.js';
import { ABSENT, HISTOGRAM, SeriesBuilder, isRange, rangeSeries, timeAt } from './values/values.js';

/** Evaluates expressions at all steps of a grid, whole series at a time. */
export class Evaluator implements Operands {
  constructor(readonly evaluation: Evaluation) {}

  async value(expr: Expr, grid: Grid): Promise<Value> {
    this.evaluation.context.signal.throwIfAborted();
    const node = unwrapParens(expr);
    return node.kind !== 'number' && node.kind !== 'string' && this.#isOnce(node, grid) ? this.#once(node, grid) : this.#each(node, grid);
  }

  #isOnce(node: Expr, grid: Grid): boolean {
    return isRange(grid) && !this.evaluation.inParameter && isStepInvariant(node, this.evaluation);
  }

  /** At the first step only, for all of them. */
  async #once(node: Expr, grid: Grid): Promise<Value> {
    const { evaluation } = this;
    const first: Grid = { startMs: grid.startMs, stepMs: grid.stepMs, count: 1, endMs: grid.startMs };
    const { counts } = evaluation;
    const within = counts === null ? null : new SampleCounts(first);
    evaluation.counts = within;
    const value = await this.#each(node, first);
    evaluation.counts = counts;
    if (within !== null) counts?.once(within);
    if (value.type === 'string') return value;
    if (value.type === 'scalar') return { type: 'scalar', values: new Float64Array(grid.count).fill(value.values[0] ?? NaN) };
    const series: StepSeries[] = [];
    for (const one of value.series) {
      evaluation.holdSteps(grid.count, one.histograms !== null);
      series.push(atAllSteps(one, grid.count));
      if (evaluation.turns.due(grid.count)) await evaluation.turns.turn();
    }
    return { type: 'vector', series };
  }

  async #each(node: Expr, grid: Grid): Promise<Value> {
    switch (node.kind) {
      case 'number': return { type: 'scalar', values: new Float64Array(grid.count).fill(node.value) };
      case 'string': return { type: 'string', value: node.value };
      case 'selector': return { type: 'vector', series: await selectVector(this.evaluation, grid, node) };
      case 'call': return NEED_BUCKETS.has(node.name) ? this.evaluation.withBuckets(() => evaluateCall(this, grid, withBareArguments(node))) : evaluateCall(this, grid, withBareArguments(node));
      case 'aggregate': return { type: 'vector', series: await this.#aggregate({ ...node, inner: unwrapParens(node.inner), param: node.param === null ? null : unwrapParens(node.param) }, grid) };
      case 'binary': return this.#binary(node, grid);
      case 'unary': {
        const inner = await this.value(node.inner, grid);
        if (node.op === '+' || inner.type === 'string') return inner;
        if (inner.type === 'scalar') return { type: 'scalar', values: inner.values.map((value) => -value) };
        return { type: 'vector', series: await mapValues(this.evaluation, inner.series, (value) => -value, (histogram) => multiplied(histogram, -1)) };
      }
      case 'paren': return this.value(node.inner, grid);
      case 'matrix':
      case 'subquery': throw new Error(`a range vector stands where the type check lets none: ${node.kind}`);
    }
  }

  async scalar(expr: Expr, grid: Grid): Promise<Float64Array> {
    const value = await this.value(expr, grid);
    return value.type === 'scalar' ? value.values : new Float64Array(grid.count).fill(NaN);
  }

  async vector(expr: Expr, grid: Grid): Promise<readonly StepSeries[]> {
    const value = await this.value(expr, grid);
    return value.type === 'vector' ? value.series : [];
  }

  /** `alone`: no function is over it, it is the answer. */
  async ranges(expr: Expr, grid: Grid, alone = false): Promise<RangeVectors> {
    const node = unwrapParens(expr);
    if (node.kind === 'matrix') return selectRange(this.evaluation, grid, node);
    if (node.kind === 'subquery') return this.#subquery(node, grid, alone);
    throw new Error(`no range vector, though the type check found one: ${node.kind}`);
  }

  /** The inner expression on a grid of its own, aligned to its step, over all windows at once. */
  async #subquery(node: Subquery, grid: Grid, alone: boolean): Promise<RangeVectors> {
    const offsetMs = this.evaluation.offsetMs(node.offsetMs);
    const endsMs = lookTimes(this.evaluation, grid, node.at, offsetMs);
    const stepMs = node.stepMs === null ? this.evaluation.options.subqueryStepMs : this.evaluation.durationMs(node.stepMs);
    const rangeMs = this.evaluation.durationMs(node.rangeMs);
    const firstMs = (endsMs[0] ?? 0) - rangeMs;
    let startMs = stepMs * Math.trunc(firstMs / stepMs);
    if (startMs <= firstMs) startMs += stepMs;
    const count = Math.max(0, Math.floor(((endsMs[grid.count - 1] ?? 0) - startMs) / stepMs) + 1);
    if (count > this.evaluation.samplesLeft) throw tooManySamples();
    const inner: Grid = { startMs, stepMs, count, endMs: endsMs[grid.count - 1] ?? startMs };
    const { counts } = this.evaluation;
    const within = counts === null ? null : new SampleCounts(inner);
    this.evaluation.counts = within;
    const series = count === 0 ? [] : (await this.evaluation.withBuckets(() => this.vector(node.inner, inner))).map((one) => samplesOf(one, inner));
    this.evaluation.counts = counts;
    const ranges: RangeVectors = { series, rangeMs, endsMs, extension: null, reachMs: 0 };
    if (within !== null) counts?.subquery(within, offsetMs, alone ? null : rangeMs, node.at !== null);
    if (!alone) counts?.windows(ranges, { fixed: node.at !== null, bare: false }, true);
    return ranges;
  }

  async #aggregate(node: Aggregate, grid: Grid): Promise<StepSeries[]> {
    const { param } = node;
    if (node.op === 'count_values') return countValues(this.evaluation, grid, node, await this.vector(node.inner, grid), param?.kind === 'string' ? param.value : '');
    const params = param === null ? null : await this.evaluation.withParameter(() => this.scalar(param, grid));
    const { evaluation } = this;
    const rows = folds(node) ? await this.#rows(node.inner, grid) : null;
    if (rows === null) return aggregate(evaluation, grid, node, await this.vector(node.inner, grid), params);
    return rows.mixed ? aggregate(evaluation, grid, node, await allRows(evaluation.turns, grid, rows), params) : foldRows(evaluation, grid, node, rows, params);
  }

  /** What gives series one by one, of which all drop their names or none does; null: it is to be evaluated as a whole. */
  async #rows(inner: Expr, grid: Grid): Promise<Rows | null> {
    const node = unwrapParens(inner);
    // Samples are counted by step over series as a whole.
    if (this.evaluation.counts !== null || this.#isOnce(node, grid)) return null;
    this.evaluation.context.signal.throwIfAborted();
    if (node.kind === 'selector') return vectorRows(this.evaluation, grid, node);
    return node.kind === 'call' && givesRows(node) ? rangeRows(this, grid, withBareArguments(node)) : null;
  }

  /** A chain of operators is evaluated in a loop, since it may be long. */
  async #binary(node: Binary, grid: Grid): Promise<Value> {
    const spine: Binary[] = [];
    let leftmost: Expr = node;
    for (; leftmost.kind === 'binary'; leftmost = unwrapParens(leftmost.left)) spine.push(leftmost);
    const compute = async (): Promise<Value> => {
      let left = await this.value(leftmost, grid);
      for (const link of spine.reverse()) left = await operate(link, left, await this.value(link.right, grid), grid, this.evaluation);
      return left;
    };
    return spine.some(({ op }) => op === '</' || op === '>/') ? this.evaluation.withBuckets(compute) : compute();
  }
}

/** What a series says at its only step, at so many. */
function atAllSteps({ labels, dropName, values, present, histograms }: StepSeries, count: number): StepSeries {
  const all = histograms === null ? null : new Array<NativeHistogram | null>(count).fill(histograms[0] ?? null);
  return SeriesBuilder.of(labels, dropName, new Float64Array(count).fill(values[0] ?? NaN), new Uint8Array(count).fill(present[0] ?? ABSENT), all);
}

/** Functions that look into native histograms. */
const NEED_BUCKETS: ReadonlySet<string> = new Set(['histogram_quantile', 'histogram_quantiles', 'histogram_fraction', 'histogram_stddev', 'histogram_stdvar']);

/** Notes name the place of what stands inside of parentheses. */
function withBareArguments(node: Call): Call {
  return node.args.some(({ kind }) => kind === 'paren') ? { ...node, args: node.args.map(unwrapParens) } : node;
}

async function operate(node: Binary, left: Value, right: Value, grid: Grid, evaluation: Evaluation): Promise<Value> {
  const { op, matching } = node;
  const { turns } = evaluation;
  if (left.type === 'scalar' && right.type === 'scalar') {
    const compute = arithmetic(op);
    return { type: 'scalar', values: left.values.map((value, step) => compute(value, right.values[step] ?? NaN)) };
  }
  if (left.type === 'vector' && right.type === 'vector') {
    const series = isSetOp(op) ? setOperation(op, matching, left.series, right.series, grid, turns) : vectorVector(node, left.series, right.series, grid.count, evaluation);
    return { type: 'vector', series: await series };
  }
  if (left.type === 'vector' && right.type === 'scalar') return { type: 'vector', series: await vectorScalar(node, left.series, right.values, false, evaluation) };
  if (left.type === 'scalar' && right.type === 'vector') return { type: 'vector', series: await vectorScalar(node, right.series, left.values, true, evaluation) };
  throw new Error(`${isComparison(op) ? 'a comparison' : op} of ${left.type} and ${right.type}, which the type check lets not pass`);
}

function samplesOf({ labels, dropName, values, present, histograms }: StepSeries, grid: Grid): RangeSeries {
  let count = 0;
  for (const there of present) if (there !== ABSENT) count++;
  const timesMs = new Float64Array(count);
  const found = new Float64Array(count);
  const natives = histograms === null ? null : new Array<NativeHistogram | null>(count).fill(null);
  let at = 0;
  for (let step = 0; step < grid.count; step++) {
    if (present[step] === ABSENT) continue;
    timesMs[at] = timeAt(grid, step);
    if (natives !== null && present[step] === HISTOGRAM) natives[at] = withoutHint(histograms?.[step] ?? null);
    found[at++] = values[step] as number;
  }
  return rangeSeries(labels, dropName, timesMs, found, natives?.some((histogram) => histogram !== null) === true ? natives : null);
}

/** What a sample says of the one before it is not true of a subquery's one before. */
function withoutHint(histogram: NativeHistogram | null): NativeHistogram | null {
  return histogram === null || histogram.counterReset === 'gauge' ? histogram : hinted(histogram, 'unknown');
}
