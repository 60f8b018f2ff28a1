import type { Figure } from '../measure/report.js';

export interface Suite {
  readonly run: () => Promise<{ readonly figures: readonly Figure[]; readonly notes: readonly string[] }>;
}

/** CPU seconds for so many items, per million of them. */
export function perMillion(cpuSeconds: number, items: number): number {
  return cpuSeconds / (items / 1e6);
}

export const MISSING_PEER = 'no peer was there: obtain it with `npm run test:servers -- --peers`';
