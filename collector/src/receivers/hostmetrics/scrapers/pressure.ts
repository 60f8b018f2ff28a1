import type { MetricSet } from '../metric-set.js';

/**
 * /proc/pressure/{cpu,memory,io}: how long some or all tasks waited, in microseconds (Documentation/accounting/psi.rst). Kernels
 * before 5.13 have no line `full` for the CPU.
 */
export function addPressure(set: MetricSet, resource: string, text: string): void {
  for (const match of text.matchAll(/^(some|full) .*\btotal=(\d+)/gm)) {
    set.add('system.linux.pressure.stall_time', 's', 'counter', Number(match[2]) / 1e6, { 'system.linux.pressure.resource': resource, 'system.linux.pressure.kind': match[1]! });
  }
}
