import { BytesTable } from '@signalbox/signals/otlp/wire/bytes-table';
import { Phrase } from '../json/phrase.js';

/** What comes again are few words; where it is more than these, it hardly does. */
const MAX_KNOWN = 4096;
/** What is longer hardly comes again. */
const MAX_BYTES = 96;

/** What bytes that come again and again become. */
export class KnownBytes {
  /** Of each that is known, by its number: what it becomes, and the number that its finder gave it. */
  readonly phrases: Phrase[] = [];
  readonly labels: number[] = [];
  private readonly lastBytes: number[] = [];
  private readonly table = new BytesTable();

  /** Number of the bytes, or -1. @param variant of what they become, where it is not one thing only */
  find(bytes: Uint8Array, from: number, to: number, variant: number): number {
    return to - from > MAX_BYTES ? -1 : this.table.find(bytes, from, to, variant);
  }

  /** Whether the bytes have this number, which may be -1. */
  holds(number: number, bytes: Uint8Array, from: number, to: number, variant: number): boolean {
    // Values differ at their end, behind keys that do not.
    return number >= 0 && this.lastBytes[number] === bytes[to - 1] && this.table.holds(number, bytes, from, to, variant);
  }

  /** Remembers what bytes become that were not found, and answers their number; -1 where there is no more room. */
  add(bytes: Uint8Array, from: number, to: number, variant: number, written: Uint8Array, label: number): number {
    if (to - from > MAX_BYTES || this.table.size >= MAX_KNOWN) return -1;
    const number = this.table.add(bytes, from, to, variant);
    this.phrases[number] = new Phrase(Uint8Array.from(written));
    this.labels[number] = label;
    this.lastBytes[number] = bytes[to - 1];
    return number;
  }
}
