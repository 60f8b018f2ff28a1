import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverDir } from '../servers/cache.js';
import { findRecipe } from '../servers/recipes.js';
import type { RunningServer } from '../servers/server-process.js';
import { freePort } from '../servers/free-port.js';
import { startServer } from '../servers/server-process.js';

/** Takes samples of any time, as our store does with retention by age off. */
const CONFIG = `
global: {scrape_interval: 1h}
storage:
  tsdb: {out_of_order_time_window: 100y}
  exemplars: {max_exemplars: 100000}
`;

const FEATURES = [
  'exemplar-storage', 'metadata-wal-records', 'promql-experimental-functions', 'promql-delayed-name-removal', 'promql-per-step-stats', 'promql-duration-expr',
  'promql-extended-range-selectors', 'promql-binop-fill-modifiers',
];

export interface PrometheusOptions {
  /** In place of the configuration for side by side runs. */
  readonly config?: string;
  readonly features?: readonly string[];
  /** Further flags. */
  readonly args?: readonly string[];
}

/** A Prometheus of our own with the whole language on, in a temporary directory that goes with it. */
export async function startWholePrometheus({ config = CONFIG, features = FEATURES, args = [] }: PrometheusOptions = {}): Promise<RunningServer> {
  const dir = mkdtempSync(join(tmpdir(), 'signalbox-prometheus-'));
  mkdirSync(join(dir, 'tsdb'));
  writeFileSync(join(dir, 'prometheus.yml'), config);
  const port = await freePort();
  const server = await startServer({
    command: join(serverDir(findRecipe('prometheus')), 'prometheus'),
    args: [
      `--config.file=${join(dir, 'prometheus.yml')}`, `--storage.tsdb.path=${join(dir, 'tsdb')}`, '--storage.tsdb.retention.time=200y', `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-remote-write-receiver', `--enable-feature=${features.join(',')}`, '--log.level=warn', ...args,
    ],
    cwd: dir, logFile: join(dir, 'prometheus.log'), url: `http://127.0.0.1:${port}`, readyPath: '/-/ready', readyWithinMs: 60_000,
  });
  const remove = (): void => rmSync(dir, { recursive: true, force: true });
  return { ...server, stop: () => server.stop().then(remove), kill: () => server.kill().then(remove) };
}
