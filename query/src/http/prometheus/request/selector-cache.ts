import type { Matcher } from '../../../readers.js';
import { parseSelector } from './selector.js';

/** Characters of the selectors that are kept, and of the longest one of them. */
const MAX_CHARACTERS = 1 << 16;
const MAX_LENGTH = 1 << 10;

/** Selectors that were parsed lately: to parse one takes longer than to find a few series. */
export class SelectorCache {
  readonly #parsed = new Map<string, readonly Matcher[]>();
  #characters = 0;

  /** Throws BadData, as `parseSelector` does. */
  readonly parse = (text: string): readonly Matcher[] => {
    const known = this.#parsed.get(text);
    if (known !== undefined) return known;
    const matchers = parseSelector(text);
    if (text.length > MAX_LENGTH) return matchers;
    if (this.#characters + text.length > MAX_CHARACTERS) {
      this.#parsed.clear();
      this.#characters = 0;
    }
    this.#parsed.set(text, matchers);
    this.#characters += text.length;
    return matchers;
  };
}
