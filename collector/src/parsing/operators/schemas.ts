import { z } from 'zod';
import { byteSize } from '../../config/bytes.js';
import { duration } from '../../config/duration.js';
import { parseField } from './field.js';

const field = z.string().refine((text) => parseField(text) !== null, { error: 'expected a field: body, body.name, attributes.name, attributes["na.me"] or resource["na.me"]' });
const identity = { type: z.string(), id: z.string().min(1).optional() };
const common = { ...identity, output: z.union([z.string(), z.tuple([z.string()]).transform(([only]) => only)]).optional(), if: z.string().min(1).optional(), on_error: z.enum(['send', 'send_quiet', 'drop', 'drop_quiet']).default('send') };
const value = z.union([z.string(), z.number(), z.boolean()]);

const time = {
  parse_from: field,
  layout_type: z.enum(['strptime', 'gotime', 'epoch', 'auto']).default('strptime'),
  layout: z.string().default(''),
  location: z.string().default(''),
};
const severity = {
  parse_from: field,
  preset: z.enum(['default', 'none', 'http', 'otel', 'alias']).default('default'),
  overwrite_text: z.boolean().default(false),
  mapping: z.record(z.string(), z.union([value, z.array(z.union([value, z.strictObject({ min: z.int(), max: z.int() })])), z.strictObject({ min: z.int(), max: z.int() })])).default({}),
};
const ids = {
  trace_id: z.strictObject({ parse_from: field.default('attributes.trace_id') }).optional(),
  span_id: z.strictObject({ parse_from: field.default('attributes.span_id') }).optional(),
  trace_flags: z.strictObject({ parse_from: field.default('attributes.trace_flags') }).optional(),
};
const parser = {
  ...common,
  parse_from: field.default('body'),
  parse_to: field.default('attributes'),
  timestamp: z.strictObject(time).optional(),
  severity: z.strictObject(severity).optional(),
  trace: z.strictObject(ids).optional(),
};

/** The operators there are, by the Collector's names. */
export const OPERATORS = {
  json_parser: z.strictObject({ ...parser, parse_ints: z.boolean().default(true) }),
  regex_parser: z.strictObject({ ...parser, regex: z.string().min(1), cache: z.unknown().optional() }),
  key_value_parser: z.strictObject({ ...parser, delimiter: z.string().min(1).default('='), pair_delimiter: z.string().min(1).default(' ') }),
  logfmt_parser: z.strictObject(parser),
  container: z.strictObject({ ...common, format: z.enum(['', 'docker', 'containerd', 'crio']).default(''), add_metadata_from_filepath: z.boolean().default(true), max_log_size: z.unknown().optional() }),
  time_parser: z.strictObject({ ...common, ...time }),
  severity_parser: z.strictObject({ ...common, ...severity }),
  trace_parser: z.strictObject({ ...common, ...ids }),
  move: z.strictObject({ ...common, from: field, to: field }),
  copy: z.strictObject({ ...common, from: field, to: field }),
  add: z.strictObject({ ...common, field, value }),
  remove: z.strictObject({ ...common, field }),
  retain: z.strictObject({ ...common, fields: z.array(field).min(1) }),
  flatten: z.strictObject({ ...common, field }),
  regex_replace: z.strictObject({ ...common, field, regex: z.string().min(1).optional(), regex_name: z.enum(['ansi_control_sequences']).optional(), replace_with: z.string().default('') }).refine(({ regex, regex_name }) => (regex === undefined) !== (regex_name === undefined), { error: 'name one of regex and regex_name' }),
  unquote: z.strictObject({ ...common, field }),
  assign_keys: z.strictObject({ ...common, field, keys: z.array(z.string().min(1)).min(1) }),
  csv_parser: z.strictObject({ ...parser, header: z.string().min(1), delimiter: z.string().length(1).default(','), ignore_quotes: z.boolean().default(false) }),
  uri_parser: z.strictObject(parser),
  noop: z.strictObject(common),
  filter: z.strictObject({ ...common, expr: z.string().min(1), drop_ratio: z.number().min(0).max(1).default(1) }),
  router: z.strictObject({ ...identity, routes: z.array(z.strictObject({ output: z.string().min(1), expr: z.string().min(1), attributes: z.record(z.string(), value).default({}) })).min(1), default: z.string().min(1).optional() }),
  recombine: z
    .strictObject({
      ...common,
      combine_field: field,
      combine_with: z.string().default('\n'),
      is_first_entry: z.string().min(1).optional(),
      is_last_entry: z.string().min(1).optional(),
      max_batch_size: z.int().min(1).default(1000),
      max_unmatched_batch_size: z.int().min(0).default(100),
      max_log_size: byteSize({ min: 0 }).default(0),
      overwrite_with: z.enum(['oldest', 'newest']).default('newest'),
      // Records of one file, or of one sender, are put together always; those of files are flushed after the receiver's own period.
      source_identifier: z.unknown().optional(),
      force_flush_period: duration().default(5000),
      max_sources: z.unknown().optional(),
    })
    .refine(({ is_first_entry: first, is_last_entry: last }) => (first === undefined) !== (last === undefined), { error: 'name one of is_first_entry and is_last_entry' }),
} as const;

export type OperatorType = keyof typeof OPERATORS;
export type OperatorConfig = { [T in OperatorType]: Omit<z.output<(typeof OPERATORS)[T]>, 'type'> & { readonly type: T } }[OperatorType];
/** Operators that change an entry and pass it on. */
export type ChangeConfig = Exclude<OperatorConfig, { readonly type: 'filter' | 'router' | 'recombine' }>;
export type RecombineConfig = Extract<OperatorConfig, { readonly type: 'recombine' }>;
export type TimeConfig = z.output<z.ZodObject<typeof time>>;
export type SeverityConfig = z.output<z.ZodObject<typeof severity>>;
export type IdsConfig = z.output<z.ZodObject<typeof ids>>;

export function isOperatorType(type: unknown): type is OperatorType {
  return typeof type === 'string' && Object.hasOwn(OPERATORS, type);
}
