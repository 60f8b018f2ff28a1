import { readFileSync, readdirSync } from 'node:fs';

/** Ticks of /proc/<pid>/stat a second, on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
const SAMPLE_EVERY_MS = 250;

/** What a group of processes used. */
export interface Usage {
  /** User and system time of all threads, in seconds. */
  readonly cpuSeconds: number;
  /** The most memory of all of them together that a sample saw, in bytes; shared pages count once. */
  readonly peakBytes: number;
}

/** A process and all that descend from it, now. */
export function processTree(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readStat(Number(name));
    if (stat) children.set(stat.parent, [...(children.get(stat.parent) ?? []), Number(name)]);
  }
  const tree: number[] = [];
  const visit = (p: number): void => {
    tree.push(p);
    for (const child of children.get(p) ?? []) visit(child);
  };
  visit(pid);
  return tree;
}

function readStat(pid: number): { parent: number; cpuTicks: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything, so fields are counted behind its end.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(fields[1]), cpuTicks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return null;
  }
}

const PROPORTIONAL = /^Pss:\s+(\d+) kB$/m;

/**
 * What a process holds in memory; a page that several share (the program's code, above all) counts for each with its part, so that the
 * sum over a group is what the group takes. Linux' proportional set size.
 */
export function residentBytes(pid: number): number {
  try {
    return Number(PROPORTIONAL.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** Bytes that a process has given to the system since it began: `wchar` of /proc/<pid>/io, files and the little that goes to sockets. */
export function handedOverBytes(pid: number): number {
  return Number(/^wchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1] ?? NaN);
}

export function cpuSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + (readStat(pid)?.cpuTicks ?? 0), 0) / TICKS_PER_SECOND;
}

/** Watches a process and its descendants from now until `stop`. */
export function watch(pid: number): { stop(): Usage } {
  const before = cpuSeconds(processTree(pid));
  let peakBytes = 0;
  const sample = (): void => {
    peakBytes = Math.max(peakBytes, processTree(pid).reduce((sum, p) => sum + residentBytes(p), 0));
  };
  sample();
  const timer = setInterval(sample, SAMPLE_EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      sample();
      return { cpuSeconds: cpuSeconds(processTree(pid)) - before, peakBytes };
    },
  };
}
