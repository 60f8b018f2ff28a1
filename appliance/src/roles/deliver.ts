import { startDelivery } from '@signalbox/collector/delivery/runner';
import type { Delivery } from '@signalbox/collector/delivery/runner';
import { AppendClient } from '@signalbox/collector/derive/append-client';
import { pipelineGraph } from '@signalbox/collector/pipeline/graph';
import { systemClock } from '@signalbox/collector/telemetry/clock';
import { createLogger } from '@signalbox/collector/telemetry/logger';
import { createMetrics } from '@signalbox/collector/telemetry/metrics';
import { receiveSocket } from '../local/socket-path.js';
import { applianceRegistry, deliveredExporters, parseConfiguration } from '../settings/configuration.js';
import type { Configuration } from '../settings/configuration.js';
import { loggingOf } from '../settings/logging.js';
import { sameSettings } from '../settings/same-settings.js';
import { dataPaths } from './paths.js';
import type { Role, RoleContext } from './role.js';

/** The exporters other than the store, the connectors and tail sampling, each a reader of the journal. */
export function createDeliverRole(context: RoleContext): Role {
  const config = parseConfiguration(context.config, process.env);
  const metrics = createMetrics();
  const logger = createLogger({ ...loggingOf(config), name: 'deliver' });
  const appends = new AppendClient({ socketPath: receiveSocket(context.dataDir), logger });
  let delivery: Delivery | null = null;

  return {
    async start() {
      delivery = await startDelivery({ config: deliveredPart(config), registry: applianceRegistry(), journalDir: dataPaths(context.dataDir).journal, dataDir: context.dataDir, append: appends.append, logger, clock: systemClock(), metrics });
      return [];
    },
    async stop() {
      await delivery?.stop();
      appends.close();
    },
    async reload(source) {
      const next = parseConfiguration(source, process.env);
      if (!delivery || !sameSettings(config, next, ['log'])) return 'restart';
      await delivery.reload(deliveredPart(next));
      return [];
    },
    metrics: () => metrics.snapshot(),
  };
}

/** The configuration without what the serve role does. */
function deliveredPart(config: Configuration): Configuration {
  const samplers = new Set(pipelineGraph(config).samplers.map(({ pipeline }) => pipeline));
  const wanted = new Set([...deliveredExporters(config), ...config.connectors.map((c) => c.id)]);
  return {
    ...config,
    exporters: config.exporters.filter((e) => wanted.has(e.id)),
    pipelines: config.pipelines.map((p) => ({ ...p, exporters: p.exporters.filter((e) => wanted.has(e)) })).filter((p) => p.exporters.length > 0 || samplers.has(p.name)),
  };
}
