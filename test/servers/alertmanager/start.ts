import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serverDir } from '../cache.js';
import { findRecipe } from '../recipes.js';
import { freePort } from '../free-port.js';
import { givenServer, startServer, type RunningServer } from '../server-process.js';
import { dataDirOf, type StartOptions } from '../start-options.js';

const CONFIG = `
route: {receiver: nobody}
receivers: [{name: nobody}]
`;

/** Alertmanager on its own, without a cluster, that tells nobody; or the one at SIGNALBOX_TEST_ALERTMANAGER_URL. */
export async function startAlertmanager(options: StartOptions = {}): Promise<RunningServer> {
  const given = process.env['SIGNALBOX_TEST_ALERTMANAGER_URL'];
  if (given !== undefined && given !== '') return givenServer(given);
  const data = dataDirOf('alertmanager', options);
  const { dir } = data;
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'alertmanager.yml'), CONFIG);
  const port = options.port ?? (await freePort());
  return data.owned(await startServer({
    command: join(serverDir(findRecipe('alertmanager')), 'alertmanager'),
    args: [
      `--config.file=${join(dir, 'alertmanager.yml')}`,
      `--storage.path=${join(dir, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
      '--log.level=warn',
    ],
    cwd: dir,
    logFile: join(dir, 'alertmanager.log'),
    url: `http://127.0.0.1:${port}`,
    readyPath: '/-/ready',
    readyWithinMs: 120_000,
  }));
}
