import type { ExporterFactory } from '../../component.js';
import { parseDebugConfig, type DebugConfig } from './config.js';
import { DebugExporter } from './exporter.js';

/** Everything to the terminal, for people who look what comes by. */
export const debug: ExporterFactory<DebugConfig> = {
  type: 'debug',
  signals: ['traces', 'logs', 'metrics'],
  parseConfig: parseDebugConfig,
  create: (config, context) => new DebugExporter(config, context.id, config.output === 'stdout' ? process.stdout : process.stderr),
};
