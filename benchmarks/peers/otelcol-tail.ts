import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../test/servers/free-port.js';
import { listening } from './otelcol.js';

export interface TailingPeer {
  readonly pid: number;
  /** Log records that its receiver has taken so far, by its own metrics. */
  accepted(): Promise<number>;
  stop(): Promise<void>;
}

/** The OpenTelemetry Collector that tails files, parses JSON and sends to nobody. */
export async function startOtelcolTail(binary: string, pattern: string): Promise<TailingPeer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'signalbox-otelcol-tail-'));
  const port = await freePort();
  // JSON is YAML.
  writeFileSync(join(dataDir, 'otelcol.yaml'), JSON.stringify({
    receivers: { filelog: { include: [pattern], start_at: 'beginning', operators: [{ type: 'json_parser', timestamp: { parse_from: 'attributes.time', layout_type: 'gotime', layout: '2006-01-02T15:04:05.000Z' }, severity: { parse_from: 'attributes.level' } }] } },
    exporters: { nop: {} },
    service: {
      telemetry: { logs: { level: 'error' }, metrics: { level: 'basic', readers: [{ pull: { exporter: { prometheus: { host: '127.0.0.1', port } } } }] } },
      pipelines: { logs: { receivers: ['filelog'], exporters: ['nop'] } },
    },
  }));
  const child = spawn(binary, ['--config', join(dataDir, 'otelcol.yaml')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => { said = (said + chunk.toString()).slice(-4000); });
  await listening(port, () => (child.exitCode === null ? null : said));
  return {
    pid: child.pid!,
    async accepted() {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      return Number(/^otelcol_receiver_accepted_log_records\S* ([\d.e+]+)$/m.exec(text)?.[1] ?? 0);
    },
    async stop() {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
