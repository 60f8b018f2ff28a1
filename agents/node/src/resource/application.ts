import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The application as its package.json calls it; absent what it does not say. */
export interface Application {
  readonly name?: string;
  readonly version?: string;
  /** The file that Node was started with, or the working directory. */
  readonly entry: string;
}

/** Reads the nearest package.json with a name, upwards from the file that Node runs (links resolved), else from `cwd`. */
export function findApplication(script: string | undefined, cwd: string): Application {
  const entry = entryOf(script, cwd);
  let dir = entry === cwd ? cwd : dirname(entry);
  for (;;) {
    const manifest = readManifest(join(dir, 'package.json'));
    if (manifest?.name !== undefined) return { entry, ...manifest };
    const parent = dirname(dir);
    if (parent === dir) return { entry };
    dir = parent;
  }
}

function entryOf(script: string | undefined, cwd: string): string {
  if (script === undefined) return cwd;
  for (const candidate of [script, `${script}.js`]) {
    try {
      return realpathSync(candidate);
    } catch {
      // Node resolves more than files (`node .`, extensions left out); the directory is found all the same.
    }
  }
  return script;
}

function readManifest(file: string): { name?: string; version?: string } | undefined {
  let manifest: unknown;
  try {
    manifest = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
  if (typeof manifest !== 'object' || manifest === null) return undefined;
  const name = 'name' in manifest && typeof manifest.name === 'string' && manifest.name !== '' ? { name: manifest.name } : {};
  const version = 'version' in manifest && typeof manifest.version === 'string' && manifest.version !== '' ? { version: manifest.version } : {};
  return { ...name, ...version };
}
