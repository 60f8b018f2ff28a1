import type { ConnectorFactory } from '../../component.js';
import { parseSpanMetricsConfig, type SpanMetricsConfig } from './config.js';
import { SpanMetrics } from './connector.js';

/** Requests, errors and durations from spans. */
export const spanmetrics: ConnectorFactory<SpanMetricsConfig> = {
  type: 'spanmetrics',
  takes: ['traces'],
  gives: ['metrics'],
  parseConfig: parseSpanMetricsConfig,
  create: (config, context) => new SpanMetrics(config, context),
};
