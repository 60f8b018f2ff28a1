import { parsePrometheusDuration } from '@signalbox/query/promql/durations/duration';
import type { Labels, NativeHistogram } from '@signalbox/signals/prometheus/types';
import { HistogramSum } from '@signalbox/query/promql/histogram/sum/sum';
import { addNative, parseNative } from './native-text.js';

/** Prometheus' behaviour scripts (promql/promqltest): what to load, what to ask and what to expect. */

export interface Sample {
  readonly timeMs: number;
  /** `native`: a native histogram, as the script has it first, and as it is after so many steps. */
  readonly value: number | 'stale' | { readonly native: string; readonly histogram: NativeHistogram };
}

export interface ScriptSeries {
  readonly labels: Labels;
  readonly samples: readonly Sample[];
}

export interface Expectation {
  readonly labels: Labels;
  readonly values: readonly (Sample['value'] | null)[];
}

export interface Evaluation {
  readonly kind: 'eval';
  readonly line: number;
  readonly query: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Null: an instant query. */
  readonly stepMs: number | null;
  readonly fail: { readonly msg?: string; readonly regex?: RegExp } | null;
  readonly annotations: readonly { readonly kind: 'warn' | 'info' | 'no_warn' | 'no_info'; readonly msg?: string; readonly regex?: RegExp }[];
  readonly ordered: boolean;
  readonly string: string | null;
  readonly scalar: number | null;
  /** The grid of an expected range vector. */
  readonly matrix: { readonly startMs: number; readonly stepMs: number } | null;
  readonly expected: readonly Expectation[];
}

/** These differ between an instant query and the range query around it. */
export const OF_THE_QUERY = /\b(?:start|end|range|step)\(\)/;

export type Command =
  | { readonly kind: 'clear' }
  | { readonly kind: 'load'; readonly series: readonly ScriptSeries[]; readonly nhcb: boolean }
  | Evaluation;

/** Evaluations that expect nothing may follow each other line by line. */
const NEXT_EVAL = /^eval(?:_\w+)? (?:instant|range) /;

export function parseScript(text: string): Command[] {
  const lines = text.split('\n').map((line) => (line.trim().startsWith('#') ? '' : line.trim()));
  const commands: Command[] = [];
  for (let at = 0; at < lines.length; at++) {
    const head = lines[at] ?? '';
    if (head === '') continue;
    let end = at + 1;
    while (end < lines.length && lines[end] !== '' && !NEXT_EVAL.test(lines[end] ?? '')) end++;
    const block = lines.slice(at + 1, end);
    if (head === 'clear') {
      commands.push({ kind: 'clear' });
      continue;
    }
    if (head.startsWith('load')) commands.push(parseLoad(head, block));
    else commands.push(parseEval(head, block, at + 1));
    at = end - 1;
  }
  return commands;
}

/** Start times of the next line's samples: remote write 1.0 has no place for them, and Prometheus drops them unless told otherwise. */
const START_TIMES = /^[^\s{]*(?:\{.*\})?@st\s/;

function parseLoad(head: string, block: readonly string[]): Command {
  const [word = '', gap = ''] = head.split(/\s+/);
  const stepMs = parsePrometheusDuration(gap);
  const series = new Map<string, ScriptSeries>();
  for (const line of block) {
    if (START_TIMES.test(line)) continue;
    const { labels, rest } = parseSeries(line);
    const samples = parseItems(rest).flatMap((value, i) => (value === null ? [] : [{ timeMs: i * stepMs, value }]));
    series.set(JSON.stringify(labels), { labels, samples });
  }
  return { kind: 'load', series: [...series.values()], nhcb: word === 'load_with_nhcb' };
}

const INSTANT = /^eval(_fail|_warn|_info|_ordered)?\s+instant\s+(?:at\s+(\S+))?\s*(.+)$/;
const RANGE = /^eval(_fail|_warn|_info)?\s+range\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)\s+(.+)$/;

function parseEval(head: string, block: readonly string[], line: number): Evaluation {
  const instant = INSTANT.exec(head);
  const range = RANGE.exec(head);
  const flavour = instant?.[1] ?? range?.[1] ?? '';
  const startMs = parsePrometheusDuration(instant?.[2] ?? range?.[2] ?? '');
  const annotations: Evaluation['annotations'][number][] = flavour === '_warn' ? [{ kind: 'warn' }] : flavour === '_info' ? [{ kind: 'info' }] : [];
  let fail: Evaluation['fail'] = flavour === '_fail' ? {} : null;
  let ordered = flavour === '_ordered';
  let string: string | null = null;
  let scalar: number | null = null;
  let matrix: Evaluation['matrix'] = null;
  const expected: Expectation[] = [];
  for (const text of block) {
    const expect = /^expect(?:ed)?(?:_fail_(message|regexp))?\s+(\w+)?\s*(.*)$/.exec(text);
    if (text.startsWith('expected_fail_message')) fail = { msg: text.replace('expected_fail_message', '').trim() };
    else if (text.startsWith('expected_fail_regexp')) fail = { regex: new RegExp(text.replace('expected_fail_regexp', '').trim()) };
    else if (text.startsWith('expect ') && expect !== null) {
      const [, , what = '', rest = ''] = expect;
      const detail = detailOf(rest);
      if (what === 'fail') fail = detail;
      else if (what === 'ordered') ordered = true;
      else if (what === 'string') string = unquote(rest);
      else if (what === 'range') {
        const grid = /^vector\s+from\s+(\S+)\s+to\s+\S+\s+step\s+(\S+)$/.exec(rest);
        matrix = { startMs: parsePrometheusDuration(grid?.[1] ?? ''), stepMs: parsePrometheusDuration(grid?.[2] ?? '') };
      } else annotations.push({ kind: what as 'warn', ...detail });
    } else if (isNumber(text)) {
      scalar = parseNumber(text);
    } else {
      const { labels, rest } = parseSeries(text);
      expected.push({ labels, values: parseItems(rest) });
    }
  }
  return {
    kind: 'eval', line, query: instant?.[3] ?? range?.[5] ?? '', startMs,
    endMs: range === null ? startMs : parsePrometheusDuration(range[3] ?? ''), stepMs: range === null ? null : parsePrometheusDuration(range[4] ?? ''),
    fail, annotations, ordered, string, scalar, matrix, expected,
  };
}

function detailOf(text: string): { msg?: string; regex?: RegExp } {
  const match = /^(msg|regex):\s*(.*)$/.exec(text);
  if (match === null) return {};
  return match[1] === 'msg' ? { msg: match[2] ?? '' } : { regex: new RegExp(match[2] ?? '') };
}

function unquote(text: string): string {
  return text.startsWith('`') ? text.slice(1, -1) : JSON.parse(text) as string;
}

/** `name{a="b"} 1 2 3`; names in quotes are allowed, also as the first thing in the braces. */
function parseSeries(line: string): { labels: Labels; rest: string } {
  const labels = new Map<string, string>();
  const name = /^[A-Za-z_:][A-Za-z0-9_:]*/.exec(line)?.[0] ?? '';
  if (name !== '') labels.set('__name__', name);
  let rest = line.slice(name.length);
  if (rest.startsWith('{') && !rest.startsWith('{{')) {
    rest = rest.slice(1).trimStart();
    while (!rest.startsWith('}')) {
      const pair = /^(?:([A-Za-z_][A-Za-z0-9_]*)|("(?:[^"\\]|\\.)*"))\s*(?:=\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`))?\s*,?\s*/.exec(rest);
      if (pair === null) throw new Error(`cannot read the labels of ${line}`);
      const key = pair[1] ?? unquote(pair[2] ?? '""');
      if (pair[3] === undefined) labels.set('__name__', key);
      else labels.set(key, pair[3].startsWith("'") ? pair[3].slice(1, -1) : unquote(pair[3]));
      rest = rest.slice(pair[0].length);
    }
    rest = rest.slice(1);
  }
  return { labels: [...labels].filter(([, value]) => value !== '').sort(([a], [b]) => (a < b ? -1 : 1)), rest: rest.trim() };
}

/** `0x10` is ten more zeros, not sixteen. */
const ITEM = /^(?:_(?:x(\d+))?|(\{\{[^}]*\}\})(?:([+-])(\{\{[^}]*\}\}))?(?:x(\d+))?|(stale|[+-]?(?:inf|nan)|[+-]?0x[0-9a-f]*[a-f][0-9a-f]*|[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(?:([+-](?:inf|nan|0x[0-9a-f]+|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?))?x(\d+))?)(?=\s|$)/i;

function parseItems(text: string): (Sample['value'] | null)[] {
  const values: (Sample['value'] | null)[] = [];
  for (let rest = text.trim(); rest !== '';) {
    const item = ITEM.exec(rest);
    if (item === null) throw new Error(`cannot read the samples ${rest}`);
    const [whole, gaps, native, sign, nativeStep, nativeTimes, first, step, times] = item;
    if (native !== undefined) values.push(...natives(native, nativeStep, sign === '-' ? -1 : 1, Number(nativeTimes ?? 0)));
    else if (first === undefined) for (let i = 0; i < Number(gaps ?? 1); i++) values.push(null);
    else if (first === 'stale') for (let i = 0; i <= Number(times ?? 0); i++) values.push('stale');
    else {
      let value = parseNumber(first);
      for (let i = 0; i <= Number(times ?? 0); i++) {
        values.push(value);
        value += step === undefined ? 0 : parseNumber(step);
      }
    }
    rest = rest.slice(whole.length).trimStart();
  }
  return values;
}

function natives(native: string, step: string | undefined, sign: number, times: number): { native: string; histogram: NativeHistogram }[] {
  const first = parseNative(native);
  const growth = step === undefined ? null : parseNative(step);
  return Array.from({ length: times + 1 }, (_, i) => ({ native, histogram: growth === null ? first : grown(first, growth, i * sign) }));
}

function grown(first: NativeHistogram, growth: NativeHistogram, times: number): NativeHistogram {
  if (first.schema === growth.schema) return addNative(first, growth, times);
  const sum = new HistogramSum(first);
  sum.add(growth, times);
  return sum.value();
}

function isNumber(text: string): boolean {
  return /^[+-]?(inf|nan|0x[0-9a-f]+|(\d+\.?\d*|\.\d+)(e[+-]?\d+)?)$/i.test(text);
}

function parseNumber(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  const body = text.replace(/^[+-]/, '');
  if (/^inf$/i.test(body)) return sign * Infinity;
  if (/^nan$/i.test(body)) return NaN;
  return sign * Number(body);
}
