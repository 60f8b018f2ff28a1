import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/signalbox-demo/', import.meta.url));
const CREATE = fileURLToPath(new URL('./create-cluster.js', import.meta.url));
/** What runs for seconds is not worth being compiled well. */
const CREATE_FLAGS = ['--liftoff-only', '--wasm-lazy-compilation'];

/**
 * A PostgreSQL cluster of its own for this run, in a temporary directory, which the caller removes. It is a copy of one
 * that is made once: to make it takes many seconds and 700 MB, since PGlite's initdb holds several instances of
 * PostgreSQL, so that is done in a process that ends; to open it takes a second.
 */
export async function createCluster(signal: AbortSignal): Promise<string> {
  const template = await findOrMakeTemplate(signal);
  const dir = await mkdtemp(join(tmpdir(), 'signalbox-demo-'));
  await cp(template, dir, { recursive: true, mode: constants.COPYFILE_FICLONE });
  return dir;
}

async function findOrMakeTemplate(signal: AbortSignal): Promise<string> {
  const template = join(CACHE, `cluster-${await pgliteVersion()}`);
  if (await exists(template)) return template;
  await mkdir(CACHE, { recursive: true });
  const fresh = await mkdtemp(`${template}.`);
  try {
    await promisify(execFile)(process.execPath, [...CREATE_FLAGS, CREATE, fresh], { signal });
    await rename(fresh, template);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    // Another demo was faster.
    if (!(await exists(template))) throw error;
  }
  return template;
}

async function pgliteVersion(): Promise<string> {
  const manifest: { readonly dependencies: Readonly<Record<string, string>> } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  return manifest.dependencies['@electric-sql/pglite'] ?? 'unknown';
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
