import type { ChildProcess } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The package's folder: where the name of the agent leads to its built form, as it does for a user. */
const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));

/** Builds the agent, once: applications load what is built. */
export function buildAgent(): void {
  const compiler = fileURLToPath(new URL('../../../../node_modules/typescript/bin/tsc', import.meta.url));
  for (const step of [[compiler, '-b', PACKAGE], [join(PACKAGE, 'bundle.mjs')]]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, step, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`the agent does not build: ${stdout}${stderr}`);
  }
}

/** A real application in a process of its own, started as the documentation says. */
export class Application {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  readonly #ended: Promise<unknown>;

  constructor(fixture: string, environment: Record<string, string>, { agent = true, args = [] }: { agent?: boolean; args?: string[] } = {}) {
    const flags = agent ? ['--import', '@signalbox/agent/register'] : [];
    this.child = spawn(process.execPath, [...flags, `fixtures/${fixture}`, ...args], {
      cwd: PACKAGE,
      env: { PATH: process.env['PATH'], ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (chunk) => (this.stdout += String(chunk)));
    this.child.stderr?.on('data', (chunk) => (this.stderr += String(chunk)));
    this.#ended = once(this.child, 'close');
  }

  /** The JSON that the application prints when it is ready. */
  async ready(): Promise<{ url: string }> {
    for (;;) {
      const line = this.stdout.split('\n').slice(0, -1).find((text) => text.startsWith('{"ready"'));
      if (line !== undefined) return JSON.parse(line).ready;
      if (this.child.exitCode !== null) throw new Error(`${this.child.spawnargs.join(' ')} ended before it was ready:\n${this.stderr}`);
      await delay(5);
    }
  }

  /** The JSON lines of its output. */
  lines(): Record<string, unknown>[] {
    return this.stdout.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  }

  /** Until it has ended by itself. */
  async end(): Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }> {
    await this.#ended;
    return { code: this.child.exitCode, signal: this.child.signalCode, stdout: this.stdout, stderr: this.stderr };
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
    return this.end();
  }
}

/** The headers that http.mjs sends on from its /front, with fetch and with node:http. */
export async function frontHeaders(url: string, headers: Record<string, string> = {}): Promise<{ fetched: Record<string, string>; got: Record<string, string> }> {
  const answer = await fetch(`${url}/front`, { headers });
  return JSON.parse(await answer.text());
}
