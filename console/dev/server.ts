import { readFile, readdir } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { fastify } from 'fastify';
import type { FastifyInstance } from 'fastify';
import { dashboardsDirectory } from '@signalbox/dashboards/directory';
import { jaegerApi } from '@signalbox/query/http/jaeger/plugin';
import { lokiApi } from '@signalbox/query/http/loki/plugin';
import { ownQueryApi } from '@signalbox/query/http/own/plugin';
import { prometheusApi } from '@signalbox/query/http/prometheus/plugin';
import { tempoApi } from '@signalbox/query/http/tempo/plugin';
import { MemoryReaders } from '@signalbox/query/memory/readers';
import { ledgerAnswer, statusAnswer } from './appliance-answers.js';
import { shopReaders } from './data.js';

export interface FixtureOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** The built page. */
  readonly dist: string;
  /** Demanded where it is set. */
  readonly token?: string;
  /** No data has arrived yet. */
  readonly empty?: boolean;
  /** Dashboards beside the shipped ones. */
  readonly dashboards?: readonly { readonly uid: string; readonly title: string }[];
}

export interface Fixture {
  readonly url: string;
  close(): Promise<void>;
}

const policy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
const types: Readonly<Record<string, string>> = { html: 'text/html', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml', map: 'application/json' };

/** The page and the real query APIs over the shop's data in memory, on loopback. */
export async function startFixture(options: FixtureOptions): Promise<Fixture> {
  const nowMs = Date.now();
  const readers = options.empty === true ? new MemoryReaders() : shopReaders(nowMs);
  const app = fastify({ routerOptions: { maxParamLength: 2048 }, forceCloseConnections: true });
  if (options.token !== undefined) demandToken(app, options.token);
  const api = { readers, tenantOf: () => 'default', fresh: () => Promise.resolve() };
  await app.register(jaegerApi, { ...api, prefix: '/jaeger' });
  await app.register(tempoApi, { ...api, prefix: '/tempo' });
  await app.register(lokiApi, { ...api, prefix: '/loki' });
  await app.register(prometheusApi, { ...api, prefix: '/prometheus' });
  await app.register(ownQueryApi, { ...api, prefix: '/api/v1' });
  app.get('/api/v1/status', () => statusAnswer(Date.now()));
  app.get('/api/v1/ledger', () => (options.empty === true ? { rows: [] } : ledgerAnswer(Date.now())));
  await serveDashboards(app, options.dashboards ?? []);
  servePage(app, options.dist);
  const url = await app.listen({ host: '127.0.0.1', port: options.port });
  return { url, close: () => app.close() };
}

function demandToken(app: FastifyInstance, token: string): void {
  app.addHook('onRequest', async (request, reply) => {
    if (!/^\/(?:api|prometheus|loki|tempo|jaeger)\//.test(request.url) || request.headers.authorization === `Bearer ${token}`) return undefined;
    return reply.code(401).header('www-authenticate', 'Bearer realm="signalbox"').send({ error: { code: 'SBX_AUTH_TOKEN', message: 'a token is needed' } });
  });
}

async function serveDashboards(app: FastifyInstance, more: FixtureOptions['dashboards'] & object): Promise<void> {
  const directory = dashboardsDirectory();
  const names = (await readdir(directory)).filter((name) => name.endsWith('.json')).sort();
  const all = [...await Promise.all(names.map(async (name) => JSON.parse(await readFile(join(directory, name), 'utf8')) as { uid: string; title: string; tags?: readonly string[] })), ...more];
  app.get('/api/v1/dashboards', () => all.map((one) => ({ uid: one.uid, title: one.title, tags: 'tags' in one ? one.tags : [] })));
  app.get<{ Params: { uid: string } }>('/api/v1/dashboards/:uid', (request, reply) => {
    const found = all.find(({ uid }) => uid === request.params.uid);
    return found ?? reply.code(404).send({ error: { code: 'SBX_DASHBOARD_NOT_FOUND', message: `there is no dashboard "${request.params.uid}"` } });
  });
}

/** Files of the built page; every other path is the page itself. */
function servePage(app: FastifyInstance, dist: string): void {
  app.get('/*', async (request, reply) => {
    const path = normalize(decodeURIComponent(request.url.split('?', 1)[0] ?? '/')).replace(/^(\.\.[/\\])+/, '');
    const file = await readFile(join(dist, path)).catch(() => null);
    const name = file === null ? 'index.html' : path;
    const body = file ?? await readFile(join(dist, 'index.html'));
    return reply.header('content-security-policy', policy).type(types[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream').send(body);
  });
}
