import { existsSync } from 'node:fs';
import { peerPath } from '../../test/servers/peers.js';

/** The peer's program, or null when it is not there; then a suite measures ours alone and says so. */
export function findPeer(name: 'otelcol' | 'jaeger'): string | null {
  const path = peerPath(name);
  return path !== null && existsSync(path) ? path : null;
}
