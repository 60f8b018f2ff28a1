import { z } from 'zod';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';

export const normalizeSchema = z.strictObject({
  attributes: z.boolean().default(true).describe('Attributes get the names of today.'),
  metrics: z.boolean().default(true).describe('Metrics get the names of today, where unit and meaning are the same.'),
  keep_original: z.boolean().default(false).describe('Attributes stay under their old names too.'),
});

export type NormalizeConfig = z.output<typeof normalizeSchema>;

export function parseNormalizeConfig(raw: unknown, place: ConfigPlace): NormalizeConfig {
  return parseSection(normalizeSchema, raw, place);
}
