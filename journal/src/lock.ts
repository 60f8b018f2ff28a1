import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { JournalError, systemCode } from './errors.js';

/**
 * One writer per directory. Locks are files `lock.<n>`; whoever creates the highest has the directory. A number is never
 * used twice: a released lock stays as a file that says so, a dead owner's is followed by the next number, and creating
 * a file that exists already fails, so that of two processes that both find the owner dead one alone wins.
 *
 * An owner in the same boot and pid namespace is known by pid and start time. One elsewhere (another container on the same
 * volume) is known by its heartbeat, the lock file's mtime.
 */
export interface LockOwner {
  readonly token: string;
  readonly pid: number;
  /** Start time of the process in clock ticks since boot, '' where unknown. */
  readonly started: string;
  /** Boot id and pid namespace, '' where unknown. */
  readonly scope: string;
  readonly released: boolean;
}

/** How long a foreign owner's heartbeat may stand still; the owner renews it every second. */
const FOREIGN_SILENCE_MS = 4000;

export class DirectoryLock {
  private constructor(readonly path: string, readonly owner: LockOwner) {}

  /** @throws JournalError SBX_JOURNAL_IN_USE naming the process */
  static async acquire(dir: string): Promise<DirectoryLock> {
    for (;;) {
      const highest = lockNumbers(dir).at(-1) ?? 0;
      if (highest > 0) {
        const path = lockPath(dir, highest);
        const holder = readOwner(path);
        if (holder !== null && !holder.released && (await isAlive(path, holder))) throw inUse(dir, holder);
      }
      const owner: LockOwner = { token: randomUUID(), pid: process.pid, started: startTime(process.pid) ?? '', scope: ownScope(), released: false };
      const path = lockPath(dir, highest + 1);
      if (!createExclusive(path, owner)) continue;
      const numbers = lockNumbers(dir);
      if (numbers.at(-1) !== highest + 1) { // another one went further while this one looked
        fs.rmSync(path, { force: true });
        continue;
      }
      for (const number of numbers.slice(0, -1)) fs.rmSync(lockPath(dir, number), { force: true });
      return new DirectoryLock(path, owner);
    }
  }

  /** Renews the heartbeat; false when the directory was taken over, after this process stood still for long. */
  beat(): boolean {
    if (readOwner(this.path)?.token !== this.owner.token) return false;
    const now = new Date();
    fs.utimesSync(this.path, now, now);
    return true;
  }

  release(): void {
    if (readOwner(this.path)?.token !== this.owner.token) return;
    fs.writeFileSync(this.path, JSON.stringify({ ...this.owner, released: true }));
  }
}

const lockPath = (dir: string, number: number): string => join(dir, `lock.${number}`);

function lockNumbers(dir: string): number[] {
  return fs.readdirSync(dir).flatMap((name) => (/^lock\.\d{1,15}$/.test(name) ? [Number(name.slice(5))] : [])).sort((a, b) => a - b);
}

/** Creates the file with its whole content at once; false where it exists. */
function createExclusive(path: string, owner: LockOwner): boolean {
  const temporary = `${path}.${owner.token}`;
  fs.writeFileSync(temporary, JSON.stringify(owner), { flag: 'wx' });
  try {
    fs.linkSync(temporary, path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(systemCode(error))) throw error;
    return createWithoutLinks(path, owner);
  } finally {
    fs.rmSync(temporary, { force: true });
  }
}

/** For file systems that have no hard links. */
function createWithoutLinks(path: string, owner: LockOwner): boolean {
  try {
    fs.writeFileSync(path, JSON.stringify(owner), { flag: 'wx' });
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

function readOwner(path: string): LockOwner | null {
  try {
    const value: unknown = JSON.parse(fs.readFileSync(path, 'utf8'));
    if (typeof value !== 'object' || value === null) return null;
    const { token, pid, started, scope, released } = value as Partial<Record<keyof LockOwner, unknown>>;
    return { token: String(token), pid: Number(pid), started: String(started), scope: String(scope), released: released === true };
  } catch (error) {
    if (error instanceof SyntaxError || systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

async function isAlive(path: string, owner: LockOwner): Promise<boolean> {
  if (owner.scope === ownScope()) return owner.started === '' ? pidExists(owner.pid) : startTime(owner.pid) === owner.started;
  const before = modifiedMs(path);
  if (before === null) return false;
  const until = performance.now() + FOREIGN_SILENCE_MS;
  while (performance.now() < until) {
    await sleep(200);
    if (modifiedMs(path) !== before) return true;
  }
  return false;
}

function modifiedMs(path: string): number | null {
  return fs.statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? null;
}

function pidExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

/** Field 22 of /proc/<pid>/stat (proc_pid_stat(5)), null where there is no such living process or no /proc. */
function startTime(pid: number): string | null {
  const stat = readOr(`/proc/${pid}/stat`);
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // the name before it may hold anything
  return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
}

function ownScope(): string {
  const boot = readOr('/proc/sys/kernel/random/boot_id');
  if (boot === null) return '';
  try {
    return `${boot.trim()} ${fs.readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return boot.trim();
  }
}

function readOr(path: string): string | null {
  try {
    return fs.readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function inUse(dir: string, owner: LockOwner): JournalError {
  const who = owner.pid === process.pid && owner.scope === ownScope() ? `this process (pid ${owner.pid})` : `process ${owner.pid}`;
  return new JournalError('SBX_JOURNAL_IN_USE', `the journal in ${dir} is in use by ${who}: stop it first, or choose another data directory`);
}
