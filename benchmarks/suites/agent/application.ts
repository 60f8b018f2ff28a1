import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { cpuSeconds } from '../../measure/processes.js';

/** How the application is started: as it is, with our agent, or with OpenTelemetry's, as its documentation says. */
export type Variant = 'bare' | 'ours' | 'stock';
export const VARIANTS: readonly Variant[] = ['bare', 'ours', 'stock'];

const FLAGS: Readonly<Record<Variant, readonly string[]>> = {
  bare: [],
  ours: ['--import', '@signalbox/agent/register'],
  stock: ['--require', '@opentelemetry/auto-instrumentations-node/register'],
};

export interface RunningApplication {
  readonly pid: number;
  readonly url: string;
  /** From its start until it listened. */
  readonly startMs: number;
  /** What all its threads had used by then. */
  readonly startCpuMs: number;
  stop(): Promise<void>;
}

/** Starts the application, sending over gRPC to `collector`; both agents send what they send where nothing else is said. */
export async function startApplication(variant: Variant, collector: string): Promise<RunningApplication> {
  const { PATH, HOME } = process.env;
  const began = performance.now();
  const child: ChildProcess = spawn(process.execPath, [...FLAGS[variant], fileURLToPath(new URL('app.cjs', import.meta.url))], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env: {
      PATH, HOME, OTEL_SERVICE_NAME: 'weighed', OTEL_EXPORTER_OTLP_ENDPOINT: collector, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', SIGNALBOX_AGENT_QUIET: '1',
      // Its detectors ask the clouds' addresses, which answer late where there is no cloud.
      OTEL_NODE_RESOURCE_DETECTORS: variant === 'stock' ? 'env,host,os,process' : '',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()));
    void ended.then(() => reject(new Error(`the application (${variant}) ended before it listened`)));
  });
  const startMs = performance.now() - began;
  const pid = child.pid ?? 0;
  return {
    pid,
    url,
    startMs,
    startCpuMs: cpuSeconds([pid]) * 1000,
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
