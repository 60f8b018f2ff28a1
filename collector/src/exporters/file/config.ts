import { z } from 'zod';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';

export const fileSchema = z.strictObject({
  path: z.string().min(1).describe('File to append to; its folder is made if it is not there.'),
  rotation: z
    .strictObject({
      max_megabytes: z.number().positive().default(100).describe('A file that has reached this size (in MiB) is set aside.'),
      max_backups: z.int().min(0).max(10_000).default(100).describe('So many of those set aside are kept.'),
      max_days: z.number().min(0).default(0).describe('Those older than this go; 0: none goes for its age.'),
    })
    .prefault({}),
  sync: z.boolean().default(false).describe('Whether each batch is synced to disk before it counts as delivered.'),
});

export type FileConfig = z.output<typeof fileSchema>;

export function parseFileConfig(raw: unknown, place: ConfigPlace): FileConfig {
  return parseSection(fileSchema, raw, place);
}
