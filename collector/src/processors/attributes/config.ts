import { z } from 'zod';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';
import { actionsSchema } from '../editing/actions.js';
import { matchSchema } from '../editing/match.js';

export const attributesSchema = z.strictObject({
  actions: actionsSchema,
  include: matchSchema.optional().describe('Only items that match are changed: `match_type` (strict or regexp) with `services`, `resources`, `libraries`, `attributes`, `span_names`, `span_kinds`, `log_bodies`, `log_severity_texts`, `log_severity_number`, `metric_names`.'),
  exclude: matchSchema.optional().describe('Items that match are left alone; of the same form.'),
});

export type AttributesConfig = z.output<typeof attributesSchema>;

export function parseAttributesConfig(raw: unknown, place: ConfigPlace): AttributesConfig {
  return parseSection(attributesSchema, raw, place);
}
