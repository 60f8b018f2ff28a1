import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Recipe } from './recipes.js';

/** Marks a finished build and holds the digest of the recipe that it was made by. */
export const DONE_FILE = 'built-by';

export function cacheDir(): string {
  return process.env['SIGNALBOX_SERVERS_CACHE'] ?? join(homedir(), '.cache', 'signalbox-test-servers');
}

/** Where a server stands once it is built. */
export function serverDir(recipe: Recipe): string {
  return join(cacheDir(), `${recipe.name}-${recipe.version}`);
}

export function isBuilt(recipe: Recipe): boolean {
  const done = join(serverDir(recipe), DONE_FILE);
  return existsSync(done) && readFileSync(done, 'utf8') === digestOf(recipe);
}

/** Of all files of the recipe's folder but TypeScript, which takes no part in the build. */
export function digestOf(recipe: Recipe): string {
  const hash = createHash('sha256').update(JSON.stringify([recipe.name, recipe.version, recipe.build]));
  const files = readdirSync(recipe.folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) hash.update(file.slice(recipe.folder.length)).update(readFileSync(file));
  return hash.digest('hex');
}
