import { z } from 'zod';
import { durationOrOff } from '../../config/duration.js';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';
import { compilePattern } from '../../ottl/pattern.js';

const METRIC_TYPES = ['sum', 'histogram', 'exponentialhistogram'] as const;

const match = z
  .strictObject({ match_type: z.enum(['strict', 'regexp']).default('strict'), metrics: z.array(z.string()).default([]), metric_types: z.array(z.enum(METRIC_TYPES)).default([]) })
  .superRefine(({ match_type, metrics, metric_types }, context) => {
    if (metrics.length === 0 && metric_types.length === 0) context.addIssue({ code: 'custom', message: 'nothing is given that could match: metrics or metric_types', input: '' });
    if (match_type !== 'regexp') return;
    metrics.forEach((source, i) => {
      try {
        compilePattern(source);
      } catch (error) {
        context.addIssue({ code: 'custom', path: ['metrics', i], message: error instanceof Error ? error.message : String(error), input: source });
      }
    });
  });

export const cumulativeToDeltaSchema = z.strictObject({
  include: match.optional().describe('Only these are converted: `match_type` (strict or regexp), `metrics` (names), `metric_types` (sum, histogram, exponentialhistogram). Not set: all.'),
  exclude: match.optional().describe('These are left alone; of the same form.'),
  max_staleness: durationOrOff().prefault('1h').describe('A stream that is not seen for so long is forgotten.'),
  initial_value: z.enum(['auto', 'keep', 'drop']).default('auto').describe('What becomes of the first point of a stream: `keep` passes it, `drop` drops it (reason `first_point`), `auto` passes it where its start time is set and not before this program began.'),
  max_streams: z.int().min(1).default(200_000).describe('Streams that are remembered; points of others are dropped (reason `stream_limit`).'),
});

export type CumulativeToDeltaConfig = z.output<typeof cumulativeToDeltaSchema>;
export type MetricMatch = z.output<typeof match>;

export function parseCumulativeToDeltaConfig(raw: unknown, place: ConfigPlace): CumulativeToDeltaConfig {
  return parseSection(cumulativeToDeltaSchema, raw, place);
}
