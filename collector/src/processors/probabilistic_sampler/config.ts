import { z } from 'zod';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';

export const probabilisticSamplerSchema = z.strictObject({
  sampling_percentage: z.number().min(0).describe('How many of a hundred pass; 100 and more: all.'),
  mode: z.enum(['hash_seed', 'proportional', 'equalizing']).optional().describe('`hash_seed`: by a hash of the trace id (or of an attribute). `proportional`: by the randomness that the OpenTelemetry specification defines, so many of what arrives. `equalizing`: the same, but what was sampled before counts. Not set: `hash_seed` where a seed is given or logs are taken by an attribute, else `proportional`.'),
  hash_seed: z.int().min(0).max(0xffffffff).default(0).describe('Of `hash_seed`; the same for all collectors of a tier.'),
  fail_closed: z.boolean().default(true).describe('Items whose randomness or threshold is missing or contradicts itself are dropped (reason `sampling_error`); otherwise they pass.'),
  sampling_precision: z.int().min(1).max(14).default(4).describe('Hexadecimal digits of the threshold.'),
  attribute_source: z.enum(['traceID', 'record']).default('traceID').describe('Of logs: where randomness comes from; `record` is the attribute below.'),
  from_attribute: z.string().default('').describe('Of logs: the attribute whose value is hashed, where there is no trace id or the source is `record`.'),
  sampling_priority: z.string().default('').describe('Of logs: the attribute that holds a percentage of its own. Spans have `sampling.priority`: 0 drops, anything else keeps.'),
});

export type ProbabilisticSamplerConfig = z.output<typeof probabilisticSamplerSchema>;

export function parseProbabilisticSamplerConfig(raw: unknown, place: ConfigPlace): ProbabilisticSamplerConfig {
  return parseSection(probabilisticSamplerSchema, raw, place);
}
