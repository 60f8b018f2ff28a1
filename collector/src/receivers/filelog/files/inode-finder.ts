import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Life } from './checkpoints.js';

/** Finds files under new names in the folder where they were, each folder listed once. */
export class InodeFinder {
  readonly #folders = new Map<string, Promise<ReadonlyMap<string, string>>>();

  /** The path that a life's file has now, or null. */
  async find(life: Life): Promise<string | null> {
    const folder = dirname(life.path);
    let listed = this.#folders.get(folder);
    if (!listed) this.#folders.set(folder, (listed = list(folder)));
    return (await listed).get(`${life.dev}:${life.ino}`) ?? null;
  }
}

async function list(folder: string): Promise<ReadonlyMap<string, string>> {
  const paths = new Map<string, string>();
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    const stats = await stat(path).catch(() => null);
    if (stats?.isFile()) paths.set(`${stats.dev}:${stats.ino}`, path);
  }
  return paths;
}
