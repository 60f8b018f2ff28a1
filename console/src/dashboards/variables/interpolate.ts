import type { Interval } from './interval.js';
import { ALL } from './variables.js';
import type { Choice } from './variables.js';

/**
 * Puts the chosen values in the place of `$name`, `${name}`, `${name:format}` and `[[name]]`, as Grafana does for
 * Prometheus: several values become a regular expression. What is no variable stays as it is.
 */
export function interpolate(text: string, choices: readonly Choice[], interval: Interval | null): string {
  const known = new Map(choices.map((choice) => [choice.variable.name, choice]));
  return text.replaceAll(/\$\{([\w]+)(?::([\w]+))?\}|\$(\w+)|\[\[(\w+)(?::(\w+))?\]\]/g, (whole, braced?: string, format?: string, bare?: string, square?: string, squareFormat?: string) => {
    const name = braced ?? bare ?? square ?? '';
    const own = interval === null ? undefined : intervalValue(name, interval);
    if (own !== undefined) return own;
    const choice = known.get(name);
    return choice === undefined ? whole : written(choice, format ?? squareFormat ?? '');
  });
}

function intervalValue(name: string, { stepMs, rateMs, fromMs, toMs }: Interval): string | undefined {
  switch (name) {
    case '__interval': return promDuration(stepMs);
    case '__interval_ms': return String(stepMs);
    case '__rate_interval': return promDuration(rateMs);
    case '__range': return promDuration(Math.max(1000, Math.round((toMs - fromMs) / 1000) * 1000));
    case '__range_s': return String(Math.round((toMs - fromMs) / 1000));
    case '__range_ms': return String(toMs - fromMs);
    default: return undefined;
  }
}

/** Milliseconds in the largest unit that divides them: `15s`, `5m`. */
export function promDuration(ms: number): string {
  for (const [size, unit] of [[86_400_000, 'd'], [3_600_000, 'h'], [60_000, 'm'], [1_000, 's']] as const) if (ms % size === 0) return `${ms / size}${unit}`;
  return `${ms}ms`;
}

function written({ variable, chosen, options }: Choice, format: string): string {
  const all = chosen.includes(ALL);
  if (all && variable.allValue !== '') return variable.allValue;
  const values = all ? options : chosen;
  switch (format) {
    case 'raw': return values.join(',');
    case 'csv': return values.join(',');
    case 'pipe': return values.join('|');
    case 'doublequote': return values.map((value) => `"${value}"`).join(',');
    case 'text': return all ? 'All' : values.join(' + ');
    default:
  }
  if (!variable.multi && !variable.includeAll && format !== 'regex') return escapeString(values[0] ?? '');
  // The backslashes of the expression are doubled, since it stands within a PromQL string.
  const escaped = values.map(escapeExpression);
  return escaped.length === 1 ? escaped[0] ?? '' : `(${escaped.join('|')})`;
}

function escapeString(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
}

function escapeExpression(text: string): string {
  return escapeString(text.replaceAll(/[\\^$*+?.()|[\]{}]/g, '\\$&'));
}
