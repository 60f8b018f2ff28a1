import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MemorySeries } from '@signalbox/query/memory/series';
import type { Engine as PromQLEngine, Answer } from '@signalbox/query/promql/engine/engine';
import { Engine } from '@signalbox/query/promql/engine/engine';
import { PromQLNotSupported } from '@signalbox/query/promql/error';
import { parsePromQL } from '@signalbox/query/promql/parse';
import { STALE_NAN } from '@signalbox/query/promql/stale';
import type { Labels, NativeHistogram } from '@signalbox/signals/prometheus/types';
import type { Command, Evaluation, Expectation } from './promql-script.js';
import { parseScript } from './promql-script.js';

const SCRIPTS = fileURLToPath(new URL('../../../shared/suites/promql/', import.meta.url));
const TENANT = 'scripts';

/** Evaluations over floats that pass, by file. They may only grow. */
const FLOOR: Readonly<Record<string, number>> = {
  'aggregators.test': 124, 'collision.test': 2, 'histograms.test': 93, 'literals.test': 25, 'name_label_dropping.test': 30,
  'operators.test': 142, 'selectors.test': 31, 'staleness.test': 17, 'subquery.test': 32,
};

/** Native histograms are not evaluated yet: a series that has one is told by this. */
const NATIVE: NativeHistogram = {
  schema: 0, zeroThreshold: 0, zeroCount: 0, count: 1, sum: 1, customBounds: null, counterReset: 'unknown',
  positive: { offsets: new Int32Array(), counts: new Float64Array() }, negative: { offsets: new Int32Array(), counts: new Float64Array() },
};

describe('PromQL behaves as Prometheus states it', function scripts() {
  this.timeout(120_000);
  if (!existsSync(SCRIPTS)) {
    it.skip('needs the scripts in ../shared/suites/promql');
    return;
  }
  for (const file of readdirSync(SCRIPTS).filter((name) => name.endsWith('.test')).sort()) {
    it(file, async () => {
      const outcome = await run(parseScript(readFileSync(`${SCRIPTS}${file}`, 'utf8')));
      console.log(`      ${file}: ${outcome.passed} of ${outcome.passed + outcome.failed.length} over floats; ${outcome.native} need native histograms, ${outcome.unsupported.length} other things not supported yet`);
      const floor = FLOOR[file] ?? 0;
      assert.ok(outcome.passed >= floor, `fewer than ${floor} pass:\n${outcome.failed.join('\n')}`);
    });
  }
});

interface Outcome { passed: number; native: number; readonly failed: string[]; readonly unsupported: string[] }

async function run(commands: readonly Command[]): Promise<Outcome> {
  const outcome: Outcome = { passed: 0, native: 0, failed: [], unsupported: [] };
  let series = new MemorySeries();
  for (const command of commands) {
    if (command.kind === 'clear') series = new MemorySeries();
    else if (command.kind === 'load') load(series, command);
    else await judge(new Engine(series), command, outcome);
  }
  return outcome;
}

function load(into: MemorySeries, { series, nhcb }: Extract<Command, { kind: 'load' }>): void {
  for (const { labels, samples } of series) {
    into.set(TENANT, labels, samples.map(({ timeMs, value }) => {
      if (value === 'stale') return { timeMs, value: STALE_NAN };
      return typeof value === 'number' ? { timeMs, value } : { timeMs, value: NaN, histogram: NATIVE };
    }));
    const name = labels.find(([key]) => key === '__name__')?.[1] ?? '';
    if (!nhcb || !name.endsWith('_bucket')) continue;
    const whole = labels.filter(([key]) => key !== 'le').map(([key, value]) => [key, key === '__name__' ? name.slice(0, -'_bucket'.length) : value] as const);
    into.set(TENANT, whole, samples.map(({ timeMs }) => ({ timeMs, value: NaN, histogram: NATIVE })));
  }
}

async function judge(engine: PromQLEngine, evaluation: Evaluation, outcome: Outcome): Promise<void> {
  const where = `line ${evaluation.line}: ${evaluation.query}`;
  try {
    await check(engine, evaluation);
    outcome.passed++;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const wantsNative = evaluation.expected.some(({ values }) => values.some((value) => typeof value === 'object' && value !== null));
    if (wantsNative || message.includes('native histograms')) outcome.native++;
    else if (error instanceof PromQLNotSupported) outcome.unsupported.push(`${where}\n    ${message}`);
    else outcome.failed.push(`${where}\n    ${message.split('\n').slice(0, 12).join('\n    ')}`);
  }
}

async function check(engine: PromQLEngine, evaluation: Evaluation): Promise<void> {
  const { query, startMs, endMs, stepMs, fail } = evaluation;
  const context = { tenant: TENANT, signal: new AbortController().signal };
  const ask = (): Promise<Answer> => {
    const expr = parsePromQL(query);
    return stepMs === null ? engine.instant(context, query, expr, startMs) : engine.range(context, query, expr, startMs, endMs, stepMs);
  };
  if (fail !== null) {
    let failure: unknown = null;
    try {
      await ask();
    } catch (error) {
      failure = error;
    }
    assert.ok(failure instanceof Error, 'it should have failed');
    if (failure instanceof PromQLNotSupported) throw failure;
    if (fail.msg !== undefined) assert.equal(failure.message, fail.msg);
    if (fail.regex !== undefined) assert.match(failure.message, fail.regex);
    return;
  }
  const answer = await ask();
  compare(evaluation, answer);
  compareAnnotations(evaluation, answer);
  if (stepMs === null && evaluation.string === null && evaluation.matrix === null && !evaluation.ordered) await compareMiddle(engine, evaluation);
}

function compare(evaluation: Evaluation, { result }: Answer): void {
  const { expected, scalar, string, matrix, stepMs, startMs, ordered } = evaluation;
  if (string !== null) return assert.deepEqual(result.type === 'string' ? result.value : result, string);
  if (scalar !== null) return assert.ok(result.type === 'scalar' && equal(result.value, scalar), `expected ${scalar}, got ${JSON.stringify(result)}`);
  assert.ok(result.type === 'vector' || result.type === 'matrix', `expected series, got ${result.type}`);
  const gridStart = matrix?.startMs ?? startMs;
  const gridStep = matrix?.stepMs ?? stepMs ?? 0;
  const wanted = expected.map(({ labels, values }) => ({ key: keyOf(labels), points: pointsOf(values, gridStart, gridStep) }));
  const found = result.series.map(({ labels, timesMs, values }) => ({ key: keyOf(labels), points: timesMs.map((timeMs, i) => [timeMs, values[i] ?? NaN] as const) }));
  compareSeries(wanted, found);
  if (ordered) assert.deepEqual(found.map(({ key }) => key), wanted.map(({ key }) => key), 'the order differs');
}

type Series = { readonly key: string; readonly points: readonly (readonly [timeMs: number, value: number])[] };

function compareSeries(wanted: readonly Series[], found: readonly Series[]): void {
  const shown = () => `\nexpected ${JSON.stringify(wanted)}\ngot      ${JSON.stringify(found, (_, value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value))}`;
  assert.deepEqual(found.map(({ key }) => key).sort(), wanted.filter(({ points }) => points.length > 0).map(({ key }) => key).sort(), shown());
  for (const { key, points } of wanted) {
    const other = found.find((series) => series.key === key)?.points ?? [];
    assert.equal(other.length, points.length, `${key} has other points${shown()}`);
    points.forEach(([timeMs, value], i) => assert.ok(other[i]?.[0] === timeMs && equal(other[i][1], value), `${key} differs at ${timeMs}${shown()}`));
  }
}

async function compareMiddle(engine: PromQLEngine, evaluation: Evaluation): Promise<void> {
  const { query, startMs, scalar, expected } = evaluation;
  const context = { tenant: TENANT, signal: new AbortController().signal };
  const { result } = await engine.range(context, query, parsePromQL(query), startMs - 60_000, startMs + 60_000, 60_000);
  assert.equal(result.type, 'matrix');
  if (result.type !== 'matrix') return;
  const found = result.series.flatMap(({ labels, timesMs, values }) => {
    const at = timesMs.indexOf(startMs);
    return at < 0 ? [] : [{ key: keyOf(labels), points: [[startMs, values[at] ?? NaN] as const] }];
  });
  const wanted = scalar === null ? expected.map(({ labels, values }) => ({ key: keyOf(labels), points: pointsOf(values, startMs, 0) })) : [{ key: '[]', points: [[startMs, scalar] as const] }];
  compareSeries(wanted, found);
}

function compareAnnotations({ annotations }: Evaluation, { warnings, infos }: Answer): void {
  for (const { kind, msg, regex } of annotations) {
    const texts = kind === 'warn' || kind === 'no_warn' ? warnings : infos;
    if (kind.startsWith('no_')) {
      assert.deepEqual(texts, [], kind);
      continue;
    }
    const plain = texts.map((text) => text.replace(/ \(\d+:\d+\)$/, ''));
    if (msg !== undefined) assert.ok(plain.includes(msg) || texts.includes(msg), `expected the ${kind} ${msg}, got ${JSON.stringify(texts)}`);
    else if (regex !== undefined) assert.ok(texts.some((text) => regex.test(text)), `expected a ${kind} like ${regex.source}, got ${JSON.stringify(texts)}`);
    else assert.ok(texts.length > 0, `expected a ${kind}`);
  }
}

function pointsOf(values: Expectation['values'], startMs: number, stepMs: number): [number, number][] {
  return values.flatMap((value, i): [number, number][] => {
    assert.ok(value === null || typeof value === 'number', 'native histograms are expected');
    return value === null ? [] : [[startMs + i * stepMs, value]];
  });
}

function keyOf(labels: Labels): string {
  return JSON.stringify(labels);
}

function equal(a: number, b: number): boolean {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  return Math.abs(a - b) / (Math.abs(a) + Math.abs(b)) < 1e-6;
}
