import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LoadResult } from '../loadgen/run-load.js';

/** Runs the load generator as a process of its own, so that its CPU time is not ours. */
export function loadProcess(options: Readonly<Record<string, string | number>>): Promise<LoadResult> {
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return new Promise((resolve, reject) => {
    execFile(process.execPath, ['--import', 'tsx', '--conditions=source', fileURLToPath(new URL('../loadgen/main.ts', import.meta.url)), ...args], { maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`the load generator failed: ${stderr || error.message}`));
      else resolve(JSON.parse(stdout) as LoadResult);
    });
  });
}
