import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** The levels that a person at the terminal is shown; all other lines reach the appliance only. */
const SHOWN: ReadonlySet<unknown> = new Set(['warn', 'error']);

/** Passes a service's warnings and errors on, and whatever is not one of its log lines. */
export function showWarnings(lines: Readable, out: Writable): void {
  createInterface({ input: lines }).on('line', (line) => {
    const level = levelOf(line);
    if (level === undefined || SHOWN.has(level)) out.write(`${line}\n`);
  });
}

function levelOf(line: string): unknown {
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === 'object' && parsed !== null && 'level' in parsed ? parsed.level : undefined;
  } catch {
    return undefined;
  }
}
