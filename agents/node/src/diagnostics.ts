import type { DiagLogger } from '@opentelemetry/api';
import { diag, DiagLogLevel } from '@opentelemetry/api';
import { setGlobalErrorHandler } from '@opentelemetry/core';
import type { Notices } from './notices.js';

const MAX_DISTINCT = 20;

/**
 * Shows what OpenTelemetry warns of, each text once and only so many, so that a fault that repeats with every request
 * fills nobody's disk. With OTEL_LOG_LEVEL set, the SDK's own logger shows everything instead.
 */
export function showDiagnostics(notices: Notices): void {
  const warn = warnOnce(notices);
  const log = (...parts: readonly unknown[]): void => warn(parts.map(String).join(' '));
  const silent = (): void => {};
  const logger: DiagLogger = { error: log, warn: log, info: silent, debug: silent, verbose: silent };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  setGlobalErrorHandler((error) => log(typeof error === 'string' ? error : (error.message ?? String(error))));
}

/** Warns of each text once; after many distinct ones it says so and is silent. */
export function warnOnce(notices: Notices): (text: string) => void {
  const seen = new Set<string>();
  return (text) => {
    if (seen.size > MAX_DISTINCT || seen.has(text)) return;
    seen.add(text);
    notices.warn(seen.size > MAX_DISTINCT ? 'further warnings are left out; OTEL_LOG_LEVEL=warn shows all' : text);
  };
}
