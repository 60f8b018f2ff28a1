import type { SourceId } from './sources.js';

/** Values of a label, ascending, and whose they are. */
export interface ValuesOfSources {
  readonly values: readonly string[];
  /** How many of a source's series were looked at; Infinity for all that it will ever have. */
  readonly sources: ReadonlyMap<SourceId, number>;
}

const NO_VALUES: ValuesOfSources = { values: [], sources: new Map() };

/** About how much a value takes beside its characters. Bytes. */
const VALUE_BYTES = 32;
const ENTRY_BYTES = 1024;

/**
 * Values of the labels that were asked for last, up to a number of bytes. What was gathered from blocks stays true as long as these are there, and of
 * what is in memory only the series are looked at that have come since.
 */
export class KnownValues {
  private readonly entries = new Map<string, { readonly found: ValuesOfSources; readonly bytes: number }>();
  private bytes = 0;

  constructor(private readonly maxBytes: number) {}

  /** What is known of a label, if it is of nothing else than these sources. */
  of(tenant: string, name: string, sources: ReadonlySet<SourceId>): ValuesOfSources {
    const key = keyOf(tenant, name);
    const entry = this.entries.get(key);
    if (entry === undefined) return NO_VALUES;
    const { found } = entry;
    for (const source of found.sources.keys()) if (!sources.has(source)) return NO_VALUES;
    this.entries.delete(key);
    this.entries.set(key, entry);
    return found;
  }

  keep(tenant: string, name: string, found: ValuesOfSources): void {
    const key = keyOf(tenant, name);
    const before = this.entries.get(key);
    const bytes = before?.found.values === found.values ? before.bytes : bytesOf(found.values);
    this.forget(key);
    if (bytes > this.maxBytes) return;
    this.entries.set(key, { found, bytes });
    this.bytes += bytes;
    for (const oldest of this.entries.keys()) {
      if (this.bytes <= this.maxBytes) break;
      this.forget(oldest);
    }
  }

  private forget(key: string): void {
    const entry = this.entries.get(key);
    if (entry === undefined) return;
    this.entries.delete(key);
    this.bytes -= entry.bytes;
  }
}

function bytesOf(values: readonly string[]): number {
  let bytes = ENTRY_BYTES;
  for (const value of values) bytes += VALUE_BYTES + value.length;
  return bytes;
}

function keyOf(tenant: string, name: string): string {
  return JSON.stringify([tenant, name]);
}
