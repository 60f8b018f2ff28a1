import type { Side } from '../sidebyside/sides.js';
import type { Point, PointSeries } from '../sidebyside/write-request.js';
import { judge, judgeMiddle } from './http-judge.js';
import { customBucketSeries } from './native-text.js';
import type { Command, Evaluation } from './promql-script.js';
import { OF_THE_QUERY } from './promql-script.js';

/** What is driven: a server, or one tenant of it. */
export type Driven = Pick<Side, 'write' | 'query'>;

export interface Outcome {
  passed: number;
  total: number;
  readonly failed: string[];
}

/** Floats alone, and what has to do with native histograms, apart. */
export interface FileOutcome {
  readonly floats: Outcome;
  readonly native: Outcome;
}

/**
 * Runs a script over HTTP: samples by remote write, queries to `query` and `query_range`. `fresh` gives a server, or a tenant of one,
 * that holds nothing; it is asked at the beginning and at each `clear`.
 */
export async function driveScript(commands: readonly Command[], fresh: () => Promise<Driven>): Promise<FileOutcome> {
  const outcome: FileOutcome = { floats: { passed: 0, total: 0, failed: [] }, native: { passed: 0, total: 0, failed: [] } };
  let side: Driven | null = null;
  let native = false;
  for (const command of commands) {
    if (command.kind === 'clear') {
      side = null;
      native = false;
      continue;
    }
    side ??= await fresh();
    if (command.kind === 'load') {
      const series = pointsOf(command);
      native ||= series.some(({ points }) => points.some(({ value }) => typeof value === 'object'));
      // What the server refuses shows in the evaluations that miss it.
      for (const one of chunks(series)) await side.write(one).catch(() => undefined);
      continue;
    }
    const which = native ? outcome.native : outcome.floats;
    const wrong = await evaluate(side, command);
    which.total++;
    if (wrong === null) which.passed++;
    else which.failed.push(`line ${command.line}: ${command.query}: ${wrong}`);
  }
  return outcome;
}

/** One series a request would be slow, all in one would lose all where one is refused. */
function chunks(series: readonly PointSeries[]): PointSeries[][] {
  return Array.from({ length: Math.ceil(series.length / 20) }, (_, i) => series.slice(i * 20, i * 20 + 20));
}

/** The samples of a load, custom buckets included where it asks for them. */
export function pointsOf({ series, nhcb }: Extract<Command, { kind: 'load' }>): PointSeries[] {
  const found: PointSeries[] = series.map(({ labels, samples }) => ({
    labels, points: samples.map(({ timeMs, value }): Point => ({ timeMs, value: typeof value === 'object' ? value.histogram : value })),
  }));
  if (nhcb) for (const { labels, samples } of customBucketSeries(series)) found.push({ labels, points: samples.map(({ timeMs, histogram }) => ({ timeMs, value: histogram })) });
  return found.filter(({ points }) => points.length > 0);
}

async function evaluate(side: Driven, evaluation: Evaluation): Promise<string | null> {
  const { query, startMs, endMs, stepMs } = evaluation;
  const seconds = (ms: number): string => String(ms / 1000);
  if (stepMs !== null) return judge(evaluation, await side.query('query_range', { query, start: seconds(startMs), end: seconds(endMs), step: seconds(stepMs) }));
  const wrong = judge(evaluation, await side.query('query', { query, time: seconds(startMs) }));
  // A range vector or a string has no range query, and what fails has no middle.
  if (wrong !== null || evaluation.fail !== null || evaluation.string !== null || evaluation.matrix !== null || evaluation.ordered || OF_THE_QUERY.test(query)) return wrong;
  return judgeMiddle(evaluation, await side.query('query_range', { query, start: seconds(startMs - 60_000), end: seconds(startMs + 60_000), step: '60' }));
}
