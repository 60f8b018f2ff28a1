import type { ConnectorFactory } from '../../component.js';
import { parseServiceGraphConfig, type ServiceGraphConfig } from './config.js';
import { ServiceGraph } from './connector.js';

/** The graph of services, as metrics of its edges. */
export const servicegraph: ConnectorFactory<ServiceGraphConfig> = {
  type: 'servicegraph',
  takes: ['traces'],
  gives: ['metrics'],
  parseConfig: parseServiceGraphConfig,
  create: (config, context) => new ServiceGraph(config, context),
};
