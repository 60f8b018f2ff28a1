import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { MemorySeries } from '@signalbox/query/memory/series';
import type { Engine as PromQLEngine, Answer } from '@signalbox/query/promql/engine/engine';
import { Engine } from '@signalbox/query/promql/engine/engine';
import { parsePromQL } from '@signalbox/query/promql/parsing/parse';
import type { ResultSeries } from '@signalbox/query/promql/engine/values/result';
import type { Labels, NativeHistogram } from '@signalbox/signals/prometheus/types';
import { histogramsEqual } from './native-equal.js';
import { customBucketSeries } from './native-text.js';
import type { Command, Evaluation, Expectation } from './promql-script.js';
import { OF_THE_QUERY, parseScript } from './promql-script.js';
import { OWN, SCRIPTS } from './scripts-folder.js';

const TENANT = 'scripts';

/** Evaluations that there are at least, by file: none may get lost unseen. */
const FLOOR: Readonly<Record<string, number>> = {
  'aggregators.test': 160, 'collision.test': 2, 'histograms.test': 185, 'literals.test': 25, 'name_label_dropping.test': 30,
  'operators.test': 214, 'selectors.test': 31, 'staleness.test': 17, 'subquery.test': 34,
};

describe('PromQL behaves as Prometheus states it', () => {
  if (existsSync(SCRIPTS)) scriptsIn(SCRIPTS);
  else it.skip('needs the scripts in ../shared/suites/promql');
});

describe('PromQL behaves as our own scripts state it', () => { scriptsIn(OWN); });

function scriptsIn(folder: string): void {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.test')).sort()) {
    it(file, async function script() {
      this.timeout(240_000);
      const outcome = await run(parseScript(readFileSync(`${folder}${file}`, 'utf8')));
      console.log(`      ${file}: ${outcome.floats} over floats, ${outcome.native} with native histograms pass`);
      assert.equal(outcome.failed.length, 0, `${outcome.failed.length} fail:\n${outcome.failed.join('\n')}`);
      assert.ok(outcome.floats + outcome.native >= (folder === SCRIPTS ? FLOOR[file] ?? 1 : 1), 'there are fewer evaluations than there were');
    });
  }
}

interface Outcome { floats: number; native: number; readonly failed: string[] }

async function run(commands: readonly Command[]): Promise<Outcome> {
  const outcome: Outcome = { floats: 0, native: 0, failed: [] };
  let series = new MemorySeries();
  let native = false;
  for (const command of commands) {
    if (command.kind === 'clear') {
      series = new MemorySeries();
      native = false;
    } else if (command.kind === 'load') {
      native = load(series, command) || native;
    } else {
      await judge(new Engine(series), command, native, outcome);
    }
  }
  return outcome;
}

/** Adds to what is there. Whether there are native histograms among the samples. */
function load(into: MemorySeries, { series, nhcb }: Extract<Command, { kind: 'load' }>): boolean {
  const found: { labels: Labels; timeMs: number; value: number; histogram: NativeHistogram | null; stale: boolean }[] = [];
  for (const { labels, samples } of series) {
    for (const { timeMs, value } of samples) {
      found.push({ labels, timeMs, value: typeof value === 'number' ? value : NaN, histogram: typeof value === 'object' ? value.histogram : null, stale: value === 'stale' });
    }
  }
  const floats = series.map(({ labels, samples }) => ({ labels, samples: samples.flatMap(({ timeMs, value }) => (typeof value === 'number' ? [{ timeMs, value }] : [])) }));
  for (const { labels, samples } of nhcb ? customBucketSeries(floats) : []) for (const { timeMs, histogram } of samples) found.push({ labels, timeMs, value: NaN, histogram, stale: false });
  into.add(TENANT, { samples: found.map((sample) => ({ ...sample, startMs: 0, exemplars: [], item: 0 })), metadata: [], dropped: [] });
  return found.some(({ histogram }) => histogram !== null);
}

async function judge(engine: PromQLEngine, evaluation: Evaluation, native: boolean, outcome: Outcome): Promise<void> {
  try {
    await check(engine, evaluation);
    if (native) outcome.native++;
    else outcome.floats++;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    outcome.failed.push(`line ${evaluation.line}: ${evaluation.query}\n    ${message.split('\n').slice(0, 12).join('\n    ')}`);
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
    if (fail.msg !== undefined) assert.equal(failure.message, fail.msg);
    if (fail.regex !== undefined) assert.match(failure.message, fail.regex);
    return;
  }
  const answer = await ask();
  compare(evaluation, answer);
  compareAnnotations(evaluation, answer);
  if (stepMs === null && evaluation.string === null && evaluation.matrix === null && !evaluation.ordered && !OF_THE_QUERY.test(query)) await compareMiddle(engine, evaluation);
}

function compare(evaluation: Evaluation, { result }: Answer): void {
  const { expected, scalar, string, matrix, stepMs, startMs, ordered } = evaluation;
  if (string !== null) return assert.deepEqual(result.type === 'string' ? result.value : result, string);
  if (scalar !== null) return assert.ok(result.type === 'scalar' && equal(result.value, scalar), `expected ${scalar}, got ${JSON.stringify(result)}`);
  assert.ok(result.type === 'vector' || result.type === 'matrix', `expected series, got ${result.type}`);
  const gridStart = matrix?.startMs ?? startMs;
  const gridStep = matrix?.stepMs ?? stepMs ?? 0;
  const wanted = expected.map(({ labels, values }) => ({ key: keyOf(labels), points: pointsOf(values, gridStart, gridStep) }));
  const found = result.series.map((series) => ({ key: keyOf(series.labels), points: Array.from(series.timesMs, (timeMs, i) => [timeMs, pointOf(series, i)] as const) }));
  compareSeries(wanted, found);
  if (ordered) assert.deepEqual(found.map(({ key }) => key), wanted.map(({ key }) => key), 'the order differs');
}

type Series = { readonly key: string; readonly points: readonly (readonly [timeMs: number, value: Point])[] };

type Point = number | NativeHistogram;

function pointOf({ values, histograms }: ResultSeries, i: number): Point {
  return histograms?.[i] ?? values[i] ?? NaN;
}

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
  const found = result.series.flatMap((series) => {
    const at = series.timesMs.indexOf(startMs);
    return at < 0 ? [] : [{ key: keyOf(series.labels), points: [[startMs, pointOf(series, at)] as const] }];
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

function pointsOf(values: Expectation['values'], startMs: number, stepMs: number): [number, Point][] {
  return values.flatMap((value, i): [number, Point][] => {
    assert.notEqual(value, 'stale', 'a stale marker is expected');
    if (value === null || value === 'stale') return [];
    return [[startMs + i * stepMs, typeof value === 'number' ? value : value.histogram]];
  });
}

function keyOf(labels: Labels): string {
  return JSON.stringify(labels);
}

function equal(a: Point, b: Point): boolean {
  if (typeof a === 'number' && typeof b === 'number') return equalNumbers(a, b);
  return typeof a !== 'number' && typeof b !== 'number' && histogramsEqual(a, b, equalNumbers);
}

function equalNumbers(a: number, b: number): boolean {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  return Math.abs(a - b) / (Math.abs(a) + Math.abs(b)) < 1e-6;
}
