import { fileURLToPath } from 'node:url';
import { fastify } from 'fastify';
import type { FastifyInstance } from 'fastify';
import type { Logger, Metrics } from '@signalbox/collector/component';
import type { MetricsSnapshot } from '@signalbox/collector/telemetry/metrics';
import type { ServerTls } from '@signalbox/collector/security/server-tls';
import { dashboardsDirectory } from '@signalbox/dashboards/directory';
import type { JournalReader } from '@signalbox/journal/reader';
import { prometheusPassThrough } from '@signalbox/query/backends/prometheus/pass-through';
import { jaegerApi } from '@signalbox/query/http/jaeger/plugin';
import { lokiApi } from '@signalbox/query/http/loki/plugin';
import { ownQueryApi } from '@signalbox/query/http/own/plugin';
import { prometheusApi } from '@signalbox/query/http/prometheus/plugin';
import type { QueryOutcome } from '@signalbox/query/http/options';
import { QueryGate } from '@signalbox/query/http/query-gate';
import type { TargetMetadataAnswer, TargetMetadataQuery } from '@signalbox/query/http/prometheus/targets/target-metadata';
import type { ScrapeTargets } from '@signalbox/query/http/prometheus/targets/targets';
import { tempoApi } from '@signalbox/query/http/tempo/plugin';
import type { Store } from '@signalbox/store/store';
import type { TokenAuthenticator } from '../auth/authenticator.js';
import type { RoleStatus } from '../launcher/messages.js';
import type { ApplianceSections } from '../settings/sections.js';
import { installGuard, tenantOf } from './guard.js';
import { readTargetMetadata } from '../local/target-metadata.js';
import { readTargets } from '../local/targets.js';
import { registerDashboards } from './dashboards.js';
import { registerHealth } from './health.js';
import { registerLedger } from './ledger.js';
import { allMetrics, registerMetrics } from './metrics.js';
import { registerPage } from './page.js';
import { registerPassOn } from './pass-on.js';
import { registerSampling, type SamplingOptions } from './sampling.js';
import { registerStatus } from './status.js';
import { tlsServerFactory } from './tls.js';
import { withoutSchemas } from './without-schemas.js';

const MAX_BODY_BYTES = 16 * 1024 * 1024;
const REQUEST_TIMEOUT_MS = 60_000;
/** Queries that wait for their turn; one more is refused. */
const MAX_WAITING = 100;

export interface HttpOptions {
  readonly sections: ApplianceSections;
  readonly auth: TokenAuthenticator;
  /** Null: plain text. */
  readonly tls: ServerTls | null;
  readonly authRequired: boolean;
  readonly store: Store;
  readonly journal: JournalReader;
  readonly journalDir: string;
  readonly samplers: SamplingOptions['samplers'];
  /** Where the receive role answers what is passed on to it. */
  readonly receiveSocket: string;
  readonly logger: Logger;
  readonly roles: () => readonly RoleStatus[];
  readonly ownMetrics: () => MetricsSnapshot;
  /** Where queries are counted. */
  readonly metrics: Metrics;
  readonly about: { readonly version: string; readonly dataDir: string; readonly startedAtMs: number };
}

/** Port 4319: the page, the query APIs, our own API, health and metrics. Not listening yet. @throws TlsFailed */
export async function createHttp(options: HttpOptions): Promise<FastifyInstance> {
  const { sections, store, journal, metrics } = options;
  const gate = new QueryGate(sections.store.max_queries, MAX_WAITING);
  const own = (): MetricsSnapshot => {
    metrics.gauge('signalbox_queries_running', {}, gate.running);
    metrics.gauge('signalbox_queries_waiting', {}, gate.waiting);
    return options.ownMetrics();
  };
  const tls = options.tls === null ? {} : { serverFactory: tlsServerFactory(options.tls, { requestTimeout: REQUEST_TIMEOUT_MS }, options.logger) };
  const app = fastify({ bodyLimit: MAX_BODY_BYTES, requestTimeout: REQUEST_TIMEOUT_MS, forceCloseConnections: true, routerOptions: { maxParamLength: 2048 }, trustProxy: false, schemaController: withoutSchemas, ...tls });
  app.addHook('onClose', async () => options.tls?.stop());
  app.setErrorHandler((error: Error & { statusCode?: number; code?: string }, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) options.logger.error(`${request.method} ${request.url.split('?', 1)[0]} failed`, { error: error.message, stack: error.stack ?? '' });
    void reply.code(status).send({ error: { code: error.code ?? 'SBX_HTTP_FAILED', message: status >= 500 ? 'the request failed; the log of the appliance says why' : error.message } });
  });
  installGuard(app, { auth: options.auth, hosts: { allowedHosts: sections.serve.allowed_hosts, allowedOrigins: sections.serve.allowed_origins } });
  registerHealth(app, options.roles);
  registerMetrics(app, options.roles, own);
  registerStatus(app, {
    ...options.about,
    roles: options.roles,
    positions: () => ({ durable: journal.durable(), reached: store.reached }),
    store: () => store.stats(),
  });
  registerLedger(app, { journalDir: options.journalDir, tenantSeen: (tenant) => (options.authRequired ? tenant : null), retainedOut: () => store.stats().retainedOut });
  registerSampling(app, { journal, dataDir: options.about.dataDir, samplers: options.samplers });
  registerDashboards(app, dashboardsDirectory());

  // What was acknowledged before the question is part of the answer.
  const fresh = async (signal: AbortSignal): Promise<number> => {
    const { reached, behindBytes } = await store.catchUp(journal.durable(), signal);
    if (reached) return 0;
    options.logger.warn('a query was answered before the store had caught up', { behindBytes });
    return behindBytes;
  };
  const limits = { maxSeries: sections.query.max_series, maxSamples: sections.query.max_samples, maxMemoryBytes: sections.query.max_memory, timeoutMs: sections.query.timeout, concurrency: sections.store.max_queries };
  const targets = async (tenant: string): Promise<ScrapeTargets> => (await readTargets(options.receiveSocket))[tenant] ?? { activeTargets: [], droppedTargets: [] };
  const targetMetadata = (tenant: string, query: TargetMetadataQuery): Promise<TargetMetadataAnswer> => readTargetMetadata(options.receiveSocket, tenant, query);
  const enabled = (feature: (typeof sections.query.enable_feature)[number]): boolean => sections.query.enable_feature.includes(feature);
  const parsing = {
    experimentalFunctions: enabled('promql-experimental-functions'), extendedRangeSelectors: enabled('promql-extended-range-selectors'), fillModifiers: enabled('promql-binop-fill-modifiers'),
  };
  const ownMetrics = () => allMetrics(options.roles, own).families;
  const api = { readers: store.readers, tenantOf, fresh, limits, gate, targets, targetMetadata, ownMetrics, parsing };
  const served = (name: string) => ({ ...api, prefix: `/${name}`, onQuery: (outcome: QueryOutcome, seconds: number) => metrics.observe('signalbox_query_seconds', { api: name, outcome }, seconds) });
  const { url, headers, tenant_header: tenantHeader } = sections.query.metrics.prometheus;
  if (url === null) await app.register(prometheusApi, served('prometheus'));
  else await app.register(prometheusPassThrough({ url, headers, tenantHeader, timeoutMs: limits.timeoutMs, tenantOf }), { prefix: '/prometheus' });
  await app.register(lokiApi, served('loki'));
  await app.register(tempoApi, served('tempo'));
  await app.register(jaegerApi, served('jaeger'));
  await app.register(ownQueryApi, served('api/v1'));
  await registerPassOn(app, options.receiveSocket);
  await registerPage(app, fileURLToPath(new URL('../../../console/dist', import.meta.url)));
  return app;
}
