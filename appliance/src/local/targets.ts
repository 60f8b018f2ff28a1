import { request } from 'node:http';
import type { ScrapeTargets } from '@signalbox/query/http/prometheus/targets';

/** Where the receive role says what it scrapes. */
export const TARGETS_PATH = '/internal/targets';

const TIMEOUT_MS = 2000;
const MAX_BYTES = 64 * 1024 * 1024;

/** By tenant. */
export type TargetsByTenant = Readonly<Record<string, ScrapeTargets>>;

/** Asks the receive role over its local socket. @throws when it is not reached */
export async function readTargets(socketPath: string): Promise<TargetsByTenant> {
  return new Promise((resolve, reject) => {
    const ask = request({ socketPath, path: TARGETS_PATH, timeout: TIMEOUT_MS }, (answer) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_BYTES) ask.destroy(new Error('the list of targets is too long'));
        chunks.push(chunk);
      });
      answer.on('error', reject);
      answer.on('end', () => {
        if (answer.statusCode !== 200) return reject(new Error(`the receive role answered ${answer.statusCode}`));
        resolve(JSON.parse(Buffer.concat(chunks).toString()) as TargetsByTenant);
      });
    });
    ask.on('timeout', () => ask.destroy(new Error('the receive role did not answer in time')));
    ask.on('error', reject);
    ask.end();
  });
}
