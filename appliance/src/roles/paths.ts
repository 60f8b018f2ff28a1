import { join } from 'node:path';

/** Layout of the data directory. */
export function dataPaths(dataDir: string): { readonly journal: string; readonly store: string } {
  return { journal: join(dataDir, 'journal'), store: join(dataDir, 'store') };
}
