import { readFile, readdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metric } from '@signalbox/signals/model/metric';
import { chosen, type NameFilter, type Scrapers } from './config.js';
import { ON_REQUEST } from './metric-names.js';
import { MetricSet } from './metric-set.js';
import { addCpu, addLoad, addUtilization, parseStat, type CpuStat } from './scrapers/cpu.js';
import { addDisks, parseDiskStats } from './scrapers/disk.js';
import { addFileSystem, parseMounts, storageMounts, type FileSystemSize } from './scrapers/filesystem.js';
import { addMemory, addPaging, parseAmounts } from './scrapers/memory.js';
import { addConnections, addInterfaces, addTcp, countTcpStates, parseNetDev, parseProtocols } from './scrapers/network.js';
import { addPressure } from './scrapers/pressure.js';
import { addProcess, addProcessCounts, parseProcessIo, parseProcessStat, type ProcessStat } from './scrapers/processes.js';

/** Memory pages of the architectures that Node runs on, but for some ARM kernels. */
const PAGE_BYTES = 4096;
const PROCESSES_AT_ONCE = 32;
/** A file system that does not answer (a dead NFS server) must not hold up the rest. */
const STATFS_TIMEOUT_MS = 2000;

export interface ProcessMetrics {
  readonly pid: number;
  readonly name: string;
  readonly parentPid: number;
  readonly metrics: readonly Metric[];
}

export interface HostReading {
  readonly metrics: readonly Metric[];
  readonly processes: readonly ProcessMetrics[];
  /** Scrapers that could not read what they need, with the reason. */
  readonly failed: ReadonlyMap<string, string>;
}

/** Reads the host below a root, by way of /proc. */
export class Host {
  readonly #root: string;
  readonly #scrapers: Scrapers;
  /** Mount points whose statfs has not come back. */
  readonly #stuck = new Set<string>();
  readonly #off: ReadonlySet<string>;
  #before: CpuStat | null = null;

  constructor(root: string, scrapers: Scrapers) {
    this.#root = root;
    this.#scrapers = scrapers;
    const named = Object.values(scrapers).flatMap((scraper) => Object.entries(scraper?.metrics ?? {}));
    const on = new Set(named.filter(([, { enabled }]) => enabled).map(([name]) => name));
    this.#off = new Set([...named.filter(([, { enabled }]) => !enabled).map(([name]) => name), ...ON_REQUEST.filter((name) => !on.has(name))]);
  }

  async read(nowNs: bigint): Promise<HostReading> {
    const scrapers = this.#scrapers;
    const failed = new Map<string, string>();
    const stat = parseStat(await this.#proc('stat').catch(() => ''));
    const bootNs = stat.bootSeconds === null ? nowNs : BigInt(stat.bootSeconds) * 1_000_000_000n;
    const set = new MetricSet(nowNs, bootNs, this.#off);
    const run = async (name: string, wanted: unknown, scrape: () => void | Promise<void>): Promise<void> => {
      if (wanted === undefined) return;
      try {
        await scrape();
      } catch (error) {
        failed.set(name, error instanceof Error ? error.message : String(error));
      }
    };
    await run('cpu', scrapers.cpu, () => {
      if (stat.cpus.size === 0) throw new Error('/proc/stat names no processor');
      addCpu(set, stat);
      if (this.#before) addUtilization(set, stat, this.#before);
      this.#before = stat;
    });
    await run('load', scrapers.load, async () => addLoad(set, await this.#proc('loadavg'), scrapers.load?.cpu_average ? Math.max(1, stat.cpus.size) : 1));
    await run('system', scrapers.system, () => set.add('system.uptime', 's', 'gauge', stat.bootSeconds === null ? null : Number(nowNs - bootNs) / 1e9));
    await run('memory', scrapers.memory, async () => addMemory(set, parseAmounts(await this.#proc('meminfo'))));
    await run('paging', scrapers.paging, async () => addPaging(set, parseAmounts(await this.#proc('meminfo')), parseAmounts(await this.#proc('vmstat'))));
    await run('disk', scrapers.disk, async () => addDisks(set, parseDiskStats(await this.#proc('diskstats')), chosen(scrapers.disk?.include as NameFilter | undefined, scrapers.disk?.exclude as NameFilter | undefined)));
    await run('filesystem', scrapers.filesystem, () => this.#fileSystems(set));
    // Of process 1: in a container that sees the host's /proc, `net` alone would be the container's.
    const net = this.#root === '/' ? 'net' : '1/net';
    await run('network', scrapers.network, async () => addInterfaces(set, parseNetDev(await this.#proc(`${net}/dev`)), chosen(scrapers.network?.include as NameFilter | undefined, scrapers.network?.exclude as NameFilter | undefined)));
    await run('tcp', scrapers.tcp, async () => {
      addTcp(set, parseProtocols(await this.#proc(`${net}/snmp`)), parseProtocols(await this.#proc(`${net}/netstat`).catch(() => '')));
      const counts = new Map<string, number>();
      countTcpStates(await this.#proc(`${net}/tcp`), counts);
      countTcpStates(await this.#proc(`${net}/tcp6`).catch(() => ''), counts);
      addConnections(set, counts);
    });
    await run('pressure', scrapers.pressure, async () => {
      for (const resource of ['cpu', 'memory', 'io']) {
        // Kernels without it have no such folder; that is no failure.
        addPressure(set, resource, await this.#proc(`pressure/${resource}`).catch(() => ''));
      }
    });
    const processes: ProcessMetrics[] = [];
    if (scrapers.processes !== undefined || scrapers.process !== undefined) {
      await run(scrapers.processes === undefined ? 'process' : 'processes', {}, async () => {
        const all = await this.#processes();
        if (scrapers.processes !== undefined) addProcessCounts(set, all, stat.processesCreated);
        if (scrapers.process !== undefined) processes.push(...(await this.#each(all, nowNs, bootNs)));
      });
    }
    return { metrics: set.metrics(), processes, failed };
  }

  #proc(path: string): Promise<string> {
    return readFile(join(this.#root, 'proc', path), 'utf8');
  }

  async #fileSystems(set: MetricSet): Promise<void> {
    const config = this.#scrapers.filesystem;
    const wanted = chosen(config?.include_mount_points as NameFilter | undefined, config?.exclude_mount_points as NameFilter | undefined);
    const types = chosen(config?.include_fs_types as NameFilter | undefined, config?.exclude_fs_types as NameFilter | undefined);
    const devices = chosen(config?.include_devices as NameFilter | undefined, config?.exclude_devices as NameFilter | undefined);
    const text = await this.#proc(this.#root === '/' ? 'self/mounts' : '1/mounts');
    for (const mount of storageMounts(parseMounts(text), config?.include_virtual_filesystems ?? false)) {
      if (!wanted(mount.mountPoint) || !types(mount.type) || !devices(mount.device)) continue;
      const size = await this.#sizeOf(join(this.#root, mount.mountPoint));
      if (size !== null) addFileSystem(set, mount, size);
    }
  }

  /** Null when it cannot be asked, or does not answer. */
  async #sizeOf(path: string): Promise<FileSystemSize | null> {
    if (this.#stuck.has(path)) return null;
    this.#stuck.add(path);
    const asked = statfs(path).catch(() => null).finally(() => this.#stuck.delete(path));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), STATFS_TIMEOUT_MS)));
    try {
      return await Promise.race([asked, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #processes(): Promise<ProcessStat[]> {
    const pids = (await readdir(join(this.#root, 'proc'))).filter((name) => /^\d+$/.test(name));
    const found: ProcessStat[] = [];
    for (let i = 0; i < pids.length; i += PROCESSES_AT_ONCE) {
      const texts = await Promise.all(pids.slice(i, i + PROCESSES_AT_ONCE).map((pid) => this.#proc(`${pid}/stat`).catch(() => '')));
      for (const text of texts) {
        const stat = parseProcessStat(text);
        if (stat !== null) found.push(stat);
      }
    }
    return found;
  }

  async #each(all: readonly ProcessStat[], nowNs: bigint, bootNs: bigint): Promise<ProcessMetrics[]> {
    const config = this.#scrapers.process;
    const wanted = chosen(config?.include as NameFilter | undefined, config?.exclude as NameFilter | undefined);
    const some = all.filter(({ name }) => wanted(name)).sort((a, b) => b.residentPages - a.residentPages).slice(0, config?.max_processes);
    const read: ProcessMetrics[] = [];
    for (const stat of some) {
      const io = parseProcessIo(await this.#proc(`${stat.pid}/io`).catch(() => ''));
      const files = await readdir(join(this.#root, 'proc', String(stat.pid), 'fd')).then((names) => names.length, () => null);
      const set = new MetricSet(nowNs, bootNs + BigInt(Math.round(stat.startSeconds * 100)) * 10_000_000n, this.#off);
      addProcess(set, stat, PAGE_BYTES, io, files);
      read.push({ pid: stat.pid, name: stat.name, parentPid: stat.parentPid, metrics: set.metrics() });
    }
    return read;
  }
}
