import { z } from 'zod';
import { durationOrOff } from '../../config/duration.js';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';

export const deltaToCumulativeSchema = z.strictObject({
  max_stale: durationOrOff().prefault('5m').describe('A stream that is not seen for so long is forgotten; it begins anew at 0.'),
  max_streams: z.int().min(1).default(200_000).describe('Streams that are remembered; points of others are dropped (reason `stream_limit`).'),
});

export type DeltaToCumulativeConfig = z.output<typeof deltaToCumulativeSchema>;

export function parseDeltaToCumulativeConfig(raw: unknown, place: ConfigPlace): DeltaToCumulativeConfig {
  return parseSection(deltaToCumulativeSchema, raw, place);
}
