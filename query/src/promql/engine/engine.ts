import type { ReadContext, SeriesReader } from '../../readers.js';
import { Annotations } from '../annotations.js';
import type { Expr } from '../ast.js';
import { unwrapParens } from '../ast.js';
import { typeOf } from '../check.js';
import { PromQLExecutionError } from '../error.js';
import type { EngineOptions } from './evaluation.js';
import type { Explanation } from './explain.js';
import { explanation } from './explain.js';
import { DEFAULT_ENGINE, Evaluation } from './evaluation.js';
import { Evaluator } from './evaluator.js';
import type { Result } from './values/result.js';
import { SampleCounts } from './sample-counts.js';
import { instantResult, matrixResult, rangeResult } from './values/result.js';
import type { Grid } from './values/values.js';

export interface Answer {
  readonly result: Result;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  /** Samples that the query held. */
  readonly samples: number;
  /** Of what the query may take in memory, what is left for writing the answer. Bytes. */
  readonly bytesLeft: number;
  /** Null where they were not to be counted. */
  readonly counts: SampleCounts | null;
  /** What was pushed down and read; made when it is asked for. */
  readonly explain: () => Explanation;
}

/**
 * The PromQL engine over one reader. Names that an operation drops are taken away at the end of the query, as
 * Prometheus does it with `promql-delayed-name-removal`. Throws PromQLExecutionError.
 */
export class Engine {
  readonly options: EngineOptions;

  constructor(readonly reader: SeriesReader, options: Partial<EngineOptions> = {}) {
    this.options = { ...DEFAULT_ENGINE, ...options };
  }

  /** `counting`: how many samples are taken is counted by step. */
  async instant(context: ReadContext, query: string, expr: Expr, timeMs: number, lookbackMs = this.options.lookbackMs, counting = false): Promise<Answer> {
    const grid: Grid = { startMs: timeMs, stepMs: 1, count: 1, endMs: timeMs };
    const { evaluator, annotations } = this.#evaluator(context, query, timeMs, timeMs, 0, lookbackMs);
    if (counting) evaluator.evaluation.counts = new SampleCounts(grid);
    evaluator.evaluation.checkDurations(expr);
    const node = unwrapParens(expr);
    const result = node.kind === 'matrix' || node.kind === 'subquery'
      ? matrixResult(await evaluator.ranges(node, grid, true))
      : await instantResult(await evaluator.value(node, grid), grid, evaluator.evaluation.turns);
    return answer(result, expr, annotations, evaluator.evaluation);
  }

  /** At `startMs` and every step, of whole milliseconds, up to `endMs`. `askedStepMs`: as step() tells it. */
  async range(context: ReadContext, query: string, expr: Expr, startMs: number, endMs: number, askedStepMs: number, lookbackMs = this.options.lookbackMs, counting = false): Promise<Answer> {
    const type = typeOf(expr);
    if (type !== 'scalar' && type !== 'vector') {
      throw new PromQLExecutionError(`invalid expression type "${type === 'matrix' ? 'range vector' : type}" for range query, must be Scalar or instant Vector`);
    }
    const stepMs = Math.max(1, Math.trunc(askedStepMs));
    const grid: Grid = { startMs, stepMs, count: Math.floor((endMs - startMs) / stepMs) + 1, endMs };
    const { evaluator, annotations } = this.#evaluator(context, query, startMs, endMs, askedStepMs, lookbackMs);
    if (counting) evaluator.evaluation.counts = new SampleCounts(grid);
    evaluator.evaluation.checkDurations(expr);
    const result = await rangeResult(await evaluator.value(expr, grid), grid, evaluator.evaluation.turns);
    return answer(result, expr, annotations, evaluator.evaluation);
  }

  #evaluator(context: ReadContext, query: string, startMs: number, endMs: number, stepMs: number, lookbackMs: number): { evaluator: Evaluator; annotations: Annotations } {
    const annotations = new Annotations(query);
    return { evaluator: new Evaluator(new Evaluation(this.reader, context, { ...this.options, lookbackMs }, annotations, startMs, endMs, stepMs)), annotations };
  }
}

function answer(result: Result, expr: Expr, { warnings, infos }: Annotations, evaluation: Evaluation): Answer {
  return { result, warnings, infos, samples: evaluation.samplesHeld, bytesLeft: evaluation.bytesLeft, counts: evaluation.counts, explain: () => explanation(expr, evaluation.reads, evaluation.samplesPeak) };
}
