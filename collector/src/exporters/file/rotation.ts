import { readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';

export interface Rotation {
  readonly maxBackups: number;
  /** Null: none goes for its age. */
  readonly maxAgeMs: number | null;
  readonly nowMs: number;
}

/** Sets a file aside as `name-2026-01-31T12-00-00.000.ext` and removes those set aside that are too many or too old. */
export function rotate(path: string, { maxBackups, maxAgeMs, nowMs }: Rotation): void {
  const folder = dirname(path);
  const extension = extname(path);
  const stem = basename(path, extension);
  const before = backupsOf(folder, stem, extension);
  // Later than all others, also where two come within a millisecond or the clock went back.
  const timeMs = Math.max(nowMs, (before[0]?.timeMs ?? 0) + 1);
  renameSync(path, join(folder, `${stem}-${new Date(timeMs).toISOString().replaceAll(':', '-').replace('Z', '')}${extension}`));
  for (const [i, backup] of backupsOf(folder, stem, extension).entries()) {
    const old = maxAgeMs !== null && nowMs - backup.timeMs > maxAgeMs;
    if (i >= maxBackups || old) rmSync(join(folder, backup.name), { force: true });
  }
}

/** Newest first. */
function backupsOf(folder: string, stem: string, extension: string): { readonly name: string; readonly timeMs: number }[] {
  return readdirSync(folder)
    .flatMap((name) => {
      const timeMs = timeOf(name, stem, extension);
      return timeMs === null ? [] : [{ name, timeMs }];
    })
    .sort((a, b) => b.timeMs - a.timeMs);
}

function timeOf(name: string, stem: string, extension: string): number | null {
  if (!name.startsWith(`${stem}-`) || !name.endsWith(extension)) return null;
  const match = /^(\d{4}-\d\d-\d\dT)(\d\d)-(\d\d)-(\d\d\.\d{3})$/.exec(name.slice(stem.length + 1, extension === '' ? undefined : -extension.length));
  return match === null ? null : Date.parse(`${match[1]}${match[2]}:${match[3]}:${match[4]}Z`);
}
