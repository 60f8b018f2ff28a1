import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningServer } from './server-process.js';

export interface StartOptions {
  /** Kept when the server stops, so that it can be started on it again. Default: a temporary one that goes with the server. */
  readonly dataDir?: string;
  /** Default: a free one. */
  readonly port?: number;
}

/** The data directory of a server, and the server with its directory's removal added where that is temporary. */
export function dataDirOf(name: string, options: StartOptions): { readonly dir: string; owned(server: RunningServer): RunningServer } {
  if (options.dataDir !== undefined) return { dir: options.dataDir, owned: (server) => server };
  const dir = mkdtempSync(join(tmpdir(), `signalbox-${name}-`));
  const remove = (): void => rmSync(dir, { recursive: true, force: true });
  return {
    dir,
    owned: (server) => ({ ...server, stop: () => server.stop().then(remove), kill: () => server.kill().then(remove) }),
  };
}
