import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { nodeFlags } from 'signalbox/launcher/node-flags';
import { MALLOC_ARENAS, THREAD_POOL_SIZE } from 'signalbox/launcher/role-process';

/** Starts a program of `loadgen/` as the launcher starts the role `receive`, with the same flags of Node and the same environment. */
export function startReceiveProcess(file: string, ...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [...nodeFlags('receive'), '--import', 'tsx', '--conditions=source', fileURLToPath(new URL(`../loadgen/${file}`, import.meta.url)), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, UV_THREADPOOL_SIZE: THREAD_POOL_SIZE, MALLOC_ARENA_MAX: MALLOC_ARENAS },
  });
}
