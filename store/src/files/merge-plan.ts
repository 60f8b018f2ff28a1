import type { MergeSettings } from '../settings.js';
import { inSequence, KINDS, type StoredFile } from './stored-file.js';

const NS_PER_MS = 1_000_000n;

/**
 * Which files to merge next, or null. Files are sorted into tiers by their rows, each `minFiles` times the one before; as soon as
 * a tier has `minFiles` files that may lie together, they become one file of the next tier. So a row is written again once per
 * tier, and each tier holds fewer than `minFiles` files (per `maxSpanMs` of arrival).
 */
export function planMerge(files: readonly StoredFile[], settings: MergeSettings): readonly StoredFile[] | null {
  for (const kind of KINDS) {
    if (kind === 'samples') continue;
    const tiers = new Map<number, StoredFile[]>();
    for (const file of files) {
      if (file.kind !== kind || file.rows * 2 > settings.maxRows) continue;
      const tier = Math.floor(Math.log(Math.max(1, file.rows)) / Math.log(settings.minFiles));
      tiers.set(tier, [...(tiers.get(tier) ?? []), file]);
    }
    for (const [, ofTier] of [...tiers].sort(([a], [b]) => a - b)) {
      const run = firstRun(ofTier, settings);
      if (run) return run;
    }
  }
  return planBlockMerge(files.filter((file) => file.kind === 'samples' && file.sequence !== undefined), settings);
}

/**
 * Blocks of samples are merged with their neighbours in the order of arrival only, since of two samples of one time the first one
 * stands. A run is of one tier or lower ones.
 */
function planBlockMerge(files: readonly StoredFile[], settings: MergeSettings): readonly StoredFile[] | null {
  const sorted = [...files].sort(inSequence);
  const tierOf = (file: StoredFile): number => Math.floor(Math.log(Math.max(1, file.rows)) / Math.log(settings.minFiles));
  for (const tier of [...new Set(sorted.map(tierOf))].sort((a, b) => a - b)) {
    for (let from = 0; from < sorted.length; from++) {
      const run: StoredFile[] = [];
      let rows = 0;
      for (const file of sorted.slice(from)) {
        const spanNs = file.receivedToNs - sorted[from].receivedFromNs;
        if (tierOf(file) > tier || run.length === settings.maxFiles || rows + file.rows > settings.maxSamples || spanNs > BigInt(settings.maxSpanMs) * NS_PER_MS) break;
        run.push(file);
        rows += file.rows;
      }
      if (run.length >= settings.minFiles) return run;
    }
  }
  return null;
}

/** The oldest files by arrival that fit into one: enough of them, or fewer that nearly fill it. */
function firstRun(files: readonly StoredFile[], settings: MergeSettings): readonly StoredFile[] | null {
  const sorted = [...files].sort((a, b) => (a.receivedFromNs < b.receivedFromNs ? -1 : a.receivedFromNs > b.receivedFromNs ? 1 : a.number - b.number));
  for (let from = 0; from + 2 <= sorted.length; from++) {
    const run: StoredFile[] = [];
    let rows = 0;
    let toNs = 0n;
    for (const file of sorted.slice(from)) {
      const end = file.receivedToNs > toNs ? file.receivedToNs : toNs;
      if (run.length === settings.maxFiles || rows + file.rows > settings.maxRows || end - sorted[from].receivedFromNs > BigInt(settings.maxSpanMs) * NS_PER_MS) break;
      run.push(file);
      rows += file.rows;
      toNs = end;
    }
    if (run.length >= settings.minFiles || (run.length > 1 && rows * 4 > settings.maxRows * 3)) return run;
  }
  return null;
}
