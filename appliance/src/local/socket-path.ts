import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** What the system allows in the address of a local socket (Linux 108, macOS 104, with the ending zero). */
const MAX_PATH_BYTES = 100;

/** Where the receive role answers what the other roles pass on: in the data directory, or where that path is too long, in the temporary one. */
export function receiveSocket(dataDir: string): string {
  const path = resolve(dataDir, 'run', 'receive.sock');
  if (process.platform === 'win32') return `\\\\.\\pipe\\signalbox-${digest(path)}`;
  return Buffer.byteLength(path) <= MAX_PATH_BYTES ? path : join(tmpdir(), `signalbox-${digest(path)}.sock`);
}

function digest(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 24);
}
