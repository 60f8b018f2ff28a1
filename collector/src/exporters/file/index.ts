import type { ExporterFactory } from '../../component.js';
import { parseFileConfig, type FileConfig } from './config.js';
import { FileExporter } from './exporter.js';

/** Everything to a file: one request in OTLP/JSON a line. */
export const file: ExporterFactory<FileConfig> = {
  type: 'file',
  signals: ['traces', 'logs', 'metrics'],
  parseConfig: parseFileConfig,
  create: (config, context) => new FileExporter(config, context),
};
