import { resolve } from 'node:path';
import { Launcher } from '../launcher/launcher.js';
import type { Endpoint, RoleName } from '../launcher/messages.js';
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
  /** Reads the configuration again. */
  readonly reload: () => Promise<void>;
}

/** Starts the roles. @throws with all mistakes of the configuration, before anything listens */
export async function run(options: StartOptions, startedAtMs: number): Promise<Running> {
  const launcher = new Launcher({ roles: options.role ?? null, configFile: options.config ?? null, dataDir: resolve(options.data), startedAtMs });
  try {
    const endpoints = await launcher.start();
    return { endpoints, stop: () => launcher.stop(), reload: () => launcher.reload() };
  } catch (error) {
    await launcher.stop();
    throw error;
  }
}

export async function start(options: StartOptions): Promise<void> {
  const startedAtMs = Date.now();
  if (options.check) {
    const [{ settle }, { describeConfiguration }] = await Promise.all([import('../settings/settle.js'), import('../settings/describe.js')]);
    const settled = settle({ configFile: options.config, dataDir: resolve(options.data), env: process.env });
    process.stdout.write(describeConfiguration(settled));
    return;
  }
  const stopped = stopOnSignal();
  const reload = reloadOnSignal();
  const running = await run(options, startedAtMs);
  process.stderr.write(welcome({ version: options.version, endpoints: running.endpoints, dataDir: resolve(options.data), tookMs: Date.now() - startedAtMs }));
  reload(running);
  await stopped;
  process.stderr.write('\nStopping: receivers first, then what is on its way … ');
  await running.stop();
  process.stderr.write('stopped.\n');
}

/** Reads the configuration again at SIGHUP, which must not end what is starting: before there is something that runs, it is remembered. */
function reloadOnSignal(): (running: Running) => void {
  let running: Running | null = null;
  let asked = false;
  process.on('SIGHUP', () => {
    asked = true;
    void running?.reload();
  });
  return (started) => {
    running = started;
    if (asked) void started.reload();
  };
}

/** npm passes on the Ctrl-C that the terminal has sent to its scripts as well: so soon it is the same one. */
const SAME_SIGNAL_MS = 500;

/** Settles at the first Ctrl-C or SIGTERM; a second one ends at once. */
export function stopOnSignal(): Promise<void> {
  return new Promise((done) => {
    let askedMs: number | null = null;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (askedMs !== null && performance.now() - askedMs > SAME_SIGNAL_MS) process.exit(130);
        askedMs ??= performance.now();
        done();
      });
    }
  });
}
