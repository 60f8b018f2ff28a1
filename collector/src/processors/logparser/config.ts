import { z } from 'zod';
import { ConfigError, mistakeAt } from '../../config/error.js';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';
import { FORMATS } from '../../parsing/parse-line.js';
import { regexParser } from '../../parsing/regexp.js';
import { EXPECTED_ZONE, zoneNamed } from '../../parsing/time-zone.js';

const schema = z.strictObject({
  format: z.enum(FORMATS).default('auto').describe('What bodies are; `auto` tells by how they begin.'),
  pattern: z.string().optional().describe('Of `format: regex`: an expression (RE2) with named groups.'),
  keep_line: z.boolean().default(false).describe('The whole line stays the body, the message becomes an attribute.'),
  time_zone: z.string().default('').refine((zone) => zoneNamed(zone) !== null, { error: EXPECTED_ZONE }).describe('Zone of times that name none: `UTC`, `+02:00`, `Europe/Berlin`, or `Local` for that of the machine.'),
  mark_failures: z.boolean().default(true).describe('Attribute `log.parse_error` on records that are not of the format; `auto` takes those for plain text.'),
});

export type LogParserConfig = z.output<typeof schema>;
export { schema as logParserSchema };

/** @throws ConfigError */
export function parseConfig(raw: unknown, place: ConfigPlace): LogParserConfig {
  const config = parseSection(schema, raw, place);
  const at = place.child('pattern');
  if (config.format !== 'regex') {
    if (config.pattern !== undefined) throw new ConfigError([mistakeAt(at, 'SBX_CONFIG_BAD_VALUE', 'a pattern is for format: regex.')]);
    return config;
  }
  if (config.pattern === undefined) throw new ConfigError([mistakeAt(at, 'SBX_CONFIG_MISSING', 'format: regex needs a pattern.')]);
  try {
    regexParser(config.pattern);
  } catch (error) {
    throw new ConfigError([mistakeAt(at, 'SBX_CONFIG_BAD_VALUE', `${error instanceof Error ? error.message : String(error)}.`)]);
  }
  return config;
}
