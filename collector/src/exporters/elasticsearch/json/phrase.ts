const WORD_BYTES = 8;

/**
 * Bytes that are written again and again, such as a key or the resource that records share. It remembers where it was written last, so
 * that what compresses the text need not look for it.
 */
export class Phrase {
  readonly bytes: Uint8Array;
  readonly length: number;
  /**
   * The bytes in words of eight, with zeros behind the last. As doubles, which are copied at once: text in UTF-8 never looks like one that
   * is no number, whose bits might not survive.
   */
  readonly words: Float64Array;
  /** Where it was written last, and in what: JsonBuffer's to set. */
  at = 0;
  text: object | null = null;

  /** @param bytes text in UTF-8, that nobody changes any more */
  constructor(bytes: Uint8Array) {
    const { length } = bytes;
    this.bytes = bytes;
    this.length = length;
    const words = Math.ceil(length / WORD_BYTES);
    const padded = new Uint8Array(words * WORD_BYTES);
    padded.set(bytes);
    const view = new DataView(padded.buffer);
    this.words = Float64Array.from({ length: words }, (_, i) => view.getFloat64(i * WORD_BYTES, true));
  }

  static of(text: string): Phrase {
    return new Phrase(Buffer.from(text));
  }
}
