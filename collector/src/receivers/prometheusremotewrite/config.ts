import { DEFAULT_WRITE_LIMITS } from '@signalbox/signals/prometheus/remote-write/limits';
import { z } from 'zod';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';
import { ownEndpoint, pushSettings } from '../push/settings.js';

const schema = z.strictObject({
  endpoint: ownEndpoint(),
  ...pushSettings,
  limits: z
    .strictObject({
      max_series: z.int().min(1).default(DEFAULT_WRITE_LIMITS.maxSeries).describe('Series in one request.'),
      max_samples: z.int().min(1).default(DEFAULT_WRITE_LIMITS.maxItems).describe('Samples and histograms in one request.'),
      max_labels: z.int().min(1).default(DEFAULT_WRITE_LIMITS.maxLabels).describe('Labels in one request, those of all series together.'),
      max_labels_per_series: z.int().min(1).default(DEFAULT_WRITE_LIMITS.maxLabelsPerSeries).describe('A series with more is left out.'),
      max_label_value_length: z.int().min(1).default(DEFAULT_WRITE_LIMITS.maxLabelValueLength).describe('Characters; a series with a longer value is left out.'),
    })
    .prefault({}),
});

export type RemoteWriteReceiverConfig = z.output<typeof schema>;
export { schema as remoteWriteReceiverSchema };

/** @throws ConfigError */
export function parseConfig(raw: unknown, place: ConfigPlace): RemoteWriteReceiverConfig {
  return parseSection(schema, raw, place);
}
