import { z } from 'zod';
import { isOff } from './duration.js';

/** A zod type: a whole number from 1 on, or null for `off`. */
export function countOrOff(): z.ZodType<number | null> {
  return z
    .unknown()
    .transform((value, context) => {
      if (isOff(value)) return null;
      if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return value;
      context.addIssue({ code: 'custom', message: 'expected a whole number from 1 on, or off', input: value });
      return z.NEVER;
    })
    .meta({ title: 'whole number or off' });
}
