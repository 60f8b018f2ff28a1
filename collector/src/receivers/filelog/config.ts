import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { byteSize } from '../../config/bytes.js';
import { duration, durationOrOff } from '../../config/duration.js';
import { ConfigError, mistakeAt } from '../../config/error.js';
import { refused, withoutEffect } from '../../config/foreign.js';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';
import { FORMATS } from '../../parsing/parse-line.js';
import { compileRegexp, regexParser } from '../../parsing/regexp.js';
import { EXPECTED_ZONE, zoneNamed } from '../../parsing/time-zone.js';
import { compileOperators } from '../../parsing/operators/compile.js';

/** Those that Node.js reads by way of its TextDecoder. */
export const DECODED_ENCODINGS = ['windows-1250', 'windows-1251', 'windows-1252', 'windows-1254', 'iso-8859-2', 'iso-8859-15', 'koi8-r', 'shift_jis', 'euc-jp', 'euc-kr', 'gbk', 'gb18030', 'big5'] as const;
export const ENCODINGS = ['utf-8', 'utf-8-raw', 'utf-16le', 'utf-16be', 'latin1', 'iso-8859-1', 'ascii', 'us-ascii', ...DECODED_ENCODINGS, 'nop'] as const;
/** How the OpenTelemetry Collector writes some of them. */
const ALIASES: Readonly<Record<string, string>> = { utf8: 'utf-8', 'shift-jis': 'shift_jis', 'utf-16-le': 'utf-16le', 'utf-16-be': 'utf-16be', 'gb-18030': 'gb18030', 'iso-8859_1': 'iso-8859-1' };
const scalar = z.union([z.string(), z.number(), z.boolean()]);
const pathPattern = z.string().min(1).refine((pattern) => isAbsolute(pattern), { error: 'expected an absolute path, such as /var/log/app/*.log' });

const schema = z.strictObject({
  include: z.array(pathPattern).min(1).describe('Files to read: absolute paths with `*`, `?`, `[a-z]`, `{a,b}`, and `**` for folders at any depth.'),
  exclude: z.array(pathPattern).default([]).describe('Files not to read, of those above.'),
  exclude_older_than: durationOrOff().prefault('off').describe('Files that were not changed for so long are not begun.'),
  start_at: z.enum(['beginning', 'end']).default('end').describe('Where to begin in files that are there at the very first start; later ones are read from the beginning.'),
  poll_interval: duration({ minMs: 10 }).default(200).describe('How often files are looked at. With thousands of files it is stretched, so that looking takes a tenth of the time at most.'),
  fingerprint_size: byteSize({ min: 16, max: 65_536 }).default(1000).describe('First bytes of a file by which it is known again.'),
  max_log_size: byteSize({ min: 64, max: 8 * 2 ** 20 }).default(2 ** 20).describe('Longer records are split.'),
  max_concurrent_files: z.int().min(1).max(65_536).default(256).describe('Files held open at once.'),
  encoding: z.preprocess((name) => (typeof name === 'string' ? (ALIASES[name.toLowerCase()] ?? name.toLowerCase()) : name), z.enum(ENCODINGS)).default('utf-8').describe('`nop` keeps bytes as they are, without parsing.'),
  multiline: z
    .strictObject({
      line_start_pattern: z.string().optional().describe('A line that matches begins a record.'),
      line_end_pattern: z.string().optional().describe('A line that matches ends a record.'),
      omit_pattern: z.boolean().default(false).describe('Leaves out of the record what matched.'),
    })
    .optional(),
  preserve_leading_whitespaces: z.boolean().default(false),
  preserve_trailing_whitespaces: z.boolean().default(false),
  force_flush_period: duration().default(500).describe('What stands at the end of a file without a newline is a record after it; `0` waits for ever.'),
  include_file_name: z.boolean().default(true).describe('Attribute `log.file.name`.'),
  include_file_path: z.boolean().default(false).describe('Attribute `log.file.path`.'),
  include_file_name_resolved: z.boolean().default(false).describe('Attribute `log.file.name_resolved`: symbolic links followed.'),
  include_file_path_resolved: z.boolean().default(false).describe('Attribute `log.file.path_resolved`.'),
  compression: z.enum(['', 'gzip', 'auto']).default('').describe('`gzip`: all files are; `auto`: those that end in .gz. A file known before it was compressed goes on where it was.'),
  parse: z.enum(FORMATS).optional().describe('Reads each line: time, level, message and ids take their places, the rest become attributes. What is not of the format is kept as it is. Instead of `operators`.'),
  pattern: z.string().optional().describe('Of `parse: regex`: an expression (RE2) with named groups.'),
  keep_line: z.boolean().default(false).describe('With `parse`: the whole line stays the body, the message becomes an attribute.'),
  time_zone: z.string().default('').refine((zone) => zoneNamed(zone) !== null, { error: EXPECTED_ZONE }).describe('With `parse`: zone of times that name none: `UTC`, `+02:00`, `Europe/Berlin`, or `Local` for that of the machine.'),
  header: z
    .strictObject({
      pattern: z.string().min(1).describe('Lines at the beginning of a file that match are its header; they are no records.'),
      metadata_operators: z.array(z.record(z.string(), z.unknown())).min(1).describe("What they make of the header's lines: their attributes are those of every record of the file."),
    })
    .optional(),
  operators: z.array(z.record(z.string(), z.unknown())).default([]).describe('As the Collector has them; see below.'),
  attributes: z.record(z.string(), scalar).default({}).describe('Added to every record.'),
  resource: z.record(z.string(), scalar).default({}).describe('Attributes of the resource, beside `host.name`.'),
  tenant: z.string().min(1).default('default').describe('Whose the records are.'),
  max_in_flight: z.int().min(1).max(64).default(4).describe('Requests on their way to the disk at once.'),
  storage: withoutEffect('places in files are always kept.'),
  retry_on_failure: withoutEffect('what finds no room is tried again until it does.'),
  initial_buffer_size: withoutEffect('buffers are as large as the files need.'),
  max_batches: withoutEffect('every file has its turn.'),
  polls_to_archive: withoutEffect('a file is known as long as it is there.'),
  acquire_fs_lock: refused('files are read while others write to them.'),
  delete_after_read: refused('nothing is deleted; let what writes the files rotate them.'),
  ordering_criteria: refused('name the files that are wanted with patterns: include, exclude, exclude_older_than.'),
  include_file_owner_name: refused('add what is known of the files with attributes or resource.'),
  include_file_owner_group_name: refused('add what is known of the files with attributes or resource.'),
  include_file_permissions: refused('add what is known of the files with attributes or resource.'),
  include_file_record_number: refused('records of a file come in its order, with the time at which they were read.'),
  include_file_record_offset: refused('records of a file come in its order, with the time at which they were read.'),
});

export type FilelogConfig = z.output<typeof schema>;
export { schema as filelogSchema };

/** @throws ConfigError */
export function parseConfig(raw: unknown, place: ConfigPlace): FilelogConfig {
  const config = parseSection(schema, raw, place);
  const mistakes = [];
  const check = (at: ConfigPlace, run: () => void): void => {
    try {
      run();
    } catch (error) {
      mistakes.push(mistakeAt(at, 'SBX_CONFIG_BAD_VALUE', `${error instanceof Error ? error.message : String(error)}.`));
    }
  };
  const { multiline } = config;
  if (multiline) {
    const at = place.child('multiline');
    if ((multiline.line_start_pattern === undefined) === (multiline.line_end_pattern === undefined)) {
      mistakes.push(mistakeAt(at, 'SBX_CONFIG_BAD_VALUE', 'name one of line_start_pattern and line_end_pattern.'));
    }
    if (multiline.line_start_pattern !== undefined) check(at.child('line_start_pattern'), () => void compileRegexp(multiline.line_start_pattern!));
    if (multiline.line_end_pattern !== undefined) check(at.child('line_end_pattern'), () => void compileRegexp(multiline.line_end_pattern!));
  }
  if (config.parse === 'regex') {
    if (config.pattern === undefined) mistakes.push(mistakeAt(place.child('pattern'), 'SBX_CONFIG_MISSING', 'parse: regex needs a pattern.'));
    else check(place.child('pattern'), () => void regexParser(config.pattern!));
  } else if (config.pattern !== undefined) mistakes.push(mistakeAt(place.child('pattern'), 'SBX_CONFIG_BAD_VALUE', 'a pattern is for parse: regex.'));
  if (config.parse !== undefined && config.operators.length > 0) mistakes.push(mistakeAt(place.child('parse'), 'SBX_CONFIG_BAD_VALUE', 'parse and operators exclude each other: keep one.'));
  if (config.encoding === 'nop' && (config.parse !== undefined || config.operators.length > 0)) mistakes.push(mistakeAt(place.child('encoding'), 'SBX_CONFIG_BAD_VALUE', 'bytes as they are (nop) cannot be parsed.'));
  mistakes.push(...compileOperators(config.operators, place.child('operators')).mistakes);
  if (config.header) {
    const at = place.child('header');
    check(at.child('pattern'), () => void compileRegexp(config.header!.pattern));
    mistakes.push(...compileOperators(config.header.metadata_operators, at.child('metadata_operators')).mistakes);
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return config;
}
