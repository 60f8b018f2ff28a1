import type { Labels, NativeHistogram } from '@signalbox/signals/prometheus/types';
import { compareLabels, labelValue } from '../../labels/labels.js';
import { formatValue } from '../../promql/number-text.js';
import type { Escaping } from './escape-name.js';
import { escapeName, isEscaping, isPlainName } from './escape-name.js';

/** One series' last sample. */
export interface Latest {
  readonly labels: Labels;
  readonly timeMs: number;
  readonly value: number;
  readonly histogram: NativeHistogram | null;
}

/** Federated samples in Prometheus' text format 0.0.4, by metric name. An empty `instance` says that there is none, as Prometheus does. */
export function expositionText(samples: readonly Latest[], escaping: Escaping): string {
  const sorted = samples.filter(({ histogram }) => histogram === null || histogram.customBounds !== null).sort((a, b) => compareLabels(a.labels, b.labels));
  const byName = [...sorted].sort((a, b) => order(labelValue(a.labels, '__name__'), labelValue(b.labels, '__name__')));
  const lines: string[] = [];
  let family = '';
  for (const sample of byName) {
    const name = escapeName(labelValue(sample.labels, '__name__'), escaping);
    const type = sample.histogram === null ? 'untyped' : 'histogram';
    if (family !== `${name} ${type}`) lines.push(`# TYPE ${quoted(name)} ${type}`);
    family = `${name} ${type}`;
    const pairs = sample.labels.filter(([key]) => key !== '__name__').map(([key, value]) => labelText(escapeName(key, escaping), value));
    if (labelValue(sample.labels, 'instance') === '') pairs.push(labelText('instance', ''));
    const line = (suffix: string, value: number, more: readonly string[] = []) => { lines.push(`${headText(name + suffix, [...pairs, ...more])} ${numberText(value)} ${sample.timeMs}`); };
    if (sample.histogram === null) line('', sample.value);
    else classicLines(sample.histogram, line);
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function classicLines({ customBounds, positive, count, sum }: NativeHistogram, line: (suffix: string, value: number, more?: readonly string[]) => void): void {
  let cumulative = 0;
  let next = 0;
  (customBounds ?? new Float64Array()).forEach((bound, index) => {
    while (next < positive.offsets.length && (positive.offsets[next] ?? 0) < index) next++;
    if (positive.offsets[next] === index) cumulative += positive.counts[next] ?? 0;
    line('_bucket', cumulative, [labelText('le', numberText(bound))]);
  });
  line('_bucket', count, [labelText('le', '+Inf')]);
  line('_sum', sum);
  line('_count', count);
}

/** The escaping of the first accepted text format; `underscores` where it names none. */
export function negotiateEscaping(accept: string): Escaping {
  let escaping: Escaping = 'underscores';
  for (const part of accept.split(',')) {
    const [type = '', ...params] = part.split(';').map((text) => text.trim());
    const asked = params.find((param) => param.startsWith('escaping='))?.slice('escaping='.length);
    if (asked !== undefined && isEscaping(asked)) escaping = asked;
    const version = params.find((param) => param.startsWith('version='))?.slice('version='.length);
    if (['text/plain', 'text/*', '*/*'].includes(type) && (version === undefined || version === '0.0.4')) return escaping;
  }
  return escaping;
}

function headText(name: string, pairs: readonly string[]): string {
  if (isPlainName(name)) return pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`;
  return `{${[quoted(name), ...pairs].join(',')}}`;
}

function quoted(name: string): string {
  return isPlainName(name) ? name : `"${escaped(name)}"`;
}

function labelText(name: string, value: string): string {
  return `${quoted(name)}="${escaped(value)}"`;
}

function escaped(text: string): string {
  return text.replace(/[\\"\n]/g, (char) => (char === '\n' ? '\\n' : `\\${char}`));
}

/** Go's shortest 'g' format: with an exponent from a million on and below 0.0001. */
function numberText(value: number): string {
  if (value === 0) return '0';
  const exponent = Number(/e([+-]\d+)$/.exec(value.toExponential())?.[1] ?? 0);
  if (!Number.isFinite(value) || (exponent >= -4 && exponent < 6)) return formatValue(value);
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
