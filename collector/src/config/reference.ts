import { z } from 'zod';
import { formatBytes } from './bytes.js';
import { formatDuration } from './duration.js';
import { isForeign } from './foreign.js';
import { schemaLeaves, unwrap } from './schema-walk.js';

/** The settings below a schema as a table in Markdown, in the order they are written down. `prefix` stands before every path. */
export function referenceTable(schema: z.core.$ZodType, prefix = ''): string {
  const rows = schemaLeaves(schema).filter((leaf) => !isForeign(leaf.schema)).map((leaf) => {
    const path = prefix + leaf.path.join('.');
    const about = describe(leaf.schema);
    return `| \`${path}\` | ${cell(about.type)} | ${cell(about.standard)} | ${cell(about.description)} |`;
  });
  return ['| setting | type | default | what it does |', '|---|---|---|---|', ...rows].join('\n');
}

/** Longer lists are not worth a line of a table. */
const MAX_DEFAULT_LENGTH = 60;

interface About {
  readonly type: string;
  readonly standard: string;
  readonly description: string;
}

function describe(schema: z.core.$ZodType): About {
  let description = '';
  let title: string | undefined;
  let standard: unknown;
  let known = false;
  for (let inner: z.core.$ZodType = schema; ; ) {
    const meta = z.globalRegistry.get(inner);
    description ||= meta?.description ?? '';
    title ??= meta?.title;
    if ((inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault) && !known) {
      standard = inner.def.defaultValue;
      known = true;
    }
    const next = step(inner);
    if (next === null) break;
    inner = next;
  }
  const type = title ?? typeName(unwrap(schema));
  return { type, standard: known ? defaultText(standard, type) : '', description };
}

function step(schema: z.core.$ZodType): z.core.$ZodType | null {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodReadonly) return schema.unwrap();
  if (schema instanceof z.ZodPipe) return schema.in instanceof z.ZodTransform ? schema.out : schema.in;
  return null;
}

function typeName(schema: z.core.$ZodType): string {
  if (schema instanceof z.ZodEnum) return schema.options.map((option) => `\`${option}\``).join(', ');
  if (schema instanceof z.ZodArray) return 'list';
  if (schema instanceof z.ZodRecord) return 'map';
  if (schema instanceof z.ZodBoolean) return '`true`, `false`';
  if (schema instanceof z.ZodNumber) return schema.isInt ? 'whole number' : 'number';
  if (schema instanceof z.ZodUnion) return [...new Set(schema.options.map(typeName))].join(' or ');
  return 'text';
}

function defaultText(value: unknown, type: string): string {
  if (value === null || value === undefined) return type.endsWith('or off') ? '`off`' : '';
  if (typeof value === 'number' && type.startsWith('duration')) return `\`${formatDuration(value)}\``;
  if (typeof value === 'number' && type.startsWith('size')) return `\`${formatBytes(value)}\``;
  const text = JSON.stringify(value);
  if (text.length > MAX_DEFAULT_LENGTH) return Array.isArray(value) ? `${value.length} entries, such as \`${String(value[0])}\`` : '…';
  return `\`${typeof value === 'string' ? value : text}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
