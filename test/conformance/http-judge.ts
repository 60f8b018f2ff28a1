import { histogramJson } from '@signalbox/query/promql/histogram/text';
import { formatValue } from '@signalbox/query/promql/numbers/number-text';
import type { ApiAnswer } from '../sidebyside/sides.js';
import { difference } from '../sidebyside/equal-answers.js';
import type { Evaluation, Sample } from './promql-script.js';

/** What a script's evaluation expects, as an API's answer. Null: any error will do. */
export function judge(evaluation: Evaluation, answer: ApiAnswer): string | null {
  if (evaluation.fail !== null) return judgeFailure(evaluation.fail, answer);
  if (answer.status === 'error') return `failed: ${answer.error}`;
  const annotations = judgeAnnotations(evaluation, answer);
  if (annotations !== null) return annotations;
  const { warnings: _warnings, infos: _infos, ...rest } = answer;
  // A range query answers in order of labels, whatever the script lists first.
  return difference({ status: 'success', data: expectedData(evaluation) }, rest, evaluation.ordered && evaluation.stepMs === null);
}

/** The same instant in the middle of a range query, as upstream asks every instant query a second time. */
export function judgeMiddle(evaluation: Evaluation, answer: ApiAnswer): string | null {
  if (answer.status === 'error') return `as a range: failed: ${answer.error}`;
  const { result } = answer.data as { result: { metric: object; values?: [number, string][]; histograms?: [number, unknown][] }[] };
  const at = evaluation.startMs / 1000;
  const middle = result.flatMap(({ metric, values = [], histograms = [] }) => {
    const value = values.find(([time]) => time === at);
    const histogram = histograms.find(([time]) => time === at);
    return value === undefined && histogram === undefined ? [] : [{ metric, ...(value === undefined ? { histogram } : { value }) }];
  });
  const scalar = evaluation.scalar === null ? null : [{ metric: {}, value: [at, formatValue(evaluation.scalar)] }];
  const expected = scalar === null ? expectedData(evaluation) : { resultType: 'vector', result: scalar };
  const found = difference({ status: 'success', data: expected }, { status: 'success', data: { resultType: 'vector', result: middle } }, false);
  return found === null ? null : `as a range: ${found}`;
}

function judgeFailure(fail: NonNullable<Evaluation['fail']>, { status, error = '' }: ApiAnswer): string | null {
  if (status !== 'error') return 'did not fail';
  const plain = error.replace(/^invalid parameter "query": /, '');
  if (fail.msg !== undefined && fail.msg !== error && fail.msg !== plain) return `failed otherwise: ${error}`;
  return fail.regex?.test(error) === false ? `failed otherwise: ${error}` : null;
}

function judgeAnnotations({ annotations }: Evaluation, { warnings = [], infos = [] }: ApiAnswer): string | null {
  for (const { kind, msg, regex } of annotations) {
    const texts = kind.endsWith('warn') ? warnings : infos;
    if (kind.startsWith('no_')) {
      if (texts.length > 0) return `${kind}: ${texts.join(' | ')}`;
      continue;
    }
    const found = texts.some((text) => (msg !== undefined ? text === msg || text.replace(/ \(\d+:\d+\)$/, '') === msg : regex?.test(text) ?? true));
    if (!found) return `expected ${kind} ${msg ?? regex?.source ?? ''}, got ${texts.join(' | ')}`;
  }
  return null;
}

function expectedData({ string, scalar, startMs, stepMs, matrix, expected }: Evaluation): { resultType: string; result: unknown } {
  if (string !== null) return { resultType: 'string', result: [startMs / 1000, string] };
  if (scalar !== null) return { resultType: 'scalar', result: [startMs / 1000, formatValue(scalar)] };
  const series = expected.filter(({ values }) => values.some((value) => value !== null));
  if (stepMs === null && matrix === null) {
    return {
      resultType: 'vector',
      result: series.map(({ labels, values }) => ({ metric: Object.fromEntries(labels), ...pointJson(startMs, values[0] ?? NaN) })),
    };
  }
  const [gridStart, gridStep] = matrix === null ? [startMs, stepMs ?? 0] : [matrix.startMs, matrix.stepMs];
  return {
    resultType: 'matrix',
    result: series.map(({ labels, values }) => {
      const points = values.flatMap((value, i) => (value === null ? [] : [pointJson(gridStart + i * gridStep, value)]));
      return { metric: Object.fromEntries(labels), values: points.flatMap(({ value }) => (value === undefined ? [] : [value])), histograms: points.flatMap(({ histogram }) => (histogram === undefined ? [] : [histogram])) };
    }),
  };
}

function pointJson(timeMs: number, value: Sample['value']): { value?: unknown; histogram?: unknown } {
  if (typeof value === 'number' || value === 'stale') return { value: [timeMs / 1000, value === 'stale' ? 'NaN' : formatValue(value)] };
  return { histogram: [timeMs / 1000, histogramJson(value.histogram)] };
}
