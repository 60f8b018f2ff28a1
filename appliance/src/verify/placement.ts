import { constants } from 'node:fs';
import { access, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FilelogConfig } from '@signalbox/collector/receivers/filelog/config';
import { Glob, matchName } from '@signalbox/collector/receivers/filelog/files/glob';

const MAX_ALTERNATIVES = 64;
const MAX_FOLDERS = 200;

export type Placement = { readonly path: string } | { readonly reason: string };

/**
 * A path that a `filelog` receiver reads and where no file is yet, in a folder that is there: nothing of anybody's is touched.
 * Or why there is none.
 */
export async function placeFor({ include, exclude, compression }: Pick<FilelogConfig, 'include' | 'exclude' | 'compression'>, name: string): Promise<Placement> {
  const excluded = exclude.map((pattern) => new Glob(pattern));
  const unwritable = new Set<string>();
  let takesName = false;
  for (const pattern of include) {
    const glob = new Glob(pattern);
    for (const segments of alternatives(pattern).map((each) => each.split('/').filter((segment) => segment !== ''))) {
      const file = fileNamed(segments.at(-1) ?? '', name);
      if (file === null || (compression === 'auto' && file.endsWith('.gz'))) continue;
      takesName = true;
      for (const folder of await foldersOf(segments.slice(0, -1))) {
        const path = join(folder, file);
        if (!glob.matches(path) || excluded.some((each) => each.matches(path)) || (await isThere(path))) continue;
        if (await isWritable(folder)) return { path };
        unwritable.add(folder);
      }
    }
  }
  if (unwritable.size > 0) return { reason: `this user may not write to ${[...unwritable].slice(0, 3).join(', ')}` };
  return { reason: takesName ? `no folder is there for ${include.join(', ')}, or its exclude takes every name` : `${include.join(', ')} names files that are somebody's, and has no * for one of verify's` };
}

/** The last part of a pattern with the name in place of its first `*`; null where it has none. */
function fileNamed(segment: string, name: string): string | null {
  if (segment === '**') return `${name}.log`;
  const star = segment.search(/(?<!\\)\*/);
  if (star < 0) return null;
  return plain(segment.slice(0, star)) + name + plain(segment.slice(star + 1));
}

/** A text that the part matches, for names without `*`. */
function plain(part: string): string {
  return part.replace(/\\(.)|\*|\?|\[([^\]]+)\]/g, (whole, escaped: string | undefined, group: string | undefined) => {
    if (whole === '*') return '';
    return escaped ?? group?.replace(/^[!^].*/, '_').charAt(0) ?? 'x';
  });
}

/** `a{b,c}` → `ab`, `ac`. */
function alternatives(pattern: string): string[] {
  const open = [pattern];
  const done: string[] = [];
  while (open.length > 0 && done.length + open.length < MAX_ALTERNATIVES) {
    const each = open.shift() ?? '';
    const braces = /\{([^{}]*)\}/.exec(each);
    if (braces === null) done.push(each);
    else open.push(...(braces[1] ?? '').split(',').map((part) => each.slice(0, braces.index) + part + each.slice(braces.index + braces[0].length)));
  }
  return done;
}

/** Folders that are there; `**` stands for none. */
async function foldersOf(segments: readonly string[]): Promise<readonly string[]> {
  let folders: readonly string[] = ['/'];
  for (const segment of segments) {
    if (segment === '**') continue;
    if (!/[*?[\\]/.test(segment)) {
      folders = folders.map((folder) => join(folder, segment));
      continue;
    }
    const next: string[] = [];
    for (const folder of folders) {
      const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
      next.push(...entries.filter((entry) => entry.isDirectory() && matchName(segment, entry.name)).map((entry) => join(folder, entry.name)));
    }
    folders = next.slice(0, MAX_FOLDERS);
  }
  const there = await Promise.all(folders.map(isThere));
  return folders.filter((_, i) => there[i]);
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(() => true, () => false);
}

async function isWritable(folder: string): Promise<boolean> {
  return access(folder, constants.W_OK | constants.X_OK).then(() => true, () => false);
}
