import { describeError } from '../errors.js';
import type { FromRole, RoleStart, RoleStatus, ToRole } from '../launcher/messages.js';
import type { Role, RoleContext } from './role.js';

/** The entry of each role's process: waits for the start message, runs the role, stops when told to or when the launcher is gone. */

const METRICS_EVERY_MS = 1000;

function tell(message: FromRole): void {
  if (process.connected) process.send!(message);
}

let role: Role | null = null;
let stopping = false;
let rolesListener: ((roles: readonly RoleStatus[]) => void) | null = null;

async function start(message: RoleStart): Promise<void> {
  const context: RoleContext = { ...message, onRoles: (listener) => { rolesListener = listener; } };
  try {
    role = await create(context);
    const endpoints = await role.start();
    tell({ type: 'ready', endpoints });
    const running = role;
    setInterval(() => tell({ type: 'metrics', metrics: running.metrics() }), METRICS_EVERY_MS).unref();
  } catch (error) {
    // What has a code of ours is a condition that a person must change; anything else may pass.
    const code = (error as { code?: unknown }).code;
    const fatal = typeof code === 'string' && (code.startsWith('SBX_') || code === 'EADDRINUSE' || code === 'EACCES' || code === 'EADDRNOTAVAIL');
    tell({ type: 'failed', message: describeError(error), fatal });
    await stop(1);
  }
}

async function create(context: RoleContext): Promise<Role> {
  if (context.role === 'receive') return (await import('./receive.js')).createReceiveRole(context);
  if (context.role === 'deliver') return (await import('./deliver.js')).createDeliverRole(context);
  return (await import('./serve.js')).createServeRole(context);
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
  else if (message.type === 'stop') void stop(0);
  else rolesListener?.(message.roles);
});
process.on('disconnect', () => void stop(0));
// Ctrl-C reaches the whole group; the launcher decides in which order roles stop.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
