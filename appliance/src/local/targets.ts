import type { ScrapeTargets } from '@signalbox/query/http/prometheus/targets/targets';
import { askReceive } from './ask-receive.js';

/** Where the receive role says what it scrapes. */
export const TARGETS_PATH = '/internal/targets';

const LIMITS = { timeoutMs: 2000, maxBytes: 64 * 1024 * 1024 };

/** By tenant. */
export type TargetsByTenant = Readonly<Record<string, ScrapeTargets>>;

/** Asks the receive role over its local socket. @throws when it is not reached */
export async function readTargets(socketPath: string): Promise<TargetsByTenant> {
  return await askReceive(socketPath, TARGETS_PATH, LIMITS) as TargetsByTenant;
}
