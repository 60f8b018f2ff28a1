/** The values of the `severity` label. */
export const SEVERITIES = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Names that loggers use, lower case, without the digit that OTLP's short names may carry (`ERROR2`). */
const NAMES: Readonly<Record<string, Severity>> = {
  trace: 'trace', finest: 'trace', finer: 'trace', silly: 'trace',
  debug: 'debug', dbug: 'debug', verbose: 'debug', fine: 'debug',
  info: 'info', information: 'info', informational: 'info', notice: 'info', config: 'info', http: 'info',
  warn: 'warn', warning: 'warn', wrn: 'warn',
  error: 'error', err: 'error', severe: 'error',
  fatal: 'fatal', critical: 'fatal', crit: 'fatal', alert: 'fatal', emerg: 'fatal', emergency: 'fatal', panic: 'fatal',
};

/**
 * The label's value for a record: from the number (1–24, by fours, opentelemetry/proto/logs/v1/logs.proto) and, where
 * there is none, from the text. Null where neither says anything known.
 */
export function severityLabel(text: string, number: number): Severity | null {
  if (number >= 1 && number <= 24) return SEVERITIES[Math.floor((number - 1) / 4)] ?? null;
  const name = text.trim().toLowerCase().replace(/[1-4]$/, '');
  return Object.hasOwn(NAMES, name) ? (NAMES[name] ?? null) : null;
}
