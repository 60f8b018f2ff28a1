import { join } from 'node:path';

export const KINDS = ['spans', 'logs', 'samples'] as const;
export type Kind = (typeof KINDS)[number];

/** A Parquet file with its index, or a block of samples, as the manifest knows it. */
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
  /** Of samples: place in the order of arrival, the first of those that were merged into it. Without it the file is of version 1. */
  readonly sequence?: number;
}

/** Tenants listed per file at most. */
export const MAX_TENANTS_LISTED = 100;

export interface FilePaths {
  /** Of samples a block, else Parquet. */
  readonly data: string;
  readonly index: string;
}

export function pathsOf(dir: string, file: Pick<StoredFile, 'kind' | 'number'>): FilePaths {
  const stem = join(dir, file.kind, String(file.number).padStart(10, '0'));
  return { data: `${stem}.${file.kind === 'samples' ? 'block' : 'parquet'}`, index: `${stem}.idx` };
}

/** Every path that a file may have. */
export function allPathsOf(dir: string, file: Pick<StoredFile, 'kind' | 'number' | 'sequence'>): readonly string[] {
  const { data, index } = pathsOf(dir, file);
  if (file.kind !== 'samples') return [data, index];
  return file.sequence === undefined ? Object.values(oldSamplePaths(dir, file)) : [data];
}

/** Where version 1 kept samples: rows, and the series that they belong to. */
export function oldSamplePaths(dir: string, file: Pick<StoredFile, 'number'>): { readonly data: string; readonly series: string } {
  const stem = join(dir, 'samples', String(file.number).padStart(10, '0'));
  return { data: `${stem}.parquet`, series: `${stem}.series.parquet` };
}

/** By the order of arrival. */
export function inSequence(a: StoredFile, b: StoredFile): number {
  return (a.sequence ?? a.number) - (b.sequence ?? b.number);
}

export function holdsTenant(file: StoredFile, tenant: string): boolean {
  return file.tenants === null || file.tenants.includes(tenant);
}
