import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../test/servers/free-port.js';

/** A running peer that takes OTLP over gRPC. */
export interface Peer {
  readonly name: string;
  readonly pid: number;
  readonly grpc: string;
  readonly dataDir: string;
  stop(): Promise<void>;
}

/**
 * The OpenTelemetry Collector. `nothing` receives and forgets; `queue` has a persistent queue in front of a sink that is never
 * reached, so that everything stays in the queue; `fsync` is the same with every write synced.
 */
export async function startOtelcol(binary: string, mode: 'nothing' | 'queue' | 'fsync'): Promise<Peer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'signalbox-otelcol-'));
  const port = await freePort();
  mkdirSync(join(dataDir, 'queue'));
  const queued = mode !== 'nothing';
  writeFileSync(join(dataDir, 'otelcol.yaml'), `
receivers: { otlp: { protocols: { grpc: { endpoint: "127.0.0.1:${port}", max_recv_msg_size_mib: 64 } } } }
exporters:
  ${queued ? `otlphttp: { endpoint: "http://127.0.0.1:1", compression: none, retry_on_failure: { enabled: true, max_elapsed_time: 0s }, sending_queue: { enabled: true, storage: file_storage, queue_size: 100000000, num_consumers: 1 } }` : 'nop: {}'}
extensions:
  ${queued ? `file_storage: { directory: "${join(dataDir, 'queue')}", fsync: ${mode === 'fsync'} }` : '{}'}
service:
  extensions: [${queued ? 'file_storage' : ''}]
  telemetry: { metrics: { level: none }, logs: { level: error } }
  pipelines: { traces: { receivers: [otlp], exporters: [${queued ? 'otlphttp' : 'nop'}] } }
`.replace('extensions:\n  {}\n', ''));
  const child = spawn(binary, ['--config', join(dataDir, 'otelcol.yaml')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => { said = (said + chunk.toString()).slice(-4000); });
  await listening(port, () => (child.exitCode === null ? null : said));
  return {
    name: mode === 'nothing' ? 'Collector → nothing' : mode === 'queue' ? 'Collector, persistent queue' : 'Collector, queue with fsync', pid: child.pid!, grpc: `http://127.0.0.1:${port}`, dataDir,
    async stop() {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Settles when the port takes connections. */
export async function listening(port: number, ended: () => string | null): Promise<void> {
  for (let i = 0; i < 300; i++) {
    const died = ended();
    if (died !== null) throw new Error(`the peer ended: ${died}`);
    if (await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true); });
      socket.on('error', () => resolve(false));
    })) return;
    await sleep(100);
  }
  throw new Error(`nobody listens at port ${port} after 30 s`);
}
