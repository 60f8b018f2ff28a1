import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serverDir } from '../cache.js';
import { findRecipe } from '../recipes.js';
import { freePort } from '../free-port.js';
import { givenServer, startServer, type RunningServer } from '../server-process.js';
import { dataDirOf, type StartOptions } from '../start-options.js';

export interface LokiStartOptions extends StartOptions {
  /** Whether requests must name their tenant in X-Scope-OrgID. Default false. */
  readonly multiTenant?: boolean;
  /** Settings of limits_config that are other than those of loki.yaml. */
  readonly limits?: Readonly<Record<string, string | number>>;
}

/** Loki in one process, or the one at SIGNALBOX_TEST_LOKI_URL. */
export async function startLoki(options: LokiStartOptions = {}): Promise<RunningServer> {
  const given = process.env['SIGNALBOX_TEST_LOKI_URL'];
  if (given !== undefined && given !== '') return givenServer(given);
  const data = dataDirOf('loki', options);
  const { dir } = data;
  mkdirSync(dir, { recursive: true });
  const port = options.port ?? (await freePort());
  const values: Readonly<Record<string, string>> = {
    AUTH_ENABLED: String(options.multiTenant ?? false), HTTP_PORT: String(port), GRPC_PORT: String(await freePort()), DATA_DIR: dir,
  };
  const template = readFileSync(join(import.meta.dirname, 'loki.yaml'), 'utf8');
  const config = template.replace(/^(?!#).*$/gm, (line) => line.replace(/\b(AUTH_ENABLED|HTTP_PORT|GRPC_PORT|DATA_DIR)\b/g, (name) => values[name] ?? name));
  writeFileSync(join(dir, 'loki.yaml'), withLimits(config, options.limits ?? {}));
  return data.owned(await startServer({
    command: join(serverDir(findRecipe('loki')), 'loki'),
    // Without the lookup periods it looks for its own parts every 10 s only; the parts wait for each other however busy the machine is.
    args: [`-config.file=${join(dir, 'loki.yaml')}`, '-frontend.scheduler-dns-lookup-period=500ms', '-querier.dns-lookup-period=500ms', '-ingester.client.timeout=60s'],
    cwd: dir,
    logFile: join(dir, 'loki.log'),
    url: `http://127.0.0.1:${port}`,
    readyPath: '/ready',
    readyWithinMs: 120_000,
  }));
}

/** limits_config stands at the end of the file. */
function withLimits(config: string, limits: Readonly<Record<string, string | number>>): string {
  const lines = config.split('\n').filter((line) => !Object.keys(limits).some((name) => line.startsWith(`  ${name}:`)));
  return `${lines.join('\n').trimEnd()}\n${Object.entries(limits).map(([name, value]) => `  ${name}: ${value}\n`).join('')}`;
}
