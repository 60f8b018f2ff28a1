import { describeError } from '../errors.js';
import { outliveReader } from '../output-errors.js';
import type { FromRole, Reload, RoleName, RoleStart, RoleStatus, Settle, ToRole } from '../launcher/messages.js';
import { trimHeapAfterStart } from './heap-trim.js';
import type { Role, RoleContext } from './role.js';

/** The entry of each role's process: waits for the start message, runs the role, stops when told to or when the launcher is gone. */

const METRICS_EVERY_MS = 1000;

function tell(message: FromRole): void {
  if (process.connected) process.send!(message);
}

outliveReader();

let role: Role | null = null;
let stopping = false;
let rolesListener: ((roles: readonly RoleStatus[]) => void) | null = null;

type CreateRole = (context: RoleContext) => Role;

/** Loaded at once, while the configuration is still being checked. */
const loading: Promise<CreateRole> = load(process.argv[2] as RoleName);
loading.catch(() => undefined); // told when it is used

async function load(name: RoleName): Promise<CreateRole> {
  if (name === 'receive') return (await import('./receive.js')).createReceiveRole;
  if (name === 'deliver') return (await import('./deliver.js')).createDeliverRole;
  return (await import('./serve.js')).createServeRole;
}

async function start(message: RoleStart): Promise<void> {
  const context: RoleContext = { ...message, onRoles: (listener) => { rolesListener = listener; } };
  try {
    role = (await loading)(context);
    const endpoints = await role.start();
    tell({ type: 'ready', endpoints });
    trimHeapAfterStart();
    const running = role;
    setInterval(() => tell({ type: 'metrics', metrics: running.metrics() }), METRICS_EVERY_MS).unref();
  } catch (error) {
    await fail(error);
  }
}

async function answerSettle({ configFile, dataDir }: Settle): Promise<void> {
  try {
    const [{ settle }, { loggingOf }] = await Promise.all([import('../settings/settle.js'), import('../settings/logging.js')]);
    const { source, config, authRequired, needsDelivery, warnings } = settle({ configFile: configFile ?? undefined, dataDir, env: process.env });
    tell({ type: 'settled', settled: { config: source, authRequired, needsDelivery, warnings, logging: loggingOf(config) } });
  } catch (error) {
    if (role === null) await fail(error, true);
    else tell({ type: 'unsettled', message: describeError(error) });
  }
}

async function reload({ config, authRequired }: Reload): Promise<void> {
  try {
    const endpoints = (await role?.reload(config, authRequired)) ?? 'restart';
    tell({ type: 'reloaded', endpoints: endpoints === 'restart' ? null : endpoints });
  } catch (error) {
    tell({ type: 'not-reloaded', message: describeError(error) });
  }
}

/** What has a code of ours is a condition that a person must change; anything else may pass. */
async function fail(error: unknown, always = false): Promise<void> {
  const code = (error as { code?: unknown }).code;
  const lasting = typeof code === 'string' && (code.startsWith('SBX_') || code === 'EADDRINUSE' || code === 'EACCES' || code === 'EADDRNOTAVAIL');
  tell({ type: 'failed', message: describeError(error), fatal: always || lasting });
  await stop(1);
}

async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  try {
    await role?.stop();
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    code = 1;
  }
  // Messages still on their way to the launcher would be lost by an exit at once.
  if (process.connected) process.disconnect();
  process.exitCode = code;
  setTimeout(() => process.exit(), 500).unref();
}

process.on('message', (raw) => {
  const message = raw as ToRole;
  if (message.type === 'start') void start(message);
  else if (message.type === 'settle') void answerSettle(message);
  else if (message.type === 'reload') void reload(message);
  else if (message.type === 'stop') void stop(0);
  else rolesListener?.(message.roles);
});
process.on('disconnect', () => void stop(0));
// Ctrl-C reaches the whole group; the launcher decides in which order roles stop.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
