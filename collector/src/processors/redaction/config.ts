import { z } from 'zod';
import { refused } from '../../config/foreign.js';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';
import { compilePattern } from '../../ottl/pattern.js';
import { PATTERN_NAMES } from './patterns.js';

const pattern = z.string().superRefine((source, context) => {
  try {
    compilePattern(source);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error), input: source });
  }
});
const patterns = (what: string): z.ZodDefault<z.ZodArray<typeof pattern>> => z.array(pattern).default([]).describe(what);

export const redactionSchema = z.strictObject({
  allow_all_keys: z.boolean().default(false).describe('All attributes stay; otherwise those alone that `allowed_keys` names.'),
  allowed_keys: z.array(z.string()).default([]).describe('Attributes that stay; with none, and without `allow_all_keys`, every attribute goes.'),
  ignored_keys: z.array(z.string()).default([]).describe('Attributes that stay as they are, whatever they hold.'),
  blocked_key_patterns: patterns('Attributes whose name matches are masked whole.'),
  blocked_values: patterns('What matches in a value is masked.'),
  allowed_values: patterns('Values that match stay as they are.'),
  patterns: z.array(z.enum(PATTERN_NAMES)).default([]).describe('Ready-made `blocked_values`: `secrets` (keys and tokens of well-known forms, `password=…`), `cards` (13 to 19 digits with a valid check digit), `emails`.'),
  redact_all_types: z.boolean().default(false).describe('Values that are no strings are looked at too, as text.'),
  hash_function: z.enum(['', 'md5', 'sha1', 'sha3', 'sha256']).default('').describe('What is masked becomes its hash instead of `****`.'),
  url_sanitizer: refused('change what is in URLs with the processor transform: replace_pattern.'),
  db_sanitizer: refused('change what is in statements with the processor transform: replace_pattern.'),
  sanitize_span_name: refused('change names with the processor transform: replace_pattern.'),
  hmac_key: refused('hash_function knows md5, sha1, sha3 and sha256.'),
  summary: z.enum(['debug', 'info', 'silent']).default('silent').describe('What is noted on the item: `debug` names and numbers of what was redacted, `info` numbers, `silent` nothing.'),
});

export type RedactionConfig = z.output<typeof redactionSchema>;

export function parseRedactionConfig(raw: unknown, place: ConfigPlace): RedactionConfig {
  return parseSection(redactionSchema, raw, place);
}
