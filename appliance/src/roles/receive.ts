import { appendHandler } from '@signalbox/collector/derive/append-handler';
import { APPEND_PATH } from '@signalbox/collector/derive/append-protocol';
import { createIntake } from '@signalbox/collector/intake/intake';
import { pipelineGraph } from '@signalbox/collector/pipeline/graph';
import { systemClock } from '@signalbox/collector/telemetry/clock';
import { createLogger } from '@signalbox/collector/telemetry/logger';
import { createMetrics } from '@signalbox/collector/telemetry/metrics';
import { Journal } from '@signalbox/journal/journal';
import { TokenAuthenticator } from '../auth/authenticator.js';
import { LocalPort } from '../local/local-port.js';
import { receiveSocket } from '../local/socket-path.js';
import { gatherTargetMetadata, TARGET_METADATA_PATH } from '../local/target-metadata.js';
import { TARGETS_PATH } from '../local/targets.js';
import { applianceRegistry, parseConfiguration } from '../settings/configuration.js';
import type { Configuration } from '../settings/configuration.js';
import { loggingOf } from '../settings/logging.js';
import { sameSettings } from '../settings/same-settings.js';
import { showJournal } from './journal-metrics.js';
import { dataPaths } from './paths.js';
import { Receivers } from './receivers.js';
import type { Role, RoleContext } from './role.js';

/** The receivers and the journal that they append to. Nothing native is loaded here, and nothing else is done. */
export function createReceiveRole(context: RoleContext): Role {
  const config = parseConfiguration(context.config, process.env);
  const metrics = createMetrics();
  const logger = createLogger({ ...loggingOf(config), name: 'receive' });
  const local = new LocalPort(receiveSocket(context.dataDir), logger);
  let journal: Journal | null = null;
  let receivers: Receivers | null = null;
  /** Ids of connectors and samplers, whose derived data is appended. */
  const derive = new Set<string>();

  const change = async (next: Configuration): Promise<void> => {
    await receivers?.change(pipelineGraph(next).receivers);
    derive.clear();
    for (const { id } of next.connectors) derive.add(id);
    for (const { sampler } of pipelineGraph(next).samplers) derive.add(sampler.id);
  };

  return {
    async start() {
      const { max_bytes: maxBytes, segment_bytes: segmentBytes, min_free_share: minFreeShare, max_tenants: maxTenants } = config.sections.journal;
      journal = await Journal.open({ dir: dataPaths(context.dataDir).journal, maxBytes, segmentBytes, minFreeShare, maxTenants, logger });
      const clock = systemClock();
      const intake = createIntake({ journal, maxInFlightBytes: config.sections.receive.max_in_flight_bytes, clock, metrics });
      const auth = new TokenAuthenticator({ dataDir: context.dataDir, required: context.authRequired, tokenFile: config.sections.auth.token_file }, () => performance.now());
      receivers = new Receivers({ registry: applianceRegistry(), intake, local, auth, clock, metrics, logger, dataDir: context.dataDir, journalId: journal.id });
      local.post(APPEND_PATH, appendHandler({ intake, origins: derive }));
      local.get(TARGETS_PATH, () => receivers?.targets() ?? {});
      local.get(TARGET_METADATA_PATH, (asked) => gatherTargetMetadata(receivers?.scrapedMetadata() ?? [], asked));
      await change(config);
      await local.start();
      return receivers.endpoints;
    },
    async stop() {
      await local.stop();
      await receivers?.stop();
      await journal?.close();
    },
    async reload(source, authRequired) {
      const next = parseConfiguration(source, process.env);
      if (!receivers || authRequired !== context.authRequired || !sameSettings(config, next, ['journal', 'receive', 'auth', 'log'])) return 'restart';
      await change(next);
      return receivers.endpoints;
    },
    metrics() {
      const stats = journal?.stats();
      if (stats) showJournal(metrics, stats);
      return metrics.snapshot();
    },
  };
}
