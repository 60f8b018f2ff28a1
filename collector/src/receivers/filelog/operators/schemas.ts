import { z } from 'zod';
import { parseField } from './field.js';

const field = z.string().refine((text) => parseField(text) !== null, { error: 'expected a field: body, body.name, attributes.name, attributes["na.me"] or resource["na.me"]' });
const common = { type: z.string(), id: z.string().optional(), on_error: z.enum(['send', 'send_quiet', 'drop', 'drop_quiet']).default('send') };
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
  noop: z.strictObject(common),
} as const;

export type OperatorType = keyof typeof OPERATORS;
export type OperatorConfig = { [T in OperatorType]: Omit<z.output<(typeof OPERATORS)[T]>, 'type'> & { readonly type: T } }[OperatorType];
export type TimeConfig = z.output<z.ZodObject<typeof time>>;
export type SeverityConfig = z.output<z.ZodObject<typeof severity>>;
export type IdsConfig = z.output<z.ZodObject<typeof ids>>;

export function isOperatorType(type: unknown): type is OperatorType {
  return typeof type === 'string' && Object.hasOwn(OPERATORS, type);
}
