import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Signal } from '@signalbox/signals/model/signal';
import { freePort } from '../../test/servers/free-port.js';
import { listening } from './otelcol.js';

export interface ExportingPeer {
  readonly pid: number;
  readonly grpc: string;
  /** Items that its exporter has brought so far, by its own metrics; that it has taken, where it brings them nowhere (`nop`). */
  sent(): Promise<number>;
  stop(): Promise<void>;
}

const ITEMS: Readonly<Record<Signal, string>> = { traces: 'spans', logs: 'log_records', metrics: 'metric_points' };

/** How a Collector is told where its own metrics are read: `address` is for those before 0.111. */
export type MetricsBy = 'readers' | 'address';

/** The OpenTelemetry Collector as it is set up by most: OTLP in, batches, one exporter (a section by its type), nothing on disk. */
export async function startOtelcolExport(binary: string, signal: Signal, exporter: Readonly<Record<string, unknown>>, metricsBy: MetricsBy = 'readers'): Promise<ExportingPeer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'signalbox-otelcol-export-'));
  const [grpc, port] = [await freePort(), await freePort()];
  const told = metricsBy === 'address' ? { address: `127.0.0.1:${port}` } : { readers: [{ pull: { exporter: { prometheus: { host: '127.0.0.1', port } } } }] };
  // JSON is YAML.
  writeFileSync(join(dataDir, 'otelcol.yaml'), JSON.stringify({
    receivers: { otlp: { protocols: { grpc: { endpoint: `127.0.0.1:${grpc}`, max_recv_msg_size_mib: 64 } } } },
    processors: { batch: { send_batch_size: 8192, timeout: '200ms' } },
    exporters: exporter,
    service: {
      telemetry: { logs: { level: 'error' }, metrics: { level: 'basic', ...told } },
      pipelines: { [signal]: { receivers: ['otlp'], processors: ['batch'], exporters: Object.keys(exporter) } },
    },
  }));
  const child = spawn(binary, ['--config', join(dataDir, 'otelcol.yaml')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => { said = (said + chunk.toString()).slice(-4000); });
  for (const each of [grpc, port]) await listening(each, () => (child.exitCode === null ? null : said));
  return {
    pid: child.pid!,
    grpc: `http://127.0.0.1:${grpc}`,
    async sent() {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      return Number(new RegExp(`^otelcol_${'nop' in exporter ? 'receiver_accepted' : 'exporter_sent'}_${ITEMS[signal]}\\S* ([\\d.e+]+)$`, 'm').exec(text)?.[1] ?? 0);
    },
    async stop() {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
      if (said.includes('rror')) process.stderr.write(`the Collector said: ${said.slice(-500)}\n`);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
