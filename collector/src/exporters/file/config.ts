import { z } from 'zod';
import { refused, withoutEffect } from '../../config/foreign.js';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';

export const fileSchema = z.strictObject({
  path: z.string().min(1).describe('File to append to; its folder is made if it is not there.'),
  rotation: z
    .strictObject({
      max_megabytes: z.number().positive().default(100).describe('A file that has reached this size (in MiB) is set aside.'),
      max_backups: z.int().min(0).max(10_000).default(100).describe('So many of those set aside are kept.'),
      localtime: withoutEffect('names of files have the time in UTC.'),
      max_days: z.number().min(0).default(0).describe('Those older than this go; 0: none goes for its age.'),
    })
    .prefault({}),
  format: z.literal('json').optional().describe('A request a line, in OTLP/JSON.'),
  append: withoutEffect('the file is always appended to.'),
  create_directory: withoutEffect('the folder is always made.'),
  directory_permissions: refused('set the umask of the process.'),
  flush_interval: withoutEffect('each batch is written at once.'),
  compression: refused('compress the files that rotation sets aside.'),
  encoding: refused('a request a line is written, in OTLP/JSON.'),
  group_by: refused('make a pipeline of each file, with the processor filter in front of its exporter.'),
  sync: z.boolean().default(false).describe('Whether each batch is synced to disk before it counts as delivered.'),
});

export type FileConfig = z.output<typeof fileSchema>;

export function parseFileConfig(raw: unknown, place: ConfigPlace): FileConfig {
  return parseSection(fileSchema, raw, place);
}
