import type { ViewOptions } from '@opentelemetry/sdk-metrics';
import type { ExemplarReservoir } from './reservoir.js';
import { DURATIONS } from './reservoir.js';

/** Views that change nothing: they are where the SDK tells of each value that is recorded, with its attributes. */
export function exemplarViews(reservoir: ExemplarReservoir): ViewOptions[] {
  return DURATIONS.map((duration) => ({
    instrumentName: duration.name,
    attributesProcessors: [
      {
        process(attributes) {
          reservoir.recorded(duration, attributes);
          return attributes;
        },
      },
    ],
  }));
}
