import type { LoggerOptions } from '@signalbox/collector/telemetry/logger';
import type { Configuration } from './configuration.js';

/** How the roles write their logs: `service.telemetry.logs` as the Collector has it, else the section `log`. */
export function loggingOf({ sections, telemetry }: Configuration): Pick<LoggerOptions, 'level' | 'format'> & { readonly level: 'debug' | 'info' | 'warn' | 'error' } {
  const { level, encoding } = telemetry.logs;
  return { level: level ?? sections.log.level, ...(encoding === undefined ? {} : { format: encoding === 'json' ? 'json' : 'text' }) };
}
