import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { LedgerCheck } from '@signalbox/collector/delivery/accounting/ledger-check';
import { FrameFeed, sampledPipelines } from '@signalbox/collector/delivery/reading/frame-feed';
import { originsOf, pipelineGraph } from '@signalbox/collector/pipeline/graph';
import { SampledJournal } from '@signalbox/collector/sampling/sampled-journal';
import { systemClock } from '@signalbox/collector/telemetry/clock';
import { createLogger } from '@signalbox/collector/telemetry/logger';
import { ServerTls } from '@signalbox/collector/security/server-tls';
import { createMetrics, type MetricsSnapshot } from '@signalbox/collector/telemetry/metrics';
import { JournalReader } from '@signalbox/journal/reader';
import { Store } from '@signalbox/store/store';
import { TokenAuthenticator } from '../auth/authenticator.js';
import { hostOf } from '../auth/listen-policy.js';
import { createHttp } from '../http/server.js';
import { ApplianceError } from '../errors.js';
import type { Endpoint, RoleStatus } from '../launcher/messages.js';
import { flagsOnceWarm } from '../launcher/node-flags.js';
import { applianceRegistry, parseConfiguration } from '../settings/configuration.js';
import type { Configuration } from '../settings/configuration.js';
import { loggingOf } from '../settings/logging.js';
import { sameSettings } from '../settings/same-settings.js';
import { storeExporter } from '../settings/store-exporter.js';
import { storeSettingsOf } from '../settings/store-settings.js';
import { receiveSocket } from '../local/socket-path.js';
import { dataPaths } from './paths.js';
import type { Role, RoleContext } from './role.js';
import { showStore } from './store-metrics.js';
import { WarmUp } from './warm-up.js';

const version = (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;
/** How long to wait for the receive role to make the journal at the first start. */
const JOURNAL_WAIT_MS = 30_000;

/** The embedded store, the query engines, the console: port 4319. */
export function createServeRole(context: RoleContext): Role {
  const config = parseConfiguration(context.config, process.env);
  const metrics = createMetrics();
  const logger = createLogger({ ...loggingOf(config), name: 'serve' });
  const paths = dataPaths(context.dataDir);
  let roles: readonly RoleStatus[] = [];
  let { samplers } = pipelineGraph(config);
  context.onRoles((next) => { roles = next; });
  let close: (() => Promise<void>) | null = null;
  let warmUp: WarmUp | null = null;
  let endpoints: readonly Endpoint[] = [];
  let opened: Store | null = null;
  const figures = (): MetricsSnapshot => {
    if (opened) showStore(metrics, opened.stats());
    return metrics.snapshot();
  };

  return {
    async start() {
      const journal = await openJournal(paths.journal);
      const feed = new FrameFeed({ config, exporterType: storeExporter.type, journalId: journal.id, registry: applianceRegistry(), dataDir: context.dataDir, logger, clock: systemClock(), metrics });
      const pipelines = sampledPipelines(config, storeExporter.type);
      const decisions = pipelines.length === 0 ? null : await JournalReader.open(paths.journal);
      const store = await Store.open({
        ...(decisions === null ? {} : { source: (frames) => new SampledJournal({ journal: frames, decisions, pipelines, logger, metrics }) }),
        prepare: (frame) => feed.prepare(frame), dir: paths.store, journalDir: paths.journal, settings: storeSettingsOf(config.sections), origins: originsOf(config, storeExporter.type), logger: logger.child('store'), metrics,
      });
      opened = store;
      const auth = new TokenAuthenticator({ dataDir: context.dataDir, required: context.authRequired, tokenFile: config.sections.auth.token_file }, () => performance.now());
      const { tls } = config.sections.serve;
      const app = await createHttp({
        tls: tls === undefined ? null : new ServerTls(tls, { what: 'console and APIs', logger }),
        sections: config.sections, auth, authRequired: context.authRequired, store, journal, journalDir: paths.journal, samplers: () => samplers, receiveSocket: receiveSocket(context.dataDir), logger, roles: () => roles, ownMetrics: figures, metrics,
        about: { version, dataDir: context.dataDir, startedAtMs: context.startedAtMs },
      });
      const check = new LedgerCheck({ journalDir: paths.journal, logger, metrics });
      close = async () => {
        opened = null;
        await check.stop();
        await app.close();
        await store.close();
        await decisions?.close();
        await journal.close();
      };
      const endpoint = config.sections.serve.endpoint;
      const port = Number(endpoint.slice(endpoint.lastIndexOf(':') + 1));
      try {
        await app.listen({ host: hostOf(endpoint), port });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
        throw new ApplianceError('SBX_PORT_IN_USE', `${endpoint} is in use; end who has it (\`ss -ltnp 'sport = :${port}'\` names it), or set serve.endpoint (SIGNALBOX_SERVE_ENDPOINT) to another`);
      }
      const bound = app.server.address() as AddressInfo;
      endpoints = [{ protocol: 'http', address: bound.family === 'IPv6' ? `[${bound.address}]:${bound.port}` : `${bound.address}:${bound.port}`, ...(tls === undefined ? {} : { tls: true }), allowedHosts: config.sections.serve.allowed_hosts }];
      // Another Prometheus answers the queries.
      const elsewhere = config.sections.query.metrics.prometheus.url !== null;
      if (config.sections.serve.warm_up && !elsewhere) {
        warmUp = new WarmUp({ storeDir: paths.store, readers: store.readers, hasSeries: () => hasSeries(store), logger });
        void warmUp.ended.then(() => { for (const flag of flagsOnceWarm()) setFlagsFromString(flag); });
      }
      return endpoints;
    },
    async stop() {
      await warmUp?.stop();
      await close?.();
    },
    async reload(source, authRequired) {
      const next = parseConfiguration(source, process.env);
      const same = authRequired === context.authRequired && sameSettings(config, next, ['serve', 'auth', 'store', 'query', 'log']) && JSON.stringify(feedOf(config)) === JSON.stringify(feedOf(next));
      if (!same) return 'restart';
      ({ samplers } = pipelineGraph(next));
      return endpoints;
    },
    metrics: () => figures(),
  };
}

function hasSeries(store: Store): boolean {
  const { series, files } = store.stats();
  return series > 0 || files.samples.files > 0;
}

/** What reaches the store. */
function feedOf(config: Configuration): unknown {
  return pipelineGraph(config).readers.filter(({ exporter }) => exporter.type === storeExporter.type).map((plan) => [plan.signal, plan.origins, plan.sampler, plan.processors.map(({ id, source }) => [id, source])]);
}

/** Both roles start at the same time; the first start of all makes the journal meanwhile. */
async function openJournal(dir: string): Promise<JournalReader> {
  const deadline = performance.now() + JOURNAL_WAIT_MS;
  for (;;) {
    try {
      return await JournalReader.open(dir);
    } catch (error) {
      if ((error as { code?: string }).code !== 'SBX_JOURNAL_MISSING' || performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
