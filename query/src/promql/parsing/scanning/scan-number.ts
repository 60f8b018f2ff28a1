import { PrometheusDurationError, parsePrometheusDuration } from '../../durations/duration.js';
import { LiteralError, numberOf } from './literal.js';

/** `invalid`: why it has no value, which is said where a number may stand. */
export type ScannedNumber = { readonly end: number; readonly kind: 'number' | 'duration'; readonly invalid: string | null } | { readonly error: string };

const ALPHANUMERIC = /[A-Za-z0-9_]/;

/**
 * A number or a duration that begins at `start` with a digit or a dot, as Prometheus' lexer cuts it: it takes more than
 * is a number, and what it took is checked afterwards, so that the errors name the same text.
 */
export function scanNumber(query: string, start: number): ScannedNumber {
  const cutter = new Cutter(query, start);
  const isNumber = cutter.number();
  const isDuration = !isNumber && cutter.duration();
  const text = query.slice(start, cutter.at);
  if (!isNumber && !isDuration) return { error: `bad number or duration syntax: "${text}"` };
  return { end: cutter.at, kind: isNumber ? 'number' : 'duration', invalid: whyInvalid(text, isNumber) };
}

function whyInvalid(text: string, isNumber: boolean): string | null {
  try {
    if (isNumber) numberOf(text);
    else parsePrometheusDuration(text);
    return null;
  } catch (error) {
    if (error instanceof LiteralError || error instanceof PrometheusDurationError) return error.message;
    throw error;
  }
}

class Cutter {
  constructor(readonly query: string, public at: number) {}

  number(): boolean {
    let digits = /[0-9]/;
    let hexadecimal = false;
    if (this.#take(/0/) && this.#take(/[xX]/)) {
      this.#take(/_/);
      digits = /[0-9a-fA-F]/;
      hexadecimal = true;
    }
    this.#take(/\./);
    this.#take(digits);
    let dots = 0;
    let exponents = 0;
    while (this.#is(digits) || this.#is(/[._eE]/)) {
      if (this.#take(/\./)) {
        if (dots++ > 0 || this.#take(/[_.]/) || hexadecimal) return false;
      } else if (this.#take(/[eE]/)) {
        if (exponents++ > 0) return false;
        this.#take(/[+-]/);
        if (this.#take(/[._eE]/) || this.#atEnd()) return false;
      } else if (this.#take(/_/)) {
        if (this.#take(/[._eE]/) || this.#atEnd()) return false;
      } else {
        while (this.#take(digits));
      }
    }
    return !this.#is(ALPHANUMERIC);
  }

  /** What follows the digits that `number` has taken. */
  duration(): boolean {
    if (!this.#take(/[smhdwy]/)) return false;
    this.#take(/s/);
    while (this.#take(/[0-9]/)) {
      while (this.#take(/[0-9]/));
      // Years can only come first.
      if (!this.#take(/[smhdw]/)) return false;
      this.#take(/s/);
    }
    return !this.#take(ALPHANUMERIC);
  }

  #is(characters: RegExp): boolean {
    return characters.test(this.query[this.at] ?? '');
  }

  #take(characters: RegExp): boolean {
    const found = this.#is(characters);
    if (found) this.at++;
    return found;
  }

  #atEnd(): boolean {
    return this.at >= this.query.length;
  }
}
