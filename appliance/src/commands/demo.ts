import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { httpUrl } from '../probe/http-url.js';
import { run, stopOnSignal } from './start.js';
import type { StartOptions } from './start.js';
import { welcome } from './welcome.js';
import { resolve } from 'node:path';

/** The appliance, and beside it the shop, told where to send. */
export async function demo(options: StartOptions & { readonly rate: string }): Promise<void> {
  const startedAtMs = Date.now();
  const stopped = stopOnSignal();
  const running = await run(options, startedAtMs);
  process.stderr.write(welcome({ version: options.version, endpoints: running.endpoints, dataDir: resolve(options.data), tookMs: Date.now() - startedAtMs }));
  const at = (protocol: string): string => {
    const endpoint = running.endpoints.find((e) => e.protocol === protocol);
    return httpUrl(endpoint?.address ?? '127.0.0.1:4317', endpoint?.tls);
  };
  const shop = spawn(process.execPath, [
    fileURLToPath(new URL('../../../demo/dist/main.js', import.meta.url)), '--otlp', at('otlp/grpc'), '--console', at('http'), '--rate', options.rate,
  ], { stdio: ['ignore', 'inherit', 'inherit'] });
  const gone = new Promise<number | null>((done) => shop.on('exit', (code) => done(code)));
  const first = await Promise.race([stopped.then(() => 'stop' as const), gone]);
  if (first === 'stop') shop.kill('SIGTERM');
  await gone;
  await running.stop();
  if (first !== 'stop') process.exitCode = first ?? 1;
}
