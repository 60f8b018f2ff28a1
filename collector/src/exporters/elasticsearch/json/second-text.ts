import { Phrase } from './phrase.js';

const NS_PER_S = 1_000_000_000;

/** Cuts times into their second, as text, and the nanoseconds behind it: records that follow each other mostly share the second. */
export class SecondText {
  /** The second last asked for: `"2026-11-21T16:09:18.` */
  phrase = new Phrase(new Uint8Array());
  private second = -1;

  /** Of a time in Unix nanoseconds, as its two halves, each unsigned: answers the nanoseconds of its second, whose text is in `phrase` then. */
  cut(high: number, low: number): number {
    // Divided digit by digit of 16 bits: each step fits into a double.
    let second = 0;
    let rest = 0;
    for (let digit = 0; digit < 4; digit++) {
      const dividend = rest * 0x10000 + (digit === 0 ? high >>> 16 : digit === 1 ? high & 0xffff : digit === 2 ? low >>> 16 : low & 0xffff);
      const quotient = Math.floor(dividend / NS_PER_S);
      rest = dividend - quotient * NS_PER_S;
      second = second * 0x10000 + quotient;
    }
    if (second !== this.second) {
      this.second = second;
      this.phrase = Phrase.of(`"${new Date(second * 1000).toISOString().slice(0, -4)}`);
    }
    return rest;
  }
}
