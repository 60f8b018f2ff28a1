import assert from 'node:assert/strict';
import { labelsOf } from '../../labels/labels.js';
import { MemorySeries } from '../../memory/series.js';
import { PromQLExecutionError, PromQLParseError } from '../error.js';
import { SIGNATURES } from '../functions/signatures.js';
import { parsePromQL } from '../parsing/parse.js';
import { printPromQL } from '../print.js';
import { STALE_NAN } from '../numbers/stale.js';
import { histogramJson } from '../histogram/text.js';
import { Engine } from './engine.js';
import { labelsText } from './values/labels.js';
import type { Result } from './values/result.js';

const TENANT = 'fuzz';

/** The same numbers in every run: a failure can be looked at again. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Queries that follow the grammar, though not always the types. */
class Grammar {
  constructor(readonly random: () => number) {}

  pick<T>(...choices: readonly [T, ...T[]]): T {
    return choices[Math.floor(this.random() * choices.length)] ?? choices[0];
  }

  vector(depth: number): string {
    if (depth <= 0) return this.#selector();
    return this.pick(
      () => this.#selector(),
      () => `${this.pick(...AGGREGATED)}${this.pick('', ' by (l)', ' without (l, k)', ' by ()')} (${this.vector(depth - 1)})`,
      () => `${this.pick('topk', 'bottomk', 'quantile', 'limitk', 'limit_ratio')}(${this.#scalar(depth - 1)}, ${this.vector(depth - 1)})`,
      () => `count_values("k", ${this.vector(depth - 1)})`,
      () => `(${this.vector(depth - 1)}) ${this.pick(...OPERATORS)} ${this.#matching()} (${this.vector(depth - 1)})`,
      () => `(${this.vector(depth - 1)}) ${this.pick(...OPERATORS)} ${this.#scalar(depth - 1)}`,
      () => `(${this.vector(depth - 1)}) ${this.pick('and', 'or', 'unless')} on(l) (${this.vector(depth - 1)})`,
      () => this.#call(depth - 1),
      () => `-(${this.vector(depth - 1)})`,
    )();
  }

  #call(depth: number): string {
    const name = this.pick(...FUNCTIONS);
    const { args = [] } = SIGNATURES.get(name) ?? {};
    return `${name}(${args.map((type) => (type === 'vector' ? this.vector(depth) : type === 'matrix' ? this.#matrix(depth) : type === 'scalar' ? this.#scalar(depth) : '"l"')).join(', ')})`;
  }

  #selector(): string {
    return `${this.pick('c_total', 'h', 'g', 'none', '{__name__=~".+"}', 'c_total{l=~"a.*|b"}', 'b_bucket', 'mixed')}${this.#modifier()}`;
  }

  #modifier(): string {
    return this.pick('', '', '', ' offset 1m', ' offset -90s', ' @ 120', ' @ end()', ' smoothed', ' offset -step()');
  }

  #matrix(depth: number): string {
    return this.pick(
      () => `${this.pick('c_total', 'h', 'g', 'mixed')}[${this.pick('1m', '5m', '1ms', 'step()+1', 'max_of(range(),1m)', '1m*3')}]${this.pick('', '', ' anchored', ' smoothed', ' offset 1m')}`,
      () => `(${this.vector(depth)})[${this.pick('5m', '3m', '1m')}:${this.pick('', '30s', '7s')}]`,
    )();
  }

  #scalar(depth: number): string {
    return this.pick(() => String(Math.round((this.random() * 4 - 1) * 10) / 10), () => this.pick('NaN', 'Inf', '-Inf', '0', '1e300', '0x1f', '5m', 'time()', 'pi()'), () => `scalar(${this.vector(depth - 1)})`)();
  }

  #matching(): string {
    return this.pick('', 'bool ', 'ignoring(k)', 'on(l)', 'on(l) group_left', 'ignoring(k) group_right(k)', 'on(l) fill(0)', 'fill_left(1)');
  }
}

const AGGREGATED = ['sum', 'avg', 'min', 'max', 'count', 'group', 'stddev', 'stdvar'] as const;
const OPERATORS = ['+', '-', '*', '/', '%', '^', 'atan2', '==', '!=', '>', '<', '>=', '<=', '</', '>/'] as const;
const [FIRST = 'abs', ...OTHERS] = [...SIGNATURES.keys()];
const FUNCTIONS = [FIRST, ...OTHERS] as const;

function data(): MemorySeries {
  const series = new MemorySeries();
  const histogram = (i: number, schema: number) => ({
    schema, zeroThreshold: schema === -53 ? 0 : 0.001, zeroCount: schema === -53 ? 0 : i, count: i * 4, sum: i * 7, counterReset: 'unknown' as const,
    customBounds: schema === -53 ? Float64Array.of(1, 5, 10 + (i % 2)) : null,
    positive: { offsets: Int32Array.of(0, 1, 3), counts: Float64Array.of(i, i, i) }, negative: { offsets: new Int32Array(), counts: new Float64Array() },
  });
  for (const l of ['a1', 'a2', 'b']) {
    const times = Array.from({ length: 40 }, (_, i) => i * 15_000);
    const set = (name: string, extra: Record<string, string>, sample: (i: number) => { value: number; histogram?: ReturnType<typeof histogram> }) => {
      series.set(TENANT, labelsOf([['__name__', name], ['l', l], ...Object.entries(extra)]), times.map((timeMs, i) => ({ timeMs, ...sample(i) })));
    };
    set('c_total', {}, (i) => ({ value: i === 20 ? 0 : i * 3 }));
    set('g', { k: 'x' }, (i) => ({ value: i % 7 === 0 ? NaN : i % 11 === 0 ? STALE_NAN : Math.sin(i) * 1e3 }));
    set('h', {}, (i) => ({ value: NaN, histogram: histogram(i % 25, l === 'b' ? -53 : l === 'a1' ? 3 : 0) }));
    set('mixed', {}, (i) => (i % 3 === 0 ? { value: i } : { value: NaN, histogram: histogram(i, i % 5 === 0 ? -53 : 1) }));
    for (const le of ['0.1', '1', '+Inf']) set('b_bucket', { le }, (i) => ({ value: i * Number(le.replace('+', '').replace('Inf', '3')) }));
  }
  return series;
}

/** These differ between an instant query and a range query. */
const OF_THE_QUERY = /\b(?:start|end|range|step)\(\)/;

/** Samples at one time, as text by their labels. */
function pointsAt(result: Result, timeMs: number): string[] {
  if (result.type === 'scalar' || result.type === 'string') return [`{} ${Number(Number(result.value).toPrecision(9))}`];
  return result.series.flatMap(({ labels, timesMs, values, histograms }) => {
    const at = timesMs.indexOf(timeMs);
    const histogram = histograms?.[at] ?? null;
    return at < 0 ? [] : [`${labelsText(labels)} ${histogram === null ? Number(values[at]?.toPrecision(9)) : JSON.stringify(histogramJson({ ...histogram, sum: Number(histogram.sum.toPrecision(9)) }))}`];
  }).sort();
}

describe('the PromQL engine, given anything', function fuzz() {
  this.timeout(240_000);
  const engine = new Engine(data(), { maxSamples: 2_000_000 });
  const context = { tenant: TENANT, signal: new AbortController().signal };

  it('answers queries that follow the grammar, or says why not, and the same for a range as for its points', async () => {
    const grammar = new Grammar(numbers(7));
    let answered = 0;
    for (let i = 0; i < 1500; i++) {
      const query = grammar.vector(3);
      try {
        const expr = parsePromQL(query);
        assert.equal(printPromQL(parsePromQL(printPromQL(expr))), printPromQL(expr), query);
        const { result: single } = await engine.instant(context, query, expr, 300_000);
        const { result, explain } = await engine.range(context, query, expr, -60_000, 480_000, 60_000);
        assert.ok(explain().samplesPeak >= 0);
        if (!OF_THE_QUERY.test(query)) assert.deepEqual(pointsAt(result, 300_000), pointsAt(single, 300_000), query);
        answered++;
      } catch (error) {
        if (!(error instanceof PromQLExecutionError || error instanceof PromQLParseError)) throw new Error(`${query} breaks the engine`, { cause: error });
        if (error instanceof PromQLParseError) assert.match(error.message, /^\d+:\d+: parse error: /, query);
      }
    }
    assert.ok(answered > 300, `only ${answered} were answered`);
  });

  it('survives bytes of all kinds', () => {
    const random = numbers(11);
    for (let i = 0; i < 2000; i++) {
      const bytes = Buffer.from(Array.from({ length: Math.floor(random() * 40) }, () => Math.floor(random() * 256)));
      assert.throws(() => { throw parsed(bytes.toString('utf8')) ?? new PromQLParseError('it parses', '', null); }, PromQLParseError);
    }
  });

  function parsed(query: string): unknown {
    try {
      parsePromQL(query);
      return null;
    } catch (error) {
      return error;
    }
  }

  it('reads a thousand nested parentheses, and expressions before 1970', async () => {
    const query = `${'('.repeat(1000)}vector(time())${')'.repeat(1000)}`;
    const { result } = await engine.instant(context, query, parsePromQL(query), -86_400_000);
    assert.ok(result.type === 'vector' && result.series[0]?.values[0] === -86_400);
  });

  it('refuses to hold more samples than it may', async () => {
    for (const query of ['count_over_time(sum(g)[1y:1ms])', 'max_over_time(sum(c_total)[100y:1s])', 'sum_over_time(c_total[20m:1ms])']) {
      await assert.rejects(engine.range(context, query, parsePromQL(query), 0, 300_000, 1000), /too many samples into memory.*query\.max_samples/, query);
    }
  });

  it('matches catastrophic expressions in linear time', async () => {
    const query = 'count({__name__=~"(((a+)+)+)+$", l=~"(a|aa)+(b|a?)*[12]?"})';
    const { result } = await engine.instant(context, query, parsePromQL(query), 0);
    assert.equal(result.type, 'vector');
  });
});
