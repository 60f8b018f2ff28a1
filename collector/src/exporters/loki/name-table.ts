import { Buffer } from 'node:buffer';
import { lokiLabelName } from '@signalbox/signals/prometheus/label-name';
import { protobufField } from '../protobuf-field.js';

/** Keys that are found without making a string of them; a power of two. */
const SLOTS = 1024;

interface Key {
  readonly bytes: Buffer;
  readonly name: number;
}

/** The names of structured metadata, numbered, and which number the key of an attribute has: keys that are written alike in Loki share one. */
export class NameTable {
  /** By number: field 1 of a pair (logproto.LabelPairAdapter), which is its name. */
  readonly fields: Buffer[] = [];
  readonly #byName = new Map<string, number>();
  /** By their bytes as Latin-1. */
  readonly #byKey = new Map<string, Key>();
  readonly #slots: (Key | null)[] = Array.from({ length: SLOTS }, () => null);

  /** Keys and names that it knows. */
  get size(): number {
    return this.#byKey.size + this.fields.length;
  }

  ofName(name: string): number {
    let number = this.#byName.get(name);
    if (number === undefined) {
      number = this.fields.length;
      this.#byName.set(name, number);
      this.fields.push(protobufField(0x0a, Buffer.from(name, 'utf8'))); // 1 name
    }
    return number;
  }

  /** Of an attribute whose key is these bytes. */
  ofKey(bytes: Buffer, from: number, to: number): number {
    let hash = to - from;
    for (let i = from; i < to; i++) hash = Math.imul(hash, 31) + bytes[i]!;
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    const known = this.#slots[slot];
    if (known && isAt(known.bytes, bytes, from, to)) return known.name;
    const key = this.#key(bytes, from, to);
    this.#slots[slot] = key;
    return key.name;
  }

  #key(bytes: Buffer, from: number, to: number): Key {
    const text = bytes.toString('latin1', from, to);
    let key = this.#byKey.get(text);
    if (key === undefined) {
      const own = Buffer.from(bytes.subarray(from, to));
      key = { bytes: own, name: this.ofName(lokiLabelName(own.toString('utf8'))) };
      this.#byKey.set(text, key);
    }
    return key;
  }
}

function isAt(known: Buffer, bytes: Buffer, from: number, to: number): boolean {
  if (known.length !== to - from) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[from + i]) return false;
  return true;
}
