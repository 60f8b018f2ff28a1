import { nearestName } from './nearest.js';
import type { ConfigPlace } from './place.js';

/**
 * The entries of a map by the names that are known there. A key that is none of them stands for the one nearest to it, unless that is
 * there itself: that it is misspelt is said once, and not again by all that would miss it.
 */
export class MeantEntries {
  readonly #keys = new Map<string, string>();

  constructor(private readonly entries: Readonly<Record<string, unknown>>, private readonly place: ConfigPlace, known: readonly string[]) {
    const written = Object.keys(entries);
    for (const key of written) {
      const name = known.includes(key) ? key : nearestName(key, known);
      if (name !== null && (name === key || !written.includes(name))) this.#keys.set(name, key);
    }
  }

  has(name: string): boolean {
    return this.#keys.has(name);
  }

  value(name: string): unknown {
    const key = this.#keys.get(name);
    return key === undefined ? undefined : this.entries[key];
  }

  /** Of the entry as it is written. */
  at(name: string): ConfigPlace {
    return this.place.child(this.#keys.get(name) ?? name);
  }
}
