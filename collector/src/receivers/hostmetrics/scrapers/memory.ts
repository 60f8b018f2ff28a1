import type { MetricSet } from '../metric-set.js';

/** /proc/meminfo and /proc/vmstat: a name and a number a line; those in kB become bytes. */
export function parseAmounts(text: string): ReadonlyMap<string, number> {
  const amounts = new Map<string, number>();
  for (const line of text.split('\n')) {
    const match = /^([\w()]+):?\s+(\d+)( kB)?\s*$/.exec(line);
    if (match) amounts.set(match[1]!, Number(match[2]) * (match[3] ? 1024 : 1));
  }
  return amounts;
}

export function addMemory(set: MetricSet, info: ReadonlyMap<string, number>): void {
  const total = info.get('MemTotal');
  if (total === undefined) return;
  const [free, buffers, cached, reclaimable] = ['MemFree', 'Buffers', 'Cached', 'SReclaimable'].map((name) => info.get(name) ?? 0) as [number, number, number, number];
  const states: Readonly<Record<string, number | undefined>> = {
    used: Math.max(0, total - free - buffers - cached - reclaimable), free, buffers, cached,
    slab_reclaimable: info.get('SReclaimable'), slab_unreclaimable: info.get('SUnreclaim'),
  };
  for (const [state, bytes] of Object.entries(states)) {
    set.add('system.memory.usage', 'By', 'upDownCounter', bytes, { 'system.memory.state': state });
    if (bytes !== undefined) set.add('system.memory.utilization', '1', 'gauge', bytes / total, { 'system.memory.state': state });
  }
  set.add('system.memory.limit', 'By', 'upDownCounter', total);
  // Kernels before 3.14 do not tell it.
  set.add('system.linux.memory.available', 'By', 'upDownCounter', info.get('MemAvailable'));
}

export function addPaging(set: MetricSet, info: ReadonlyMap<string, number>, vm: ReadonlyMap<string, number>): void {
  const [total, free] = [info.get('SwapTotal'), info.get('SwapFree')];
  if (total !== undefined && free !== undefined) {
    set.add('system.paging.usage', 'By', 'upDownCounter', total - free, { 'system.paging.state': 'used' });
    set.add('system.paging.usage', 'By', 'upDownCounter', free, { 'system.paging.state': 'free' });
  }
  const [faults, major] = [vm.get('pgfault'), vm.get('pgmajfault')];
  if (faults !== undefined && major !== undefined) {
    set.add('system.paging.faults', '{fault}', 'counter', major, { 'system.paging.fault.type': 'major' });
    set.add('system.paging.faults', '{fault}', 'counter', faults - major, { 'system.paging.fault.type': 'minor' });
  }
  set.add('system.paging.operations', '{operation}', 'counter', vm.get('pswpin'), { 'system.paging.direction': 'in' });
  set.add('system.paging.operations', '{operation}', 'counter', vm.get('pswpout'), { 'system.paging.direction': 'out' });
}
