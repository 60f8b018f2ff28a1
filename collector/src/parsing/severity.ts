/**
 * Names of levels as loggers write them, with OTLP's number (opentelemetry/proto/logs/v1/logs.proto: by fours from 1 trace to
 * 21 fatal; where a logger has more levels than six, the finer numbers between, as the logs data model's appendix B maps them).
 */
const NUMBERS: Readonly<Record<string, number>> = {
  trace: 1, trace2: 2, trace3: 3, trace4: 4, finest: 1, silly: 1, finer: 2,
  debug: 5, debug2: 6, debug3: 7, debug4: 8, dbug: 5, dbg: 5, verbose: 5, fine: 5, d: 5,
  info: 9, info2: 10, info3: 11, info4: 12, information: 9, informational: 9, i: 9, config: 9, http: 9, notice: 10,
  warn: 13, warn2: 14, warn3: 15, warn4: 16, warning: 13, wrn: 13, w: 13,
  error: 17, error2: 18, error3: 19, error4: 20, err: 17, e: 17, severe: 17, critical: 18, crit: 18, dpanic: 18, alert: 19, panic: 21,
  fatal: 21, fatal2: 22, fatal3: 23, fatal4: 24, f: 21, emerg: 21, emergency: 21,
};
const BY_NAME: ReadonlyMap<string, number> = new Map(Object.entries(NUMBERS));

/** OTLP's number for a level's name; 0 where it is not known. */
export function severityOfName(name: string): number {
  return BY_NAME.get(name) ?? BY_NAME.get(name.trim().toLowerCase()) ?? 0;
}

/** OTLP's number for a level as pino and bunyan number them (10 trace to 60 fatal); 0 where it is none. */
export function severityOfLevel(level: number): number {
  return level >= 10 && level <= 60 ? Math.floor(level / 10) * 4 - 3 : 0;
}

/** Syslog's severities (RFC 5424, 6.2.1) from 0 emergency to 7 debug, with the names the Collector writes. */
export const SYSLOG_SEVERITIES: readonly (readonly [text: string, severityNumber: number])[] = [
  ['emerg', 21], ['alert', 19], ['crit', 18], ['err', 17], ['warning', 13], ['notice', 10], ['info', 9], ['debug', 5],
];
