import { JournalError } from '../errors.js';
import type { Disk } from '../storage/disk.js';
import { nodeDisk } from '../storage/disk.js';
import type { JournalLogger } from '../log.js';
import { silent } from '../log.js';

export interface JournalSettings {
  readonly dir: string;
  /** Cap on all segments together; the oldest go first, read or not. Default 4 GiB. */
  readonly maxBytes?: number;
  /** Size of a segment, and the most that a frame may have. Default 64 MiB, or a fourth of maxBytes where that is less. */
  readonly segmentBytes?: number;
  /** Appends are refused while less than this share of the file system is free. Default 0.1; 0 turns it off. */
  readonly minFreeShare?: number;
  /** Tenants that the journal knows at most, from its beginning on. Default 1000. */
  readonly maxTenants?: number;
  /** How many batch ids are remembered, and how long. Defaults 16384 and 10 minutes. */
  readonly batchMemory?: { readonly maxEntries?: number; readonly maxAgeMs?: number };
  /** A batch that is written and synced at once has at most this many bytes (or one frame). Default 8 MiB. */
  readonly maxBatchBytes?: number;
  readonly logger?: JournalLogger;
  /** Unix time in nanoseconds; for the age of batch ids. */
  readonly nowNs?: () => bigint;
  /** The seam to the disk. */
  readonly disk?: Disk;
  /** How often free space, cursors and the lock are looked at. Default 1000. */
  readonly housekeepingMs?: number;
}

export type ResolvedSettings = Readonly<Required<Omit<JournalSettings, 'batchMemory'>>> & { readonly batchMemory: { readonly maxEntries: number; readonly maxAgeMs: number } };

const MIN_SEGMENT_BYTES = 64 << 10;

/** @throws JournalError SBX_JOURNAL_SETTINGS */
export function resolveSettings(settings: JournalSettings): ResolvedSettings {
  const maxBytes = settings.maxBytes ?? 4 * 1024 ** 3;
  check('maxBytes', maxBytes, 4 * MIN_SEGMENT_BYTES, Number.MAX_SAFE_INTEGER);
  const segmentBytes = settings.segmentBytes ?? Math.min(64 << 20, Math.floor(maxBytes / 4 / 4096) * 4096);
  check('segmentBytes', segmentBytes, MIN_SEGMENT_BYTES, Math.min(maxBytes / 4, 1024 ** 3));
  const resolved = {
    dir: settings.dir,
    maxBytes,
    segmentBytes,
    minFreeShare: settings.minFreeShare ?? 0.1,
    maxTenants: settings.maxTenants ?? 1000,
    batchMemory: { maxEntries: settings.batchMemory?.maxEntries ?? 16384, maxAgeMs: settings.batchMemory?.maxAgeMs ?? 600_000 },
    maxBatchBytes: settings.maxBatchBytes ?? 8 << 20,
    logger: settings.logger ?? silent,
    nowNs: settings.nowNs ?? (() => BigInt(Date.now()) * 1_000_000n),
    disk: settings.disk ?? nodeDisk,
    housekeepingMs: settings.housekeepingMs ?? 1000,
  };
  check('minFreeShare', resolved.minFreeShare, 0, 1);
  check('maxTenants', resolved.maxTenants, 1, 50_000);
  check('maxBatchBytes', resolved.maxBatchBytes, 4096, 1024 ** 3);
  check('housekeepingMs', resolved.housekeepingMs, 10, 60_000);
  check('batchMemory.maxEntries', resolved.batchMemory.maxEntries, 0, 10_000_000);
  check('batchMemory.maxAgeMs', resolved.batchMemory.maxAgeMs, 0, Number.MAX_SAFE_INTEGER);
  return resolved;
}

function check(name: string, value: number, min: number, max: number): void {
  if (!(value >= min && value <= max)) throw new JournalError('SBX_JOURNAL_SETTINGS', `journal.${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)} is ${value}; ${min} to ${max} are allowed`);
}
