import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serverDir } from '../cache.js';
import { findRecipe } from '../recipes.js';
import { freePort } from '../free-port.js';
import { startServer, type RunningServer } from '../server-process.js';
import { dataDirOf, type StartOptions } from '../start-options.js';

export interface RunningOtelcol extends RunningServer {
  /** HOST:PORT */
  readonly grpc: string;
  readonly http: string;
  /** Where it writes what it receives: a request in OTLP/JSON a line. */
  readonly file: string;
}

export interface OtelcolOptions extends StartOptions {
  /** Where it sends what it takes, besides the file, as its configuration has them. */
  readonly exporters?: Readonly<Record<string, object>>;
  /** Default: warn. */
  readonly logLevel?: string;
}

/** The OpenTelemetry Collector that takes OTLP and writes it to a file. */
export async function startOtelcol(options: OtelcolOptions = {}): Promise<RunningOtelcol> {
  const data = dataDirOf('otelcol', options);
  const { dir } = data;
  mkdirSync(dir, { recursive: true });
  const [grpc, http, health] = [options.port ?? (await freePort()), await freePort(), await freePort()];
  const file = join(dir, 'received.jsonl');
  const pipeline = { receivers: ['otlp'], exporters: ['file', ...Object.keys(options.exporters ?? {})] };
  // JSON is YAML.
  writeFileSync(join(dir, 'otelcol.yaml'), JSON.stringify({
    receivers: { otlp: { protocols: { grpc: { endpoint: `127.0.0.1:${grpc}` }, http: { endpoint: `127.0.0.1:${http}` } } } },
    exporters: { file: { path: file, flush_interval: '100ms' }, ...options.exporters },
    extensions: { health_check: { endpoint: `127.0.0.1:${health}` } },
    service: {
      extensions: ['health_check'],
      telemetry: { metrics: { level: 'none' }, logs: { level: options.logLevel ?? 'warn' } },
      pipelines: { traces: pipeline, logs: pipeline, metrics: pipeline },
    },
  }));
  const server = data.owned(await startServer({
    command: join(serverDir(findRecipe('otelcol')), 'otelcol'),
    args: [`--config=${join(dir, 'otelcol.yaml')}`],
    cwd: dir,
    logFile: join(dir, 'otelcol.log'),
    url: `http://127.0.0.1:${health}`,
    readyPath: '/',
    readyWithinMs: 120_000,
  }));
  return { ...server, grpc: `127.0.0.1:${grpc}`, http: `http://127.0.0.1:${http}`, file };
}
