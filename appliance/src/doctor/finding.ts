import type { Caller } from '../probe/caller.js';

/** What a check found. `problem` is why data does not arrive; `hint` may be. */
export interface Finding {
  readonly check: string;
  readonly level: 'ok' | 'hint' | 'problem';
  readonly what: string;
  /** What to do; empty when all is well. */
  readonly remedy: string;
}

/** What the checks are given. */
export interface DoctorContext {
  /** Port 4319 of the appliance. */
  readonly url: string;
  readonly dataDir: string;
  readonly configFile: string | null;
  readonly token: string | null;
  /** The endpoint that an application was told to send to, if that is in question. */
  readonly endpoint: string | null;
  readonly protocol: string | null;
  readonly timeoutMs: number;
  /** The journal refuses below this share of free space (journal.min_free_share). */
  readonly minFreeShare: number;
  readonly caller: Caller;
}

export interface Check {
  readonly name: string;
  run(context: DoctorContext): Promise<Finding[]>;
}

export function ok(check: string, what: string): Finding {
  return { check, level: 'ok', what, remedy: '' };
}

export function problem(check: string, what: string, remedy: string): Finding {
  return { check, level: 'problem', what, remedy };
}

export function hint(check: string, what: string, remedy: string): Finding {
  return { check, level: 'hint', what, remedy };
}
