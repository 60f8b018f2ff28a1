import { join } from 'node:path';

export const KINDS = ['spans', 'logs', 'samples'] as const;
export type Kind = (typeof KINDS)[number];

/** A Parquet file with its index, as the manifest knows it. */
export interface StoredFile {
  readonly kind: Kind;
  /** Never used twice; a file that holds what came later has a higher `receivedToNs`, not always a higher number. */
  readonly number: number;
  readonly rows: number;
  /** On disk, index included. */
  readonly bytes: number;
  /** Smallest and largest time of the rows: a span's start, a record's or sample's time. */
  readonly minNs: bigint;
  readonly maxNs: bigint;
  /** When the first and last row were received. */
  readonly receivedFromNs: bigint;
  readonly receivedToNs: bigint;
  /** null where there are too many to list. */
  readonly tenants: readonly string[] | null;
  /** How many merges its rows have been through. */
  readonly merges: number;
}

/** Tenants listed per file at most. */
export const MAX_TENANTS_LISTED = 100;

export interface FilePaths {
  readonly data: string;
  readonly index: string;
  /** Of samples only: the series that they belong to. */
  readonly series: string;
}

export function pathsOf(dir: string, file: Pick<StoredFile, 'kind' | 'number'>): FilePaths {
  const stem = join(dir, file.kind, String(file.number).padStart(10, '0'));
  return { data: `${stem}.parquet`, index: `${stem}.idx`, series: `${stem}.series.parquet` };
}

/** Every path that a file may have. */
export function allPathsOf(dir: string, file: Pick<StoredFile, 'kind' | 'number'>): readonly string[] {
  const { data, index, series } = pathsOf(dir, file);
  return file.kind === 'samples' ? [data, series] : [data, index];
}

export function holdsTenant(file: StoredFile, tenant: string): boolean {
  return file.tenants === null || file.tenants.includes(tenant);
}
