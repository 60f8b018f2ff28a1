import { resolve } from 'node:path';
import type { Environment } from './environment.js';

/** Where what could not be sent is kept on disk. */
export interface SpoolSettings {
  /** Of one application; its processes share it. */
  readonly dir: string;
  /** Of each process; when it is full, the oldest batches go. */
  readonly maxBytes: number;
  /** What has waited longer is not sent any more. */
  readonly maxAgeMs: number;
}

const DEFAULT_MAX_BYTES = 64 << 20;
/** What the smallest journal has. */
const LEAST_BYTES = 1 << 20;
const DEFAULT_MAX_AGE_MS = 24 * 3_600_000;

/** SIGNALBOX_AGENT_SPOOL_*; null where no directory is named: an application's disk is its own. */
export function spoolSettings(environment: Environment): SpoolSettings | null {
  const dir = environment.text('SIGNALBOX_AGENT_SPOOL_DIRECTORY');
  const maxBytes = environment.whole('SIGNALBOX_AGENT_SPOOL_MAX_BYTES', DEFAULT_MAX_BYTES, LEAST_BYTES);
  const maxAgeMs = environment.whole('SIGNALBOX_AGENT_SPOOL_MAX_AGE_MS', DEFAULT_MAX_AGE_MS);
  return dir === undefined ? null : { dir: resolve(dir), maxBytes, maxAgeMs };
}
