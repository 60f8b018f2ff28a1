import type { MetricSet } from '../metric-set.js';
import { TICKS_PER_SECOND } from './cpu.js';

export interface ProcessStat {
  readonly pid: number;
  readonly name: string;
  readonly state: string;
  readonly parentPid: number;
  readonly minorFaults: number;
  readonly majorFaults: number;
  readonly userSeconds: number;
  readonly systemSeconds: number;
  readonly threads: number;
  /** Seconds after the boot. */
  readonly startSeconds: number;
  readonly virtualBytes: number;
  readonly residentPages: number;
}

/** /proc/<pid>/stat (proc_pid_stat(5)): the name in parentheses may hold anything. Null for what is none. */
export function parseProcessStat(text: string): ProcessStat | null {
  const [open, close] = [text.indexOf('('), text.lastIndexOf(')')];
  const fields = text.slice(close + 2).split(' ');
  if (open < 0 || close < open || fields.length < 22) return null;
  const number = (field: number): number => Number(fields[field - 3]);
  return {
    pid: Number(text.slice(0, open - 1)), name: text.slice(open + 1, close), state: fields[0]!, parentPid: number(4), minorFaults: number(10), majorFaults: number(12),
    userSeconds: number(14) / TICKS_PER_SECOND, systemSeconds: number(15) / TICKS_PER_SECOND, threads: number(20), startSeconds: number(22) / TICKS_PER_SECOND, virtualBytes: number(23), residentPages: number(24),
  };
}

const STATUS: Readonly<Record<string, string>> = { R: 'running', S: 'sleeping', D: 'blocked', T: 'stopped', t: 'stopped', Z: 'zombies', X: 'defunct', I: 'idle', P: 'parked', W: 'paging' };

export function addProcessCounts(set: MetricSet, processes: readonly ProcessStat[], created: number | null): void {
  const counts = new Map<string, number>([['running', 0], ['sleeping', 0], ['blocked', 0], ['stopped', 0], ['zombies', 0]]);
  for (const { state } of processes) {
    const status = STATUS[state] ?? 'unknown';
    counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  for (const [status, count] of counts) set.add('system.process.count', '{process}', 'upDownCounter', count, { 'process.status': status });
  set.add('system.process.created', '{process}', 'counter', created);
}

/** /proc/<pid>/io; only the owner and root may read it. */
export function parseProcessIo(text: string): { readonly readBytes: number; readonly writtenBytes: number } | null {
  const [read, written] = [/^read_bytes: (\d+)/m.exec(text), /^write_bytes: (\d+)/m.exec(text)];
  return read && written ? { readBytes: Number(read[1]), writtenBytes: Number(written[1]) } : null;
}

export function addProcess(set: MetricSet, stat: ProcessStat, pageBytes: number, io: ReturnType<typeof parseProcessIo>, openFiles: number | null): void {
  set.add('process.cpu.time', 's', 'counter', stat.userSeconds, { 'cpu.mode': 'user' });
  set.add('process.cpu.time', 's', 'counter', stat.systemSeconds, { 'cpu.mode': 'system' });
  set.add('process.memory.usage', 'By', 'upDownCounter', stat.residentPages * pageBytes);
  set.add('process.memory.virtual', 'By', 'upDownCounter', stat.virtualBytes);
  set.add('process.thread.count', '{thread}', 'upDownCounter', stat.threads);
  set.add('process.paging.faults', '{fault}', 'counter', stat.majorFaults, { 'system.paging.fault.type': 'major' });
  set.add('process.paging.faults', '{fault}', 'counter', stat.minorFaults, { 'system.paging.fault.type': 'minor' });
  set.add('process.unix.file_descriptor.count', '{file_descriptor}', 'upDownCounter', openFiles);
  set.add('process.disk.io', 'By', 'counter', io?.readBytes, { 'disk.io.direction': 'read' });
  set.add('process.disk.io', 'By', 'counter', io?.writtenBytes, { 'disk.io.direction': 'write' });
}
