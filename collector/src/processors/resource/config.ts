import { z } from 'zod';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';
import { actionsSchema } from '../editing/actions.js';

export const resourceSchema = z.strictObject({
  attributes: actionsSchema.describe("What is done to the resource's attributes, in order; actions as those of `attributes`."),
});

export type ResourceConfig = z.output<typeof resourceSchema>;

export function parseResourceConfig(raw: unknown, place: ConfigPlace): ResourceConfig {
  return parseSection(resourceSchema, raw, place);
}
