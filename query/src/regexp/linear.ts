import { RE2JS } from 're2js';

/** A pattern that RE2 refuses; the text is RE2's own (`error parsing regexp: missing closing ): ...`). */
export class RegexpError extends Error {
  constructor(message: string, readonly pattern: string) {
    super(message);
    this.name = 'RegexpError';
  }
}

/** Longest pattern that is compiled; a longer one is refused, since compiling costs more than its length. */
const MAX_PATTERN_LENGTH = 16_384;

const META = /[\\.+*?()|[\]{}^$]/;

function compile(pattern: string, flags: number): RE2JS {
  if (pattern.length > MAX_PATTERN_LENGTH) {
    throw new RegexpError(`error parsing regexp: the expression is longer than ${MAX_PATTERN_LENGTH} characters`, pattern);
  }
  try {
    return RE2JS.compile(pattern, flags);
  } catch (error) {
    // re2js writes its flags in front of the pattern.
    const message = (error instanceof Error ? error.message : String(error)).replace('`(?s)', '`');
    throw new RegexpError(message.endsWith('trailing backslash at end of expression') ? `${message}: \`\`` : message, pattern);
  }
}

/**
 * A test for the whole text, as label matchers want it: anchored at both ends, `.` matches newlines too. Runs in time
 * linear in the text (RE2). Throws RegexpError.
 */
export function anchoredRegexp(pattern: string): (text: string) => boolean {
  if (!META.test(pattern)) return (text) => text === pattern;
  if (pattern === '.*') return () => true;
  if (pattern === '.+') return (text) => text !== '';
  const alternatives = pattern.split('|');
  if (alternatives.every((alternative) => !META.test(alternative))) {
    const set = new Set(alternatives);
    return (text) => set.has(text);
  }
  const regexp = compile(pattern, RE2JS.DOTALL);
  return (text) => regexp.testExact(text);
}

/** A test for a match anywhere in the text, as line filters want it. Runs in linear time. Throws RegexpError. */
export function searchRegexp(pattern: string): (text: string) => boolean {
  if (!META.test(pattern)) return (text) => text.includes(pattern);
  const regexp = compile(pattern, 0);
  return (text) => regexp.test(text);
}
