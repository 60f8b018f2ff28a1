import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../test/servers/free-port.js';
import { listening } from './otelcol.js';

export interface SamplingPeer {
  readonly pid: number;
  readonly grpc: string;
  /** Traces that it has decided for and against so far, by its own metrics. */
  decided(): Promise<{ readonly sampled: number; readonly notSampled: number }>;
  stop(): Promise<void>;
}

/** The OpenTelemetry Collector that samples whole traces and sends them to nobody; `processor` are the settings of its tail_sampling. */
export async function startOtelcolSampling(binary: string, processor: object): Promise<SamplingPeer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'signalbox-otelcol-sampling-'));
  const [port, metricsPort] = [await freePort(), await freePort()];
  // JSON is YAML.
  writeFileSync(join(dataDir, 'otelcol.yaml'), JSON.stringify({
    receivers: { otlp: { protocols: { grpc: { endpoint: `127.0.0.1:${port}`, max_recv_msg_size_mib: 64 } } } },
    processors: { tail_sampling: processor },
    exporters: { nop: {} },
    service: {
      telemetry: { logs: { level: 'error' }, metrics: { level: 'basic', readers: [{ pull: { exporter: { prometheus: { host: '127.0.0.1', port: metricsPort } } } }] } },
      pipelines: { traces: { receivers: ['otlp'], processors: ['tail_sampling'], exporters: ['nop'] } },
    },
  }));
  const child = spawn(binary, ['--config', join(dataDir, 'otelcol.yaml')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => { said = (said + chunk.toString()).slice(-4000); });
  await listening(port, () => (child.exitCode === null ? null : said));
  return {
    pid: child.pid!, grpc: `http://127.0.0.1:${port}`,
    async decided() {
      const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
      const count = (sampled: boolean): number => [...text.matchAll(/^otelcol_processor_tail_sampling_global_count_traces_sampled\S*\{([^}]*)\} ([\d.e+]+)$/gm)]
        .filter(([, labels]) => labels!.includes(`sampled="${sampled}"`)).reduce((sum, [, , value]) => sum + Number(value), 0);
      return { sampled: count(true), notSampled: count(false) };
    },
    async stop() {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
