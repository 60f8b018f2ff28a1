import type { MetricSet } from '../metric-set.js';

/** The kernel counts in sectors of 512 bytes, whatever the device's are (Documentation/admin-guide/iostats.rst). */
const SECTOR_BYTES = 512;

export interface DiskStat {
  readonly device: string;
  readonly reads: number;
  readonly readsMerged: number;
  readonly bytesRead: number;
  readonly readMs: number;
  readonly writes: number;
  readonly writesMerged: number;
  readonly bytesWritten: number;
  readonly writeMs: number;
  readonly pending: number;
  readonly ioMs: number;
  /** Milliseconds times operations waiting: its rate is the mean length of the queue. */
  readonly weightedIoMs: number;
}

/** /proc/diskstats; lines with fewer fields (partitions of kernels before 2.6.25) are left out. */
export function parseDiskStats(text: string): DiskStat[] {
  return text.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    if (fields.length < 14) return [];
    const [reads, readsMerged, sectorsRead, readMs, writes, writesMerged, sectorsWritten, writeMs, pending, ioMs, weightedIoMs] = fields.slice(3, 14).map(Number) as [number, number, number, number, number, number, number, number, number, number, number];
    return [{ device: fields[2]!, reads, readsMerged, bytesRead: sectorsRead * SECTOR_BYTES, readMs, writes, writesMerged, bytesWritten: sectorsWritten * SECTOR_BYTES, writeMs, pending, ioMs, weightedIoMs }];
  });
}

export function addDisks(set: MetricSet, disks: readonly DiskStat[], wanted: (device: string) => boolean): void {
  for (const disk of disks) {
    // Loop and RAM devices that were never used.
    if (!wanted(disk.device) || disk.reads + disk.writes === 0) continue;
    const device = { 'system.device': disk.device };
    const read = { ...device, 'disk.io.direction': 'read' };
    const write = { ...device, 'disk.io.direction': 'write' };
    set.add('system.disk.io', 'By', 'counter', disk.bytesRead, read);
    set.add('system.disk.io', 'By', 'counter', disk.bytesWritten, write);
    set.add('system.disk.operations', '{operation}', 'counter', disk.reads, read);
    set.add('system.disk.operations', '{operation}', 'counter', disk.writes, write);
    set.add('system.disk.operation_time', 's', 'counter', disk.readMs / 1000, read);
    set.add('system.disk.operation_time', 's', 'counter', disk.writeMs / 1000, write);
    set.add('system.disk.merged', '{operation}', 'counter', disk.readsMerged, read);
    set.add('system.disk.merged', '{operation}', 'counter', disk.writesMerged, write);
    set.add('system.disk.io_time', 's', 'counter', disk.ioMs / 1000, device);
    set.add('system.disk.weighted_io_time', 's', 'counter', disk.weightedIoMs / 1000, device);
    set.add('system.disk.pending_operations', '{operation}', 'upDownCounter', disk.pending, device);
  }
}
