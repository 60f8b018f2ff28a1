import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { serverDir } from '../cache.js';
import { findRecipe } from '../recipes.js';
import { freePort } from '../free-port.js';
import { givenServer, startServer, type RunningServer } from '../server-process.js';
import { dataDirOf, type StartOptions } from '../start-options.js';
import { findJdk } from '../toolchain.js';

/** An Elasticsearch node with a heap of 512 MB, or the one at SIGNALBOX_TEST_ELASTICSEARCH_URL. */
export async function startElasticsearch(options: StartOptions = {}): Promise<RunningServer> {
  const given = process.env['SIGNALBOX_TEST_ELASTICSEARCH_URL'];
  return given !== undefined && given !== '' ? givenServer(given) : start('elasticsearch', options);
}

/** The version before, whatever the environment gives. */
function startElasticsearch8(options: StartOptions = {}): Promise<RunningServer> {
  return start('elasticsearch-8', options);
}

/** Every version that the exporter supports, by its recipe. */
export const ELASTICSEARCH_VERSIONS = [
  { version: 9, recipe: 'elasticsearch', start: startElasticsearch },
  { version: 8, recipe: 'elasticsearch-8', start: startElasticsearch8 },
] as const;

async function start(name: 'elasticsearch' | 'elasticsearch-8', options: StartOptions): Promise<RunningServer> {
  const home = serverDir(findRecipe(name));
  const data = dataDirOf(name, options);
  const { dir } = data;
  mkdirSync(dir, { recursive: true });
  const port = options.port ?? (await freePort());
  return data.owned(await startServer({
    command: join(findJdk(), 'bin', 'java'),
    args: [
      '-Xms512m', '-Xmx512m', '-XX:+UseSerialGC',
      '--enable-native-access=ALL-UNNAMED', '--sun-misc-unsafe-memory-access=allow', '--add-modules', 'jdk.incubator.vector',
      `-Des.nativelibs.path=${nativeLibraries(dir)}`, '-Dorg.elasticsearch.nativeaccess.enableVectorLibrary=false',
      '-cp', `${home}/target/classes:${home}/target/lib/*`,
      'org.elasticsearch.node.TestNode', dir, String(port),
    ],
    cwd: dir,
    logFile: join(dir, 'elasticsearch.log'),
    url: `http://127.0.0.1:${port}`,
    readyPath: '/_cluster/health?wait_for_status=yellow&timeout=1s',
    readyWithinMs: 120_000,
  }));
}

/** Without the system's libzstd, shards of codec best_compression would never start. */
function nativeLibraries(dir: string): string {
  const folder = join(dir, 'native');
  mkdirSync(folder, { recursive: true });
  const target = join(folder, 'libzstd.so');
  const zstd = findZstd();
  if (zstd !== null && !existsSync(target)) symlinkSync(zstd, target);
  return folder;
}

function findZstd(): string | null {
  const known = ['/usr/lib/x86_64-linux-gnu/libzstd.so.1', '/usr/lib/aarch64-linux-gnu/libzstd.so.1', '/usr/lib64/libzstd.so.1', '/usr/lib/libzstd.so.1'];
  const found = known.find((file) => existsSync(file));
  if (found !== undefined) return found;
  try {
    return /libzstd\.so\.1 .*=> (\S+)/.exec(execFileSync('ldconfig', ['-p'], { encoding: 'utf8' }))?.[1] ?? null;
  } catch {
    return null;
  }
}
