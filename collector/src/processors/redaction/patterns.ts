import { luhnValid } from '../../ottl/converters/luhn.js';
import { compilePattern, type Pattern } from '../../ottl/pattern.js';

/** Finds parts of a text that have to go. */
export interface ValuePattern {
  readonly pattern: Pattern;
  /** Cheap, and false only where the pattern cannot match. */
  maybe(text: string): boolean;
  /** Whether a match is one: checks that an expression cannot make. */
  confirm(match: string): boolean;
}

export const PATTERN_NAMES = ['secrets', 'cards', 'emails'] as const;
export type PatternName = (typeof PATTERN_NAMES)[number];

const yes = (): boolean => true;

/** Forms of keys and tokens as their makers document them; words in front of a value (`password=…`) go with it. */
const SECRETS = [
  '\\b(?:AKIA|ASIA)[0-9A-Z]{16}\\b',
  '\\bgh[pousr]_[A-Za-z0-9]{36,255}\\b',
  '\\bgithub_pat_[A-Za-z0-9_]{22,255}\\b',
  '\\bglpat-[A-Za-z0-9_-]{20,64}\\b',
  '\\bxox[abeoprs]-[A-Za-z0-9-]{10,250}\\b',
  '\\b[rs]k_(?:live|test)_[A-Za-z0-9]{10,250}\\b',
  '\\bAIza[0-9A-Za-z_-]{35}',
  '\\beyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]*',
  '-----BEGIN [A-Z ]*PRIVATE KEY-----[A-Za-z0-9+/=\\s]*(?:-----END [A-Z ]*PRIVATE KEY-----)?',
  '(?i:\\bbearer\\s+[A-Za-z0-9._~+/-]{8,}=*)',
  '(?i:\\b(?:password|passwd|pwd|secret|api[_-]?key|access[_-]?token|auth[_-]?token|client[_-]?secret)["\']?\\s*[=:]\\s*["\']?[^\\s"\'&,;]{3,})',
];

const DIGITS = /\d/g;

export function namedPatterns(name: PatternName): readonly ValuePattern[] {
  switch (name) {
    case 'secrets':
      return SECRETS.map((source) => ({ pattern: compilePattern(source), maybe: (text) => text.length >= 7, confirm: yes }));
    case 'cards':
      return [{ pattern: compilePattern('\\b\\d(?:[ -]?\\d){12,18}\\b'), maybe: (text) => text.length >= 13 && (text.match(DIGITS)?.length ?? 0) >= 13, confirm: luhnValid }];
    case 'emails':
      return [{ pattern: compilePattern('[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)*\\.[A-Za-z]{2,}'), maybe: (text) => text.includes('@'), confirm: yes }];
  }
}

export function ownPattern(source: string): ValuePattern {
  return { pattern: compilePattern(source), maybe: yes, confirm: yes };
}
