import type { KeyValue } from '@signalbox/signals/model/attributes';
import { toAttributes, type Entry } from './entry.js';
import { encodeResource } from './log-request.js';

const MAX_KEPT = 1000;

/** The encoded resources of entries: the receiver's attributes, overwritten and completed by what operators gave an entry. */
export class EntryResources {
  readonly #attributes: readonly KeyValue[];
  /** Of entries that have none of their own. */
  readonly plain: Uint8Array;
  readonly #kept = new Map<string, Uint8Array>();

  constructor(attributes: readonly KeyValue[]) {
    this.#attributes = attributes;
    this.plain = encodeResource({ attributes, droppedAttributesCount: 0 });
  }

  of({ resource }: Entry): Uint8Array {
    if (resource === null || resource.size === 0) return this.plain;
    const own = toAttributes(resource);
    const key = JSON.stringify(own, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
    let encoded = this.#kept.get(key);
    if (encoded === undefined) {
      encoded = encodeResource({ attributes: [...this.#attributes.filter((each) => !resource.has(each.key)), ...own], droppedAttributesCount: 0 });
      if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
      this.#kept.set(key, encoded);
    }
    return encoded;
  }
}
