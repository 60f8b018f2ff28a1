import type { Receiver } from '@signalbox/collector/component';
import { createIntake } from '@signalbox/collector/intake/intake';
import { systemClock } from '@signalbox/collector/telemetry/clock';
import { createLogger } from '@signalbox/collector/telemetry/logger';
import { createMetrics } from '@signalbox/collector/telemetry/metrics';
import { Journal } from '@signalbox/journal/journal';
import { TokenAuthenticator } from '../auth/authenticator.js';
import { LocalPort } from '../local/local-port.js';
import { receiveSocket } from '../local/socket-path.js';
import { applianceRegistry, parseConfiguration } from '../settings/configuration.js';
import type { Configuration } from '../settings/configuration.js';
import { dataPaths } from './paths.js';
import type { Role, RoleContext } from './role.js';

/** The receivers and the journal that they append to. Nothing native is loaded here, and nothing else is done. */
export function createReceiveRole(context: RoleContext): Role {
  const config = parseConfiguration(context.config, process.env);
  const metrics = createMetrics();
  const logger = createLogger({ level: config.sections.log.level, name: 'receive' });
  let journal: Journal | null = null;
  const receivers: Receiver[] = [];
  const local = new LocalPort(receiveSocket(context.dataDir), logger);

  return {
    async start() {
      const { max_bytes: maxBytes, segment_bytes: segmentBytes, min_free_share: minFreeShare, max_tenants: maxTenants } = config.sections.journal;
      journal = await Journal.open({ dir: dataPaths(context.dataDir).journal, maxBytes, segmentBytes, minFreeShare, maxTenants, logger });
      const clock = systemClock();
      const intake = createIntake({ journal, maxInFlightBytes: config.sections.receive.max_in_flight_bytes, clock, metrics });
      const auth = new TokenAuthenticator({ dataDir: context.dataDir, required: context.authRequired, tokenFile: config.sections.auth.token_file }, () => performance.now());
      const registry = applianceRegistry();
      for (const { id, type, config: own } of config.receivers) {
        const signals = signalsOf(config, id);
        if (signals.length === 0) continue;
        const factory = registry.receivers.find((f) => f.type === type)!;
        receivers.push(factory.create(own, { id, logger: logger.child(id), clock, metrics, dataDir: context.dataDir, journalId: journal.id, intake: intake.from(id), mounts: local, auth, signals }));
      }
      for (const receiver of receivers) await receiver.start();
      await local.start();
      return receivers.flatMap((r) => r.endpoints());
    },
    async stop() {
      await local.stop();
      await Promise.all(receivers.map((r) => r.shutdown()));
      await journal?.close();
    },
    metrics() {
      const stats = journal?.stats();
      if (stats) for (const [name, value] of Object.entries(stats)) if (typeof value === 'number') metrics.gauge(`signalbox_journal_${name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)}`, {}, value);
      return metrics.snapshot();
    },
  };
}

/** The signals that some pipeline takes from a receiver. */
function signalsOf(config: Configuration, id: string): ('traces' | 'logs' | 'metrics')[] {
  return [...new Set(config.pipelines.filter((p) => p.receivers.includes(id)).map((p) => p.signal))];
}
