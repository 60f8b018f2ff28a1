import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import { formatValue } from '../../../promql/numbers/number-text.js';
import { cumulativeCounts } from './cumulative-counts.js';
import type { Escaping } from './escape-name.js';
import { escapeName, isPlainName } from './escape-name.js';
import type { Latest } from './latest.js';
import { familiesOf, labelsBesideName } from './latest.js';

/**
 * Federated samples in Prometheus' text format 0.0.4, by metric name. Native histograms have no place in it and are left out, unless
 * their buckets are custom ones: those become classic histograms.
 */
export function expositionText(samples: readonly Latest[], escaping: Escaping): string {
  const lines: string[] = [];
  for (const family of familiesOf(samples.filter(({ histogram }) => histogram === null || histogram.customBounds !== null))) {
    const name = escapeName(family.name, escaping);
    lines.push(`# TYPE ${quoted(name)} ${family.kind === 'untyped' ? 'untyped' : 'histogram'}`);
    for (const { labels, timeMs, value, histogram } of family.samples) {
      const pairs = labelsBesideName(labels).map(([key, text]) => labelText(escapeName(key, escaping), text));
      const line = (suffix: string, number: number, more: readonly string[] = []) => { lines.push(`${headText(name + suffix, [...pairs, ...more])} ${numberText(number)} ${timeMs}`); };
      if (histogram === null) line('', value);
      else classicLines(histogram, line);
    }
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function classicLines({ customBounds, positive, count, sum }: NativeHistogram, line: (suffix: string, value: number, more?: readonly string[]) => void): void {
  const bounds = customBounds ?? new Float64Array();
  cumulativeCounts(positive, bounds.length).forEach((cumulative, index) => { line('_bucket', cumulative, [labelText('le', numberText(bounds[index] ?? 0))]); });
  line('_bucket', count, [labelText('le', '+Inf')]);
  line('_sum', sum);
  line('_count', count);
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
