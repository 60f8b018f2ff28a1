import { writeSync } from 'node:fs';
import type { LogLevel } from './settings/settings.js';

/** What the agent itself says, on stderr: never through the application's own logging, never an exception. */
export interface Notices {
  info(text: string): void;
  warn(text: string): void;
}

const STDERR = 2;

/** Lines on stderr, as far as OTEL_LOG_LEVEL lets them through (information and warnings where it is not set). */
export function stderrNotices(level: LogLevel | null): Notices {
  const warns = level !== 'none' && level !== 'error';
  const informs = warns && level !== 'warn';
  return {
    info: (text) => informs && write(text),
    warn: (text) => warns && write(text),
  };
}

function write(text: string): void {
  try {
    writeSync(STDERR, `signalbox-agent: ${text}\n`);
  } catch {
    // stderr is closed or full: there is nobody to tell.
  }
}
