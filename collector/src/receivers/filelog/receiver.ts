import type { Stats } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Receiver, ReceiverContext } from '../../component.js';
import { LogSender } from '../../parsing/log-sender.js';
import { ReceiverMeter } from '../../intake/receiver-meter.js';
import { RateLimitedLog } from '../../telemetry/rate-limited.js';
import { Checkpoints, type Life } from './files/checkpoints.js';
import type { FilelogConfig } from './config.js';
import { FileFinder, type FoundFile } from './files/file-finder.js';
import { LifeIndex, checkHead, goesOnFrom, newLife, readHead } from './files/identity.js';
import { InodeFinder } from './files/inode-finder.js';
import { ReadFiles } from './files/read-files.js';
import { RecordMaker } from './records/record-maker.js';
import { GzipSource, openPlain } from './files/source.js';
import { TailedFile, type TailContext } from './files/tailed-file.js';
import { UnreadableFiles } from './files/unreadable-files.js';

/** Files that are no longer there are remembered, so that their compressed form is known. */
const MAX_REMEMBERED = 1000;
/** Looking at files may take this part of the time. */
const LOOKING_SHARE = 10;

/** Follows files: finds them, knows them again after rotation and restart, and reads what is new in them. */
export class FilelogReceiver implements Receiver {
  readonly #config: FilelogConfig;
  readonly #context: ReceiverContext;
  readonly #finder: FileFinder;
  readonly #stop = new AbortController();
  readonly #log: RateLimitedLog;
  readonly #files: ReadFiles;
  readonly #unreadable: UnreadableFiles;
  /** By inode: copies of files that are being read, with the size that they had. */
  readonly #held = new Map<string, number>();
  readonly #maker: RecordMaker;
  readonly #sender: LogSender;
  #checkpoints!: Checkpoints;
  #tail!: TailContext;
  #index = new LifeIndex([]);
  #inodes = new InodeFinder();
  #isFirstPass = true;
  #running: Promise<void> = Promise.resolve();

  constructor(config: FilelogConfig, context: ReceiverContext) {
    this.#config = config;
    this.#context = context;
    this.#finder = new FileFinder(config);
    this.#unreadable = new UnreadableFiles(context.logger, context.clock);
    this.#files = new ReadFiles({ maxOpen: config.max_concurrent_files, nowMs: () => context.clock.monotonicMs(), unreadable: this.#unreadable, signal: this.#stop.signal });
    this.#log = new RateLimitedLog(context.logger, context.clock, 60_000);
    this.#maker = new RecordMaker(config);
    this.#sender = new LogSender({ intake: context.intake, tenant: config.tenant, maxInFlight: config.max_in_flight, meter: new ReceiverMeter(context.metrics, context.id, 'file'), log: this.#log });
  }

  async start(): Promise<void> {
    const { clock, dataDir, id } = this.#context;
    this.#checkpoints = new Checkpoints(join(dataDir, 'receive', encodeURIComponent(id)), (error) => {
      this.#log.error('checkpoints', 'places in files cannot be kept; after a restart lines may be read again', { code: 'SBX_FILELOG_CHECKPOINTS', error: messageOf(error) });
    });
    this.#tail = {
      maker: this.#maker, sender: this.#sender, checkpoints: this.#checkpoints, block: { bytes: Buffer.allocUnsafeSlow(1 << 18) }, maxLogBytes: this.#config.max_log_size,
      flushAfterMs: this.#config.force_flush_period, nowNs: () => clock.nowNs(), nowMs: () => clock.monotonicMs(), signal: this.#stop.signal,
    };
    this.#running = this.#run();
  }

  async shutdown(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#sender.drain();
    await this.#files.closeAll();
    this.#checkpoints.close();
  }

  endpoints(): readonly { readonly protocol: string; readonly address: string }[] {
    return this.#config.include.map((address) => ({ protocol: 'file', address }));
  }

  async #run(): Promise<void> {
    const { clock } = this.#context;
    while (!this.#stop.signal.aborted) {
      const begun = clock.monotonicMs();
      let tookMs = 0;
      try {
        await this.#look();
        tookMs = clock.monotonicMs() - begun;
        await this.#files.readAll();
        this.#count();
        await this.#files.closeIdle();
      } catch (error) {
        this.#log.error('pass', 'looking at log files failed, which is an error of this program; it goes on', { code: 'SBX_FILELOG_FAILED', error });
      }
      await sleep(Math.max(this.#config.poll_interval, tookMs * LOOKING_SHARE), undefined, { signal: this.#stop.signal }).catch(() => undefined);
    }
  }

  /** Finds out which files there are, and which of them are those known. */
  async #look(): Promise<void> {
    this.#inodes = new InodeFinder();
    const found = await this.#finder.find(this.#tooOld(), (path, error) => this.#unreadable.add(path, error));
    const byInode = new Map(this.#files.all().filter((file) => !file.isGone).map((file) => [`${file.life.dev}:${file.life.ino}`, file]));
    const seen = new Set<TailedFile>();
    const newcomers: FoundFile[] = [];
    for (const each of found) {
      const file = byInode.get(`${each.stats.dev}:${each.stats.ino}`);
      if (!file) newcomers.push(each);
      else if (!seen.has(file)) {
        seen.add(file);
        await this.#compare(file, each, newcomers);
      }
    }
    for (const file of this.#files.all()) if (!file.isGone && !seen.has(file)) await this.#lost(file);
    if (newcomers.length > 0) this.#index = new LifeIndex(this.#checkpoints.lives.values());
    for (const each of newcomers) if (!this.#stop.signal.aborted) await this.#welcome(each);
    if (this.#isFirstPass) for (const life of [...this.#checkpoints.lives.values()]) await this.#seek(life);
    this.#isFirstPass = false;
    this.#trimMemory();
  }

  /** Tells files that are not to be begun. Those that are open are read to their end, however old they become. */
  #tooOld(): (stats: Stats) => boolean {
    const olderThanMs = this.#config.exclude_older_than;
    if (olderThanMs === null) return () => false;
    const sinceMs = Number(this.#context.clock.nowNs() / 1_000_000n) - olderThanMs;
    const open = new Set(this.#files.all().map(({ life }) => `${life.dev}:${life.ino}`));
    return ({ dev, ino, mtimeMs }) => mtimeMs < sinceMs && !open.has(`${dev}:${ino}`);
  }

  /** A known file: moved, grown, or another one under its number. */
  async #compare(file: TailedFile, { path, stats }: FoundFile, newcomers: FoundFile[]): Promise<void> {
    if (file.life.path !== path) {
      file.moved(path);
      this.#checkpoints.file(file.life);
    }
    if (stats.size === file.size && stats.mtimeMs === file.mtimeMs) return;
    try {
      const isShorter = !file.isGzip && stats.size < file.next;
      const looked = isShorter ? { change: 'replaced' as const, extended: false } : await checkHead(await file.source(), file.life, this.#config.fingerprint_size);
      if (looked.change === 'replaced' || !(file.isGzip || (await goesOnFrom(await file.source(), file.life)))) {
        this.#context.logger.info('a log file was truncated or replaced; it is read from its beginning', { path, readBytes: file.next, bytes: stats.size });
        await this.#files.forget(file);
        newcomers.push({ path, stats });
        return;
      }
      if (looked.extended) this.#checkpoints.file(file.life);
      file.mtimeMs = stats.mtimeMs;
      this.#files.wake(file, stats.size);
    } catch (error) {
      this.#unreadable.add(path, error);
    }
  }

  /** Not found any more: renamed out of sight or deleted. While it is open it is read to its end. */
  async #lost(file: TailedFile): Promise<void> {
    if (!file.isOpen && !file.isGzip) {
      const path = await this.#inodes.find(file.life);
      if (path === null) return this.#files.forget(file);
      try {
        file.moved(path);
        await file.source();
      } catch {
        return this.#files.forget(file);
      }
    }
    if (file.isGzip) return this.#files.forget(file);
    this.#files.gone(file);
  }

  /** A file that is not known by its number: the rest of a known one, its copy, or a new one. */
  async #welcome({ path, stats }: FoundFile): Promise<void> {
    if (stats.size === 0 || this.#unreadable.isResting(path)) return;
    const isGzip = this.#config.compression === 'gzip' || (this.#config.compression === 'auto' && path.endsWith('.gz'));
    let source = null;
    try {
      source = isGzip ? new GzipSource(path) : await openPlain(path);
      const head = await readHead(source, this.#config.fingerprint_size);
      if (head.length === 0) return;
      let known: Life | null = null;
      const inode = `${stats.dev}:${stats.ino}`;
      for (const life of this.#index.beginningLike(head)) {
        // What is on its way was read under this life's name, and its bytes may be others by now.
        if ((life.sent.length > 0 && !this.#isFirstPass) || !(await goesOnFrom(source, life))) continue;
        const isRead = this.#files.has(life.id);
        const isItself = life.dev === stats.dev && life.ino === stats.ino;
        // So short a beginning may be that of another file: better twice than not at all.
        const isCertain = isItself || isGzip || life.head.end >= this.#config.fingerprint_size;
        if (!isRead && isCertain) {
          known = life;
          break;
        }
        if (isRead && isCertain) {
          if (!this.#held.has(inode)) this.#context.logger.info('a log file is a copy of another that is being read; it is read once that is gone', { path, of: life.path });
          this.#held.set(inode, stats.size);
          return;
        }
      }
      if (known === null && this.#held.get(inode) === stats.size) return;
      this.#held.delete(inode);
      const life = known ?? newLife(path, stats.dev, stats.ino, head);
      Object.assign(life, { path, dev: stats.dev, ino: stats.ino });
      this.#checkpoints.file(life);
      this.#index.add(life);
      if (known === null && this.#isFirstPass && this.#checkpoints.isFirst && this.#config.start_at === 'end' && !isGzip) this.#checkpoints.reached(life, stats.size, null);
      const file = new TailedFile(life, isGzip, this.#tail);
      file.mtimeMs = stats.mtimeMs;
      this.#files.add(file);
      this.#unreadable.remove(path);
      if (isGzip || stats.size > file.next || life.sent.length > 0) this.#files.wake(file, stats.size);
      else file.size = stats.size;
      file.known = Math.max(file.next, isGzip ? 0 : stats.size);
    } catch (error) {
      this.#unreadable.add(path, error);
    } finally {
      await source?.close();
    }
  }

  /** After a start: a file that was renamed out of sight in between is read to its end. */
  async #seek(life: Life): Promise<void> {
    if (this.#files.has(life.id)) return;
    const path = await this.#inodes.find(life);
    if (path === null) return;
    const file = new TailedFile(life, false, this.#tail);
    try {
      file.moved(path);
      const source = await file.source();
      if ((await checkHead(source, life, life.head.end)).change === 'replaced' || !(await goesOnFrom(source, life))) return await file.close();
      this.#files.add(file);
      this.#files.gone(file);
    } catch {
      await file.close();
    }
  }

  #trimMemory(): void {
    const idle = [...this.#checkpoints.lives.values()].filter((life) => !this.#files.has(life.id) && life.sent.length === 0);
    for (const life of idle.slice(0, Math.max(0, idle.length - MAX_REMEMBERED))) this.#checkpoints.forget(life);
  }

  #count(): void {
    const { metrics, id } = this.#context;
    const labels = { receiver: id };
    const { counts } = this.#maker;
    metrics.gauge('otelcol_fileconsumer_open_files', labels, this.#files.open);
    metrics.gauge('otelcol_fileconsumer_reading_files', labels, this.#files.size);
    metrics.gauge('signalbox_filelog_unreadable_files', labels, this.#unreadable.size);
    metrics.count('signalbox_filelog_records', labels, counts.records);
    metrics.count('signalbox_filelog_unparsed_records', labels, counts.unparsed);
    metrics.count('signalbox_filelog_dropped_records', labels, counts.filtered);
    counts.records = counts.unparsed = counts.filtered = 0;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
