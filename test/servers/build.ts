import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheDir, digestOf, DONE_FILE, serverDir } from './cache.js';
import type { Recipe } from './recipes.js';
import { findGo, findJdk, findMaven } from './toolchain.js';

const STILL_AT_IT_MS = 30_000;
const LOG_TAIL_BYTES = 4000;
const GO_BUILD = ['build', '-p', '2', '-trimpath', '-buildvcs=false', '-ldflags', '-s -w'];

export type Progress = (line: string) => void;

/** Builds a server beside its place in the cache and moves it there when it is whole. */
export async function build(recipe: Recipe, progress: Progress): Promise<void> {
  mkdirSync(cacheDir(), { recursive: true });
  const dir = mkdtempSync(join(cacheDir(), `.${recipe.name}-`));
  try {
    const step = (command: string, args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): Promise<void> =>
      run(command, args, cwd, env, join(dir, 'build.log'), (line) => progress(`${recipe.name}: ${line}`));
    await BUILDS[recipe.build.kind](recipe, dir, step);
    writeFileSync(join(dir, DONE_FILE), digestOf(recipe));
    rmSync(serverDir(recipe), { recursive: true, force: true });
    renameSync(dir, serverDir(recipe));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

type Step = (command: string, args: readonly string[], cwd: string, env?: Readonly<Record<string, string>>) => Promise<void>;

const BUILDS: Readonly<Record<Recipe['build']['kind'], (recipe: Recipe, dir: string, step: Step) => Promise<void>>> = {
  async go(recipe, dir, step) {
    if (recipe.build.kind !== 'go') return;
    const go = findGo();
    for (const [name, path] of Object.entries(recipe.build.packages)) {
      await step(go, [...GO_BUILD, '-o', join(dir, name), path], recipe.folder, goEnvironment(go));
    }
  },
  async otelcol(recipe, dir, step) {
    if (recipe.build.kind !== 'otelcol') return;
    const go = findGo();
    // The builder calls go by name.
    const env = { ...goEnvironment(go), GOBIN: dir, PATH: `${dirname(go)}:${process.env['PATH'] ?? ''}` };
    await step(go, ['install', recipe.build.builder], dir, env);
    cpSync(join(recipe.folder, 'builder.yaml'), join(dir, 'builder.yaml'));
    await step(join(dir, 'builder'), ['--config', 'builder.yaml', '--skip-compilation'], dir, env);
    await step(go, [...GO_BUILD, '-o', join(dir, 'otelcol'), '.'], join(dir, 'build'), env);
    rmSync(join(dir, 'build'), { recursive: true });
    rmSync(join(dir, 'builder'));
  },
  async maven(recipe, dir, step) {
    if (recipe.build.kind !== 'maven') return;
    const properties = Object.entries(recipe.build.properties ?? {}).map(([name, value]) => `-D${name}=${value}`);
    const home = findJdk();
    for (const name of ['pom.xml', 'src']) cpSync(join(recipe.folder, name), join(dir, name), { recursive: true });
    await step(findMaven(), ['-B', '-ntp', '-q', ...properties, 'process-classes'], dir, { JAVA_HOME: home });
  },
};

/** go.sum names every module, so all of them come from the proxy, and a build needs no version control tools. */
function goEnvironment(go: string): Record<string, string> {
  const proxies = execFileSync(go, ['env', 'GOPROXY'], { encoding: 'utf8' }).trim().replace(/[,|]direct$/, '');
  return { CGO_ENABLED: '0', ...(proxies === '' || proxies === 'direct' ? {} : { GOPROXY: proxies }) };
}

function run(command: string, args: readonly string[], cwd: string, env: Readonly<Record<string, string>>, log: string, progress: Progress): Promise<void> {
  const startedMs = performance.now();
  const seconds = (): number => Math.round((performance.now() - startedMs) / 1000);
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const write = (chunk: Buffer): void => writeFileSync(log, chunk, { flag: 'a' });
    child.stdout.on('data', write);
    child.stderr.on('data', write);
    const ticker = setInterval(() => progress(`still at it (${seconds()} s)`), STILL_AT_IT_MS);
    child.once('error', (error) => {
      clearInterval(ticker);
      reject(error);
    });
    child.once('close', (code, signal) => {
      clearInterval(ticker);
      if (code === 0) resolve();
      else reject(new Error(`${command} ${args[0] ?? ''} ended with ${signal ?? `code ${code}`}:\n${tail(log)}`));
    });
  });
}

function tail(log: string): string {
  try {
    return readFileSync(log, 'utf8').slice(-LOG_TAIL_BYTES);
  } catch {
    return '(it printed nothing)';
  }
}
