import { z } from 'zod';
import { withoutEffect } from '../../config/foreign.js';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';

export const debugSchema = z.strictObject({
  verbosity: z.enum(['basic', 'normal', 'detailed']).default('basic').describe('A line a batch, a line an item, or everything.'),
  sampling_initial: withoutEffect('everything is printed.'),
  sampling_thereafter: withoutEffect('everything is printed.'),
  use_internal_logger: withoutEffect('it prints where output says.'),
  output_paths: withoutEffect('it prints where output says.'),
  output: z.enum(['stdout', 'stderr']).default('stdout').describe('Where it is printed.'),
});

export type DebugConfig = z.output<typeof debugSchema>;

export function parseDebugConfig(raw: unknown, place: ConfigPlace): DebugConfig {
  return parseSection(debugSchema, raw, place);
}
