import { z } from 'zod';
import { duration } from '../../config/duration.js';

/** In milliseconds, as the OpenTelemetry Collector has them. */
export const DEFAULT_BUCKETS_MS: readonly number[] = [2, 4, 6, 8, 10, 50, 100, 200, 400, 800, 1000, 1400, 2000, 5000, 10_000, 15_000];
/** As the OpenTelemetry SDKs have it. */
export const DEFAULT_MAX_SIZE = 160;
const MAX_BUCKETS = 1000;

/** Bounds of a histogram: durations that rise. In milliseconds. */
export const bucketBounds = () =>
  z
    .array(duration())
    .max(MAX_BUCKETS)
    .refine((bounds) => bounds.every((bound, i) => i === 0 || bound > bounds[i - 1]), { message: 'the bounds of buckets must rise, and none may stand twice.' });

/** Buckets of an exponential histogram, at most. */
export const maxSize = () => z.int().min(2).max(16_384);
