import type { MetricSet } from '../metric-set.js';

/** Ticks a second in which the kernel tells times to programs (USER_HZ, 100 on every architecture that Node runs on). */
export const TICKS_PER_SECOND = 100;
const MODES = ['user', 'nice', 'system', 'idle', 'iowait', 'interrupt', 'softirq', 'steal'] as const;

export interface CpuStat {
  /** Ticks of each processor, in the order of MODES. */
  readonly cpus: ReadonlyMap<number, readonly number[]>;
  /** Unix time in seconds; null where it is not told. */
  readonly bootSeconds: number | null;
  readonly processesCreated: number | null;
  readonly contextSwitches: number | null;
}

/** /proc/stat; older kernels have fewer columns. */
export function parseStat(text: string): CpuStat {
  const cpus = new Map<number, readonly number[]>();
  const single = new Map<string, number>();
  for (const line of text.split('\n')) {
    const fields = line.split(/\s+/);
    const cpu = /^cpu(\d+)$/.exec(fields[0] ?? '');
    if (cpu) {
      const ticks = fields.slice(1, 1 + MODES.length).map(Number);
      // What guests used stands in user and nice, too.
      cpus.set(Number(cpu[1]), [(ticks[0] ?? 0) - (Number(fields[9]) || 0), (ticks[1] ?? 0) - (Number(fields[10]) || 0), ...ticks.slice(2)]);
    } else if (fields.length === 2) single.set(fields[0]!, Number(fields[1]));
  }
  return { cpus, bootSeconds: single.get('btime') ?? null, processesCreated: single.get('processes') ?? null, contextSwitches: single.get('ctxt') ?? null };
}

export function addCpu(set: MetricSet, stat: CpuStat): void {
  for (const [cpu, ticks] of stat.cpus) ticks.forEach((value, i) => set.add('system.cpu.time', 's', 'counter', value / TICKS_PER_SECOND, { 'cpu.logical_number': cpu, 'cpu.mode': MODES[i]! }));
  set.add('system.cpu.logical.count', '{cpu}', 'upDownCounter', stat.cpus.size);
}

/** Shares of the time since the reading before, by processor and mode. */
export function addUtilization(set: MetricSet, stat: CpuStat, before: CpuStat): void {
  for (const [cpu, ticks] of stat.cpus) {
    const earlier = before.cpus.get(cpu);
    const passed = ticks.map((value, i) => Math.max(0, value - (earlier?.[i] ?? value)));
    const all = passed.reduce((sum, value) => sum + value, 0);
    if (all > 0) passed.forEach((value, i) => set.add('system.cpu.utilization', '1', 'gauge', value / all, { 'cpu.logical_number': cpu, 'cpu.mode': MODES[i]! }));
  }
}

/** /proc/loadavg: over 1, 5 and 15 minutes; by processor where it is divided by their number. */
export function addLoad(set: MetricSet, text: string, divisor: number): void {
  const [one, five, fifteen] = text.split(' ').map((field) => Number(field) / divisor);
  set.add('system.cpu.load_average.1m', '{thread}', 'gauge', one);
  set.add('system.cpu.load_average.5m', '{thread}', 'gauge', five);
  set.add('system.cpu.load_average.15m', '{thread}', 'gauge', fifteen);
}
