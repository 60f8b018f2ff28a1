import type { ProcessorFactory } from '../../component.js';
import { parseConfig, type LogParserConfig } from './config.js';
import { LogParser } from './processor.js';

/** Parses the bodies of log records: JSON, logfmt, expressions, container and access logs. */
export const logparser: ProcessorFactory<LogParserConfig> = {
  type: 'logparser',
  signals: ['logs'],
  parseConfig,
  create: (config, context) => new LogParser(config, context),
};
