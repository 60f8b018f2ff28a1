import { resolve } from 'node:path';
import { createLogger } from '@signalbox/collector/telemetry/logger';
import { Launcher } from '../launcher/launcher.js';
import { ROLES } from '../launcher/messages.js';
import type { Endpoint, RoleName } from '../launcher/messages.js';
import { settle } from '../settings/settle.js';
import { describeConfiguration } from '../settings/describe.js';
import { welcome } from './welcome.js';

export interface StartOptions {
  readonly config?: string;
  readonly data: string;
  readonly role?: readonly RoleName[];
  readonly check?: boolean;
  readonly version: string;
}

export interface Running {
  readonly endpoints: readonly Endpoint[];
  readonly stop: () => Promise<void>;
}

/** Reads and checks the configuration, then starts the roles. @throws with all mistakes, before anything is started */
export async function run(options: StartOptions, startedAtMs: number): Promise<Running> {
  const dataDir = resolve(options.data);
  const settled = settle({ configFile: options.config, dataDir, env: process.env });
  const logger = createLogger({ level: settled.sections.log.level, name: 'launcher' });
  for (const warning of settled.warnings) logger.warn(warning);
  const wanted = options.role ?? ROLES.filter((r) => r !== 'deliver' || settled.needsDelivery);
  const launcher = new Launcher({
    roles: wanted,
    start: { dataDir, config: settled.source, authRequired: settled.authRequired, startedAtMs },
    logger,
  });
  try {
    const endpoints = await launcher.start();
    return { endpoints, stop: () => launcher.stop() };
  } catch (error) {
    await launcher.stop();
    throw error;
  }
}

export async function start(options: StartOptions): Promise<void> {
  const startedAtMs = Date.now();
  if (options.check) {
    const settled = settle({ configFile: options.config, dataDir: resolve(options.data), env: process.env });
    process.stdout.write(describeConfiguration(settled));
    return;
  }
  const stopped = stopOnSignal();
  const running = await run(options, startedAtMs);
  process.stderr.write(welcome({ version: options.version, endpoints: running.endpoints, dataDir: resolve(options.data), tookMs: Date.now() - startedAtMs }));
  await stopped;
  process.stderr.write('\nStopping: receivers first, then what is on its way … ');
  await running.stop();
  process.stderr.write('stopped.\n');
}

/** Settles at the first Ctrl-C or SIGTERM; a second one ends at once. */
export function stopOnSignal(): Promise<void> {
  return new Promise((done) => {
    let asked = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (asked) process.exit(130);
        asked = true;
        done();
      });
    }
  });
}
