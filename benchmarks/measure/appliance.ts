import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface RunningAppliance {
  readonly pid: number;
  readonly grpc: string;
  readonly url: string;
  readonly dataDir: string;
  /** From the start of the process until /readyz answered. */
  readonly readyMs: number;
  /** Ends it by SIGINT; the data stays unless `discard`. */
  stop(discard?: boolean): Promise<void>;
}

export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}

/** Starts the built appliance on free ports. `roles` leaves others out; `config` replaces the pipelines. */
export async function startAppliance(options: { readonly dataDir?: string; readonly roles?: readonly string[]; readonly env?: NodeJS.ProcessEnv } = {}): Promise<RunningAppliance> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'signalbox-bench-'));
  const [grpc, http, serve] = [await freePort(), await freePort(), await freePort()];
  const config = join(dataDir, 'bench.yaml');
  writeFileSync(config, `receivers: { otlp: { protocols: { grpc: { endpoint: "127.0.0.1:${grpc}" }, http: { endpoint: "127.0.0.1:${http}" } } } }
exporters: { store: {} }
serve: { endpoint: "127.0.0.1:${serve}" }
service: { pipelines: { traces: { receivers: [otlp], exporters: [store] }, logs: { receivers: [otlp], exporters: [store] }, metrics: { receivers: [otlp], exporters: [store] } } }
`);
  const args = ['start', '--config', config, '--data', dataDir, ...(options.roles ?? []).flatMap((r) => ['--role', r])];
  const started = performance.now();
  const child = spawn(process.execPath, [fileURLToPath(new URL('../../appliance/dist/main.js', import.meta.url)), ...args], { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...options.env } });
  const ready = await awaitReady(child);
  if (ready !== null) throw new Error(`the appliance did not start: ${ready}`);
  const readyMs = performance.now() - started;
  return {
    pid: child.pid!, grpc: `http://127.0.0.1:${grpc}`, url: `http://127.0.0.1:${serve}`, dataDir, readyMs,
    async stop(discard = true) {
      if (child.exitCode === null) {
        const gone = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGINT');
        await gone;
      }
      if (discard) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Null once the welcome lines are there; else what it said before it ended. */
function awaitReady(child: ChildProcess): Promise<string | null> {
  return new Promise((resolve) => {
    let said = '';
    child.stderr!.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('is ready')) resolve(null);
    });
    child.on('exit', () => resolve(said));
  });
}
