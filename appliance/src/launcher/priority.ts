import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';
import type { RoleName } from './messages.js';

/**
 * Where the processors do not suffice, acknowledgements go before the work that can wait. With 10 instead of 5 for the store, flat out
 * on two cores, the slowest hundredth of them takes a quarter less; more than 10 changes nothing.
 */
const NICENESS: Readonly<Record<RoleName, number>> = { receive: 0, deliver: 2, serve: 10 };

/**
 * Puts a role's process behind those whose work cannot wait. Not before it is ready for the first time: nothing is received until then,
 * and on a busy machine its start would take several times as long. Where the system does not allow it, all roles are equal.
 */
export function lowerPriority(role: RoleName, pid: number | undefined): void {
  const niceness = NICENESS[role];
  if (pid === undefined || niceness === 0) return;
  for (const id of threadsOf(pid)) {
    try {
      setPriority(id, niceness);
    } catch {
      continue; // it ended meanwhile, or may not be changed
    }
  }
}

/** On Linux priorities belong to threads, and those that run already keep theirs; elsewhere the process has one. */
function threadsOf(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [pid];
  }
}
