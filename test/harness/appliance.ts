import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../servers/free-port.js';

/** The command line as it was built. */
export const MAIN = fileURLToPath(new URL('../../appliance/dist/main.js', import.meta.url));

export interface RunningAppliance {
  /** Of the launcher; the roles are its children. */
  readonly pid: number;
  /** `http://127.0.0.1:port` of OTLP over gRPC, OTLP over HTTP, and of the console and APIs. */
  readonly grpc: string;
  readonly http: string;
  readonly url: string;
  readonly dataDir: string;
  readonly configFile: string;
  /** From the start of the process until every role was ready. */
  readonly readyMs: number;
  /** What it wrote to standard error so far. */
  said(): string;
  /** Reads no more of what it says, as when the program behind a pipe ends. */
  deafen(): void;
  /** Ends it by SIGINT (or `signal`) and answers its exit code; the data directory goes unless `keep`. */
  stop(options?: { readonly keep?: boolean; readonly signal?: NodeJS.Signals }): Promise<number | null>;
}

export interface ApplianceOptions {
  /** Taken over from an earlier run; otherwise a temporary one. */
  readonly dataDir?: string;
  readonly roles?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Further settings of `serve`, and of OTLP over gRPC and HTTP, in YAML's flow style: `max_connections: 5`. */
  readonly serve?: string;
  readonly grpc?: string;
  readonly http?: string;
  /** Further receivers, in YAML's flow style: `prometheusremotewrite: {}`. */
  readonly receivers?: string;
  /** YAML put behind the receivers: exporters, sections, service. Without: everything into the store. */
  readonly rest?: (ports: { readonly serve: number }) => string;
}

export const ALL_TO_STORE = `exporters: { store: {} }
service: { pipelines: { traces: { receivers: [otlp], exporters: [store] }, logs: { receivers: [otlp], exporters: [store] }, metrics: { receivers: [otlp], exporters: [store] } } }
`;

/** Runs `signalbox ARGS` to its end. */
export async function signalbox(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => { stdout += chunk.toString(); });
  child.stderr.on('data', (chunk: Buffer) => { stderr += chunk.toString(); });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout, stderr };
}

/** Starts the built appliance on free ports. @throws with what it said, when it does not become ready */
export async function startAppliance(options: ApplianceOptions = {}): Promise<RunningAppliance> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'signalbox-run-'));
  mkdirSync(dataDir, { recursive: true });
  const [grpc, http, serve] = [await freePort(), await freePort(), await freePort()];
  const configFile = join(dataDir, `signalbox-${serve}.yaml`);
  const more = (settings: string | undefined): string => (settings === undefined ? '' : `, ${settings}`);
  writeFileSync(configFile, `receivers: { otlp: { protocols: { grpc: { endpoint: "127.0.0.1:${grpc}"${more(options.grpc)} }, http: { endpoint: "127.0.0.1:${http}"${more(options.http)} } } }${more(options.receivers)} }
serve: { endpoint: "127.0.0.1:${serve}"${more(options.serve)} }
${options.rest?.({ serve }) ?? ALL_TO_STORE}`);
  const started = performance.now();
  const child = spawn(process.execPath, [MAIN, 'start', '--config', configFile, '--data', dataDir, ...(options.roles ?? []).flatMap((r) => ['--role', r])], {
    // What was sent is to be found at once, however busy the machine is.
    stdio: ['ignore', 'ignore', 'pipe'], env: { SIGNALBOX_QUERY_CATCH_UP: '60s', ...process.env, ...options.env },
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => { said += chunk.toString(); });
  await ready(child, () => said);
  return {
    pid: child.pid!, grpc: `http://127.0.0.1:${grpc}`, http: `http://127.0.0.1:${http}`, url: `http://127.0.0.1:${serve}`, dataDir, configFile, readyMs: performance.now() - started,
    said: () => said,
    deafen: () => { child.stderr.destroy(); },
    async stop({ keep = false, signal = 'SIGINT' } = {}) {
      if (child.exitCode === null && child.signalCode === null) {
        const gone = new Promise((resolve) => child.once('close', resolve));
        child.kill(signal);
        await gone;
      }
      if (!keep) rmSync(dataDir, { recursive: true, force: true });
      return child.exitCode;
    },
  };
}

function ready(child: ChildProcess, said: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stderr!.on('data', () => {
      if (said().includes('is ready')) resolve();
    });
    child.on('close', (code) => reject(new Error(`the appliance ended with ${code} before it was ready:\n${said()}`)));
  });
}
