import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serverDir } from '../cache.js';
import { findRecipe } from '../recipes.js';
import { freePort } from '../free-port.js';
import { givenServer, startServer, type RunningServer } from '../server-process.js';
import { dataDirOf, type StartOptions } from '../start-options.js';

const CONFIG = `
global: {scrape_interval: 1h}
storage:
  tsdb: {out_of_order_time_window: 0s}
  exemplars: {max_exemplars: 100000}
`;

/** The executable of promtool. */
export function promtool(): string {
  return join(serverDir(findRecipe('prometheus')), 'promtool');
}

/** Prometheus that takes remote write (1 and 2), OTLP, native histograms and exemplars, or the one at SIGNALBOX_TEST_PROMETHEUS_URL. */
export async function startPrometheus(options: StartOptions = {}): Promise<RunningServer> {
  const given = process.env['SIGNALBOX_TEST_PROMETHEUS_URL'];
  if (given !== undefined && given !== '') return givenServer(given);
  const data = dataDirOf('prometheus', options);
  const { dir } = data;
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'prometheus.yml'), CONFIG);
  const port = options.port ?? (await freePort());
  return data.owned(await startServer({
    command: join(serverDir(findRecipe('prometheus')), 'prometheus'),
    args: [
      `--config.file=${join(dir, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(dir, 'tsdb')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-remote-write-receiver',
      '--web.enable-otlp-receiver',
      '--web.enable-admin-api',
      '--enable-feature=exemplar-storage,metadata-wal-records',
      '--log.level=warn',
    ],
    cwd: dir,
    logFile: join(dir, 'prometheus.log'),
    url: `http://127.0.0.1:${port}`,
    readyPath: '/-/ready',
    readyWithinMs: 120_000,
  }));
}
