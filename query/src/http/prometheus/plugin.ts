import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { Expr } from '../../promql/ast.js';
import { parsePromQL } from '../../promql/parsing/parse.js';
import { prettyPromQL } from '../../promql/print.js';
import { acceptForms, formOf } from '../form.js';
import type { ApiOptions } from '../options.js';
import { Serving } from '../serving.js';
import { astJson } from './query/ast-json.js';
import { compressAnswers } from './compression.js';
import { answerCors } from './cors.js';
import { prometheusError } from './errors.js';
import { federation } from './federation/federate.js';
import { queryRoutes } from './query/query.js';
import { remoteRead } from './read/route.js';
import { Routes, asksHealth } from './routes.js';
import { failure, success } from './answer/response.js';
import { seriesRoutes } from './series.js';
import { administration } from './status/administration.js';
import { selfMetrics } from './status/self-metrics.js';
import { statusRoutes } from './status/status.js';
import { targetMetadataRoutes } from './targets/target-metadata.js';
import { targetRoutes } from './targets/targets.js';
import { tsdbStatus } from './status/tsdb-status.js';

const MAX_FORM_BYTES = 4 * 1024 * 1024;

/** Prometheus' query API (`/prometheus/api/v1/…` when registered under `/prometheus`). Writing in is not a matter of queries. */
export const prometheusApi: FastifyPluginAsync<ApiOptions> = async (app, options) => {
  const serving = new Serving(options);
  acceptForms(app, MAX_FORM_BYTES);
  // A body of another type has no parameters, as for Prometheus, and need not be what its type says.
  app.removeContentTypeParser(['application/json', 'text/plain']);
  app.addContentTypeParser('*', (_request, _payload, done) => { done(null, ''); });
  answerCors(app);
  compressAnswers(app);

  app.setErrorHandler((error, _request, reply) => failure(reply, prometheusError(error)));
  const routes = new Routes();
  app.addHook('onRoute', ({ method, url }) => { routes.add(method, url); });
  // Writing is answered elsewhere, in the process that appends to the journal.
  for (const path of ['write', 'otlp/v1/metrics']) routes.add('POST', `${app.prefix}/api/v1/${path}`);
  const refuse = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const allowed = routes.methodsOf(new URL(request.url, 'http://localhost').pathname);
    if (request.method === 'OPTIONS' && allowed.length > 0) return reply.header('allow', allowed.join(', ')).send();
    reply.header('content-type', 'text/plain; charset=utf-8').header('x-content-type-options', 'nosniff');
    if (allowed.length === 0) return reply.code(404).send('404 page not found\n');
    return reply.code(405).header('allow', allowed.join(', ')).send('Method Not Allowed\n');
  };
  app.addHook('onRequest', async (request, reply) => {
    if (request.method === 'HEAD' && !asksHealth(request.url)) await refuse(request, reply);
  });
  app.setNotFoundHandler(refuse);

  queryRoutes(app, serving);
  const parse = (request: FastifyRequest): Expr => parsePromQL(formOf(request).get('query') ?? '', options.parsing);
  const method = ['GET' as const, 'POST' as const];
  app.route({ method, url: '/api/v1/format_query', handler: (request, reply) => success(reply, prettyPromQL(parse(request))) });
  app.route({ method, url: '/api/v1/parse_query', handler: (request, reply) => success(reply, astJson(parse(request))) });
  await app.register(seriesRoutes(serving));
  await app.register(statusRoutes(serving));
  await app.register(targetRoutes(options));
  await app.register(targetMetadataRoutes(options));
  await app.register(administration);
  await app.register(selfMetrics(options));
  await app.register(tsdbStatus(serving));
  await app.register(federation(serving));
  await app.register(remoteRead(serving));
};
