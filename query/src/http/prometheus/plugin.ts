import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { typeOf } from '../../promql/check.js';
import { Engine } from '../../promql/engine/engine.js';
import type { Answer } from '../../promql/engine/engine.js';
import { PromQLExecutionError } from '../../promql/error.js';
import { parsePromQL } from '../../promql/parse.js';
import { prettyPromQL } from '../../promql/print.js';
import { acceptForms, formOf } from '../form.js';
import type { ApiOptions } from '../options.js';
import { Serving } from '../serving.js';
import { BadData, prometheusError } from './errors.js';
import { limitParam, lookbackParam, rangeParams, timeParam, timeoutParam } from './params.js';
import { answer, failure, success } from './response.js';
import { seriesRoutes } from './series.js';
import { statusRoutes } from './status.js';

const MAX_FORM_BYTES = 4 * 1024 * 1024;

/** Prometheus' query API (`/prometheus/api/v1/…` when registered under `/prometheus`). Writing in is not a matter of queries. */
export const prometheusApi: FastifyPluginAsync<ApiOptions> = async (app, options) => {
  const serving = new Serving(options);
  const { lookbackMs, maxSeries, maxSamples } = serving.limits;
  const engine = new Engine(serving.readers.series, { lookbackMs, maxSeries, maxSamples });
  acceptForms(app, MAX_FORM_BYTES);
  // A body of another type has no parameters, as for Prometheus.
  app.addContentTypeParser('*', (_request, _payload, done) => { done(null, ''); });

  app.setErrorHandler((error, _request, reply) => failure(reply, prometheusError(error)));
  app.setNotFoundHandler((_request, reply) => reply.code(404).header('content-type', 'text/plain; charset=utf-8').send('404 page not found\n'));

  queryRoutes(app, serving, engine);
  await app.register(seriesRoutes(serving));
  await app.register(statusRoutes(serving));
};

function queryRoutes(app: FastifyInstance, serving: Serving, engine: Engine): void {
  const method = ['GET' as const, 'POST' as const];

  const evaluate = async (request: FastifyRequest, reply: FastifyReply, form: URLSearchParams, ask: (tenant: Parameters<Engine['instant']>[0]) => Promise<Answer>) => {
    const limit = limitParam(form);
    const stats = form.get('stats') ?? '';
    const notes = ['', 'true', 'all'].includes(stats) ? [] : [`value ${JSON.stringify(stats)} for parameter "stats" is deprecated and will be rejected in the next major release, use "true" or "all"`];
    const queued = performance.now();
    return serving.query(request, reply, async (context) => {
      const started = performance.now();
      const result = await ask(context);
      return answer(reply, result, limit, stats === '' ? null : statsOf(result, queued, started), notes, context.signal);
    }, timeoutParam(form));
  };

  app.route({
    method, url: '/api/v1/query', handler: (request, reply) => {
      const form = formOf(request);
      limitParam(form);
      const timeMs = timeParam(form, 'time', Date.now());
      timeoutParam(form);
      const lookbackMs = lookbackParam(form);
      const query = form.get('query') ?? '';
      const expr = parsePromQL(query);
      return evaluate(request, reply, form, (context) => engine.instant(context, query, expr, timeMs, lookbackMs));
    },
  });

  app.route({
    method, url: '/api/v1/query_range', handler: (request, reply) => {
      const form = formOf(request);
      limitParam(form);
      const { startMs, endMs, stepMs } = rangeParams(form, serving.limits.maxPoints);
      timeoutParam(form);
      const lookbackMs = lookbackParam(form);
      const query = form.get('query') ?? '';
      const expr = parsePromQL(query);
      const type = typeOf(expr);
      if (type !== 'scalar' && type !== 'vector') {
        throw new BadData(`invalid parameter "query": invalid expression type "${type === 'matrix' ? 'range vector' : type}" for range query, must be Scalar or instant Vector`);
      }
      return evaluate(request, reply, form, (context) => engine.range(context, query, expr, startMs, endMs, stepMs, lookbackMs));
    },
  });

  app.route({ method, url: '/api/v1/format_query', handler: (request, reply) => success(reply, prettyPromQL(parsePromQL(formOf(request).get('query') ?? ''))) });

  for (const path of ['parse_query', 'status/tsdb', 'status/config', 'read']) {
    app.route({ method, url: `/api/v1/${path}`, handler: () => { throw new PromQLExecutionError(`${path} is not supported yet; query, query_range, labels, series and metadata are`); } });
  }
  app.get('/federate', () => { throw new PromQLExecutionError('federate is not supported yet; /api/v1/query answers the same samples'); });
}

/** What `stats` asks for. Times in seconds. */
function statsOf({ samples }: Answer, queued: number, started: number): object {
  const now = performance.now();
  const evalTotalTime = (now - started) / 1000;
  return {
    timings: { evalTotalTime, resultSortTime: 0, queryPreparationTime: 0, innerEvalTime: evalTotalTime, execQueueTime: (started - queued) / 1000, execTotalTime: (now - queued) / 1000 },
    samples: { totalQueryableSamples: samples, samplesRead: samples, peakSamples: samples },
  };
}
