import type { MetricSet } from '../metric-set.js';

export interface Mount {
  readonly device: string;
  readonly mountPoint: string;
  readonly type: string;
  readonly mode: 'rw' | 'ro';
}

/** What is no storage, as `nodev` of /proc/filesystems has it, without those that hold data over a network or in memory. */
const VIRTUAL = new Set('autofs binfmt_misc bpf cgroup cgroup2 configfs debugfs devpts devtmpfs efivarfs fuse.lxcfs fusectl hugetlbfs mqueue nsfs overlay proc pstore ramfs rpc_pipefs securityfs selinuxfs squashfs sysfs tmpfs tracefs'.split(' '));

/** /proc/self/mounts; spaces and the like are written as octal numbers. */
export function parseMounts(text: string): Mount[] {
  const plain = (field: string): string => field.replace(/\\([0-7]{3})/g, (_all, octal: string) => String.fromCharCode(parseInt(octal, 8)));
  return text.split('\n').flatMap((line) => {
    const [device, mountPoint, type, options] = line.split(' ');
    return device && mountPoint && type && options ? [{ device: plain(device), mountPoint: plain(mountPoint), type, mode: options.split(',').includes('ro') ? ('ro' as const) : ('rw' as const) }] : [];
  });
}

/** Mounts of storage, each device once, at the first place. The root counts even where it is an overlay. */
export function storageMounts(mounts: readonly Mount[], includeVirtual: boolean): Mount[] {
  const devices = new Set<string>();
  return mounts.filter((mount) => {
    if (!includeVirtual && VIRTUAL.has(mount.type) && mount.mountPoint !== '/') return false;
    const key = VIRTUAL.has(mount.type) ? mount.mountPoint : mount.device;
    return !devices.has(key) && devices.add(key);
  });
}

/** What statvfs tells, in blocks and inodes. */
export interface FileSystemSize {
  readonly bsize: number;
  readonly blocks: number;
  readonly bfree: number;
  readonly bavail: number;
  readonly files: number;
  readonly ffree: number;
}

export function addFileSystem(set: MetricSet, mount: Mount, size: FileSystemSize): void {
  if (size.blocks === 0) return;
  const labels = { 'system.device': mount.device, 'system.filesystem.mountpoint': mount.mountPoint, 'system.filesystem.type': mount.type, 'system.filesystem.mode': mount.mode };
  const used = size.blocks - size.bfree;
  const states: Readonly<Record<string, number>> = { used, free: size.bavail, reserved: size.bfree - size.bavail };
  for (const [state, blocks] of Object.entries(states)) set.add('system.filesystem.usage', 'By', 'upDownCounter', blocks * size.bsize, { ...labels, 'system.filesystem.state': state });
  set.add('system.filesystem.utilization', '1', 'gauge', used + size.bavail === 0 ? 0 : used / (used + size.bavail), labels);
  set.add('system.filesystem.limit', 'By', 'upDownCounter', size.blocks * size.bsize, labels);
  if (size.files === 0) return;
  set.add('system.filesystem.inodes.usage', '{inode}', 'upDownCounter', size.files - size.ffree, { ...labels, 'system.filesystem.state': 'used' });
  set.add('system.filesystem.inodes.usage', '{inode}', 'upDownCounter', size.ffree, { ...labels, 'system.filesystem.state': 'free' });
}
