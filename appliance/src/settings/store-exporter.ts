import { z } from 'zod';
import type { ExporterFactory } from '@signalbox/collector/component';
import { parseSection } from '@signalbox/collector/config/section';

/** The name of the journal's reader that feeds the embedded store. */
export const STORE_READER = 'store';

const schema = z.strictObject({});

/**
 * `store` in a configuration: the embedded store. The serve role reads the journal for it, so nothing is ever created from this
 * factory; the store's settings are in the section `store`.
 */
export const storeExporter: ExporterFactory<z.output<typeof schema>> = {
  type: 'store',
  signals: ['traces', 'logs', 'metrics'],
  parseConfig: (raw, place) => parseSection(schema, raw, place),
  create: () => {
    throw new Error('the embedded store is run by the serve role');
  },
};
