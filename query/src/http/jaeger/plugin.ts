import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { ReadContext } from '../../readers.js';
import { loadTraces } from '../../spans/load-traces.js';
import { findAny } from '../../spans/search-any.js';
import { kindName } from '../../spans/vocabulary.js';
import { formOf } from '../form.js';
import type { ApiOptions } from '../options.js';
import { Serving } from '../serving.js';
import { statusOf } from '../status.js';
import type { JaegerError } from './model.js';
import { jaegerResponse } from './model.js';
import { BadRequest, boolParam, messageOf, microsParam, parseDependencyRange, parseTraceId, parseTraceQuery } from './params.js';
import type { TraceQuery } from './params.js';
import { jaegerTrace, jaegerTraceId } from './trace.js';
import { jaegerV3Api } from './v3.js';

interface IdParams { Params: { id: string } }

/**
 * Jaeger's UI API (`/api/…`) and its API v3 (`/api/v3/…`), as the query service of Jaeger 1.76 answers. To be
 * registered under a prefix such as `/jaeger`.
 */
export const jaegerApi: FastifyPluginAsync<ApiOptions> = async (app, options) => {
  const serving = new Serving(options);
  const { spans } = serving.readers;

  app.setErrorHandler((error, _request, reply) => refuse(reply, statusOf(error, error instanceof BadRequest), messageOf(error)));
  app.setNotFoundHandler((request, reply) => refuse(reply, 404, `Jaeger's API has no ${request.method} ${request.url.split('?')[0] ?? ''} here`));

  app.get('/api/services', async (request, reply) => {
    const services = await serving.query(request, reply, (context) => spans.services(context));
    return answer(request, reply, jaegerResponse(services, services.length));
  });

  app.get<{ Params: { service: string } }>('/api/services/:service/operations', async (request, reply) => {
    const operations = await serving.query(request, reply, (context) => spans.operations(context, request.params.service));
    const names = [...new Set(operations.map(({ name }) => name))];
    return answer(request, reply, jaegerResponse(names.length === 0 ? null : names, names.length));
  });

  app.get('/api/operations', async (request, reply) => {
    const form = formOf(request);
    const service = form.get('service') ?? '';
    if (service === '') throw new BadRequest("parameter 'service' is required");
    const wanted = form.get('spanKind') ?? '';
    const operations = await serving.query(request, reply, (context) => spans.operations(context, service));
    const data = operations.map(({ name, kind }) => ({ name, spanKind: kind === 0 ? '' : kindName(kind) })).filter(({ spanKind }) => wanted === '' || spanKind === wanted);
    return answer(request, reply, jaegerResponse(data, data.length));
  });

  app.get('/api/traces', async (request, reply) => {
    const query = parseTraceQuery(formOf(request), Date.now());
    const errors: JaegerError[] = [];
    const traces = await serving.query(request, reply, async (context) => {
      const ids = query.traceIds.length > 0 ? query.traceIds.slice(0, serving.limits.maxTraceLoads) : await findIds(serving, context, query);
      const loaded = await loadTraces(spans, context, ids);
      return loaded.flatMap(({ traceId, found }) => {
        if (found.length > 0) return [jaegerTrace(traceId, found, query.raw)];
        errors.push({ msg: 'trace not found', traceID: jaegerTraceId(traceId) });
        return [];
      });
    });
    return answer(request, reply, jaegerResponse(traces, 0, query.traceIds.length > 0 && errors.length > 0 ? errors : null));
  });

  app.get<IdParams>('/api/traces/:id', async (request, reply) => {
    const traceId = parseTraceId(request.params.id);
    const form = formOf(request);
    microsParam(form, 'start');
    microsParam(form, 'end');
    const raw = boolParam(form, 'raw');
    const found = await serving.query(request, reply, (context) => spans.trace(context, traceId));
    if (found.length === 0) return refuse(reply, 404, 'trace not found');
    return answer(request, reply, jaegerResponse([jaegerTrace(traceId, found, raw)]));
  });

  app.get('/api/dependencies', async (request, reply) => {
    const form = formOf(request);
    const range = parseDependencyRange(form, Date.now());
    const service = form.get('service') ?? '';
    const links = await serving.query(request, reply, (context) => spans.dependencies(context, range));
    return answer(request, reply, jaegerResponse(links.filter(({ parent, child }) => service === '' || parent === service || child === service)));
  });

  // What Jaeger answers where its storage for these is not configured.
  for (const metric of ['latencies', 'calls', 'errors', 'minstep']) {
    app.get(`/api/metrics/${metric}`, (_request, reply) => refuse(reply, 501, 'metrics querying is currently disabled; ask /prometheus/api/v1/query for rates and latencies'));
  }
  app.post('/api/archive/:id', (_request, reply) => refuse(reply, 500, 'archive span storage was not configured'));

  await app.register(jaegerV3Api(serving));
};

async function findIds(serving: Serving, context: ReadContext, query: TraceQuery): Promise<readonly string[]> {
  const limit = Math.min(query.limit, serving.limits.maxTraceLoads);
  if (limit <= 0) return [];
  const { range, alternatives } = query;
  return findAny(serving.readers.spans, context, { range, alternatives, limit });
}

function answer(request: FastifyRequest, reply: FastifyReply, body: unknown): FastifyReply {
  const pretty = formOf(request).get('prettyPrint') ?? '';
  const text = pretty === '' || pretty === 'false' ? JSON.stringify(body) : JSON.stringify(body, null, 4);
  return reply.header('content-type', 'application/json').send(`${text}\n`);
}

/** Jaeger writes its errors with Go's http.Error, hence the content type. */
function refuse(reply: FastifyReply, code: number, msg: string): FastifyReply {
  return reply.code(code).header('content-type', 'text/plain; charset=utf-8').header('x-content-type-options', 'nosniff')
    .send(`${JSON.stringify(jaegerResponse(null, 0, [{ code, msg }]))}\n`);
}
