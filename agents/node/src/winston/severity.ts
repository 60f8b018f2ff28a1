import { SeverityNumber } from '@opentelemetry/api-logs';

/**
 * Severity numbers of the level names that winston's own sets have (npm, syslog, cli) and that people use besides;
 * syslog's as in the appendix of OpenTelemetry's log data model. A name that is not here has no number (0), its text
 * says what it is.
 */
const SEVERITIES: Readonly<Record<string, SeverityNumber>> = {
  emerg: SeverityNumber.FATAL,
  fatal: SeverityNumber.FATAL,
  alert: SeverityNumber.ERROR3,
  crit: SeverityNumber.ERROR2,
  critical: SeverityNumber.ERROR2,
  error: SeverityNumber.ERROR,
  warning: SeverityNumber.WARN,
  warn: SeverityNumber.WARN,
  notice: SeverityNumber.INFO2,
  help: SeverityNumber.INFO,
  data: SeverityNumber.INFO,
  info: SeverityNumber.INFO,
  http: SeverityNumber.DEBUG3,
  verbose: SeverityNumber.DEBUG2,
  prompt: SeverityNumber.DEBUG2,
  debug: SeverityNumber.DEBUG,
  input: SeverityNumber.TRACE2,
  trace: SeverityNumber.TRACE,
  silly: SeverityNumber.TRACE,
};

export function severityNumber(level: string): SeverityNumber {
  return SEVERITIES[level.toLowerCase()] ?? SeverityNumber.UNSPECIFIED;
}
