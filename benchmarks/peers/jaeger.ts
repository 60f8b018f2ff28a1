import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../test/servers/free-port.js';
import { listening } from './otelcol.js';
import type { Peer } from './otelcol.js';

/** Jaeger v2 on badger, one process that receives, stores and answers. */
export async function startJaeger(binary: string, keep?: string): Promise<Peer & { readonly url: string }> {
  const dataDir = keep ?? mkdtempSync(join(tmpdir(), 'signalbox-jaeger-'));
  const [grpc, http, query, health] = [await freePort(), await freePort(), await freePort(), await freePort()];
  for (const name of ['k', 'v']) mkdirSync(join(dataDir, name), { recursive: true });
  writeFileSync(join(dataDir, 'jaeger.yaml'), `
service:
  extensions: [jaeger_storage, jaeger_query, healthcheckv2]
  pipelines: { traces: { receivers: [otlp], processors: [batch], exporters: [jaeger_storage_exporter] } }
  telemetry: { metrics: { level: none }, logs: { level: error } }
extensions:
  healthcheckv2: { use_v2: true, http: { endpoint: "127.0.0.1:${health}" } }
  jaeger_query: { storage: { traces: main }, grpc: { endpoint: "127.0.0.1:${query}" }, http: { endpoint: "127.0.0.1:${http}" } }
  jaeger_storage: { backends: { main: { badger: { directories: { keys: "${join(dataDir, 'k')}", values: "${join(dataDir, 'v')}" }, ephemeral: false, ttl: { spans: 48h } } } } }
receivers: { otlp: { protocols: { grpc: { endpoint: "127.0.0.1:${grpc}", max_recv_msg_size_mib: 64 } } } }
processors: { batch: {} }
exporters: { jaeger_storage_exporter: { trace_storage: main } }
`);
  const child = spawn(binary, ['--config', join(dataDir, 'jaeger.yaml')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => { said = (said + chunk.toString()).slice(-4000); });
  await listening(grpc, () => (child.exitCode === null ? null : said));
  await listening(http, () => (child.exitCode === null ? null : said));
  return {
    name: 'Jaeger v2 on badger', pid: child.pid!, grpc: `http://127.0.0.1:${grpc}`, dataDir, url: `http://127.0.0.1:${http}`,
    async stop() {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
      if (keep === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
