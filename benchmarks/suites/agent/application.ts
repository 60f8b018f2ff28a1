import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** How the application is started: as it is, with our agent, or with OpenTelemetry's, as its documentation says. */
export type Variant = 'bare' | 'ours' | 'stock';
export const VARIANTS: readonly Variant[] = ['bare', 'ours', 'stock'];

const FLAGS: Readonly<Record<Variant, readonly string[]>> = {
  bare: [],
  ours: ['--import', '@signalbox/agent/register'],
  stock: ['--require', '@opentelemetry/auto-instrumentations-node/register'],
};

/** Both send as often as ours does by itself: OpenTelemetry's own five and sixty seconds would send less in the same time. */
export const ALIKE: Readonly<Record<string, string>> = {
  OTEL_BSP_SCHEDULE_DELAY: '1000', OTEL_BLRP_SCHEDULE_DELAY: '1000', OTEL_METRIC_EXPORT_INTERVAL: '10000', OTEL_METRIC_EXPORT_TIMEOUT: '9000',
};

export interface RunningApplication {
  readonly pid: number;
  readonly url: string;
  /** From its start until it listened. */
  readonly startMs: number;
  /** What all its threads had used by then. */
  readonly startCpuMs: number;
  /** What all its threads have used until now, in milliseconds. */
  cpuMs(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts the application, sending over gRPC to `collector`; `settings` are further variables for both agents. */
export async function startApplication(variant: Variant, collector: string, settings: Readonly<Record<string, string>>): Promise<RunningApplication> {
  const { PATH, HOME } = process.env;
  const began = performance.now();
  const child = spawn(process.execPath, [...FLAGS[variant], fileURLToPath(new URL('app.cjs', import.meta.url))], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env: {
      PATH, HOME, OTEL_SERVICE_NAME: 'weighed', OTEL_EXPORTER_OTLP_ENDPOINT: collector, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', SIGNALBOX_AGENT_QUIET: '1', ...settings,
      // Its detectors ask the clouds' addresses, which answer late where there is no cloud.
      OTEL_NODE_RESOURCE_DETECTORS: variant === 'stock' ? 'env,host,os,process' : '',
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  const told = async (): Promise<{ url: string; cpuUs: number }> => {
    const [message] = await Promise.race([once(child, 'message'), ended.then(() => Promise.reject(new Error(`the application (${variant}) ended`)))]);
    return message as { url: string; cpuUs: number };
  };
  const { url, cpuUs } = await told();
  return {
    pid: child.pid ?? 0,
    url,
    startMs: performance.now() - began,
    startCpuMs: cpuUs / 1000,
    async cpuMs() {
      child.send('usage');
      return (await told()).cpuUs / 1000;
    },
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
