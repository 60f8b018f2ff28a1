export type Severity = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'unknown';

const ranges: readonly Severity[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

const names: Readonly<Record<string, Severity>> = {
  trace: 'trace', silly: 'trace', verbose: 'trace', debug: 'debug', info: 'info', information: 'info', http: 'info', notice: 'info',
  warn: 'warn', warning: 'warn', error: 'error', err: 'error', fatal: 'fatal', critical: 'fatal', crit: 'fatal', alert: 'fatal', emerg: 'fatal', emergency: 'fatal', panic: 'fatal',
};

/** By OTLP's severity number (1 to 24, four to a name), or by the sender's word where it gave no number. */
export function severityOf(number: number, text: string): Severity {
  const byNumber = number >= 1 && number <= 24 ? ranges[Math.floor((number - 1) / 4)] : undefined;
  return byNumber ?? names[text.toLowerCase().replace(/[0-9]$/, '')] ?? 'unknown';
}
