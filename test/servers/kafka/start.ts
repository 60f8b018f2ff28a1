import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Admin } from '@platformatic/kafka';
import { serverDir } from '../cache.js';
import { findRecipe } from '../recipes.js';
import { freePort } from '../free-port.js';
import { givenServer, startServer, type RunningServer } from '../server-process.js';
import { dataDirOf, type StartOptions } from '../start-options.js';
import { findJdk } from '../toolchain.js';

/** A Kafka node with a heap of 384 MB, or the one at SIGNALBOX_TEST_KAFKA_BROKERS. Its `url` is HOST:PORT. */
export async function startKafka(options: StartOptions = {}): Promise<RunningServer> {
  const given = process.env['SIGNALBOX_TEST_KAFKA_BROKERS'];
  if (given !== undefined && given !== '') return givenServer(given);
  const home = serverDir(findRecipe('kafka'));
  const data = dataDirOf('kafka', options);
  mkdirSync(data.dir, { recursive: true });
  const port = options.port ?? (await freePort());
  const url = `127.0.0.1:${port}`;
  return data.owned(await startServer({
    command: join(findJdk(), 'bin', 'java'),
    args: ['-Xms384m', '-Xmx384m', '-XX:+UseSerialGC', '-cp', `${home}/target/classes:${home}/target/lib/*`, 'kafkatest.TestBroker', data.dir, String(port), String(await freePort())],
    cwd: data.dir,
    logFile: join(data.dir, 'kafka.log'),
    url,
    readyPath: () => answersMetadata(port),
    readyWithinMs: 120_000,
  }));
}

async function answersMetadata(port: number): Promise<boolean> {
  if (!(await listens(port))) return false;
  const admin = new Admin({ clientId: 'signalbox-test', bootstrapBrokers: [`127.0.0.1:${port}`], retries: 0, timeout: 5000 });
  try {
    return (await admin.metadata({ topics: [] })).brokers.size > 0;
  } finally {
    await admin.close();
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false)).on('connect', () => socket.destroy());
  });
}
