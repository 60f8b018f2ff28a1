import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { codeOf } from '../../../parsing/log-sender.js';
import type { FilelogConfig } from '../config.js';
import { Glob } from './glob.js';

/** A file that is to be read, as it is now. */
export interface FoundFile {
  readonly path: string;
  readonly stats: Stats;
}

/** Finds the files that `include` names and `exclude` does not. */
export class FileFinder {
  readonly #include: readonly Glob[];
  readonly #exclude: readonly Glob[];

  constructor(config: Pick<FilelogConfig, 'include' | 'exclude'>) {
    this.#include = config.include.map((pattern) => new Glob(pattern));
    this.#exclude = config.exclude.map((pattern) => new Glob(pattern));
  }

  /** Each file once, under the first of its names, without those that are too old; `unreadable` is told what could not be looked at. */
  async find(isTooOld: (stats: Stats) => boolean, unreadable: (path: string, error: unknown) => void): Promise<FoundFile[]> {
    const paths = new Set<string>();
    for (const glob of this.#include) await glob.find(paths, unreadable);
    const found: FoundFile[] = [];
    const inodes = new Set<string>();
    for (const path of paths) {
      if (this.#exclude.some((glob) => glob.matches(path))) continue;
      const stats = await stat(path).catch((error: unknown) => {
        if (codeOf(error) !== 'ENOENT') unreadable(path, error);
        return null;
      });
      // A second name of the same file is the same file.
      if (!stats?.isFile() || inodes.has(`${stats.dev}:${stats.ino}`)) continue;
      if (isTooOld(stats)) continue;
      inodes.add(`${stats.dev}:${stats.ino}`);
      found.push({ path, stats });
    }
    return found;
  }
}
