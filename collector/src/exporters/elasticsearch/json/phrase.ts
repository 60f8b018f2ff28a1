const WORD_BYTES = 8;

/**
 * Bytes that are written again and again, such as a key or the resource that records share. It remembers where it was written last, so
 * that what compresses the text need not look for it.
 */
export class Phrase {
  readonly length: number;
  /**
   * The bytes in words of eight, with zeros behind the last. As doubles, which are copied at once: text in UTF-8 never looks like one that
   * is no number, whose bits might not survive.
   */
  readonly words: Float64Array;
  /** Where it was written last, and in what: JsonBuffer's to set. */
  at = 0;
  text: object | null = null;
  /** What came behind it last as part of a run, and that run. */
  then: Phrase | null = null;
  run: Phrase | null = null;
  /** Phrases that came behind it, and what they are together with it: PhraseRuns' to set. */
  next: Phrase[] = [];
  runs: Phrase[] = [];
  /** The runs that `next` and `runs` are of. */
  of: object | null = null;

  /**
   * @param bytes text in UTF-8, copied
   * @param front what it begins with, and `last` what stands behind that; null, both, where it is not made of two
   */
  constructor(bytes: Uint8Array, readonly front: Phrase | null = null, readonly last: Phrase | null = null) {
    const { length } = bytes;
    this.length = length;
    const padded = new Uint8Array(Math.ceil(length / WORD_BYTES) * WORD_BYTES);
    padded.set(bytes);
    const view = new DataView(padded.buffer);
    this.words = new Float64Array(padded.length / WORD_BYTES);
    for (let i = 0; i < this.words.length; i++) this.words[i] = view.getFloat64(i * WORD_BYTES, true);
  }

  static of(text: string): Phrase {
    return new Phrase(Buffer.from(text));
  }

  /** A copy. */
  get bytes(): Uint8Array {
    const { words, length } = this;
    const padded = new Uint8Array(words.length * WORD_BYTES);
    const view = new DataView(padded.buffer);
    for (let i = 0; i < words.length; i++) view.setFloat64(i * WORD_BYTES, words[i], true);
    return padded.subarray(0, length);
  }
}
