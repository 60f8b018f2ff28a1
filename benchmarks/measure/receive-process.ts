import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { MALLOC_ARENAS, NODE_FLAGS, THREAD_POOL_SIZE } from 'signalbox/launcher/role-process';

/** Starts a program of `loadgen/` as the launcher starts the role `receive`, with the same flags of Node and the same environment. */
export function startReceiveProcess(file: string, ...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [...NODE_FLAGS.receive, '--import', 'tsx', '--conditions=source', fileURLToPath(new URL(`../loadgen/${file}`, import.meta.url)), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, UV_THREADPOOL_SIZE: THREAD_POOL_SIZE, MALLOC_ARENA_MAX: MALLOC_ARENAS },
  });
}
