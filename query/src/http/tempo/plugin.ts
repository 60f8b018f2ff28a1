import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import type { TracesData } from '@signalbox/signals/model/span';
import { groupSpans } from '../../spans/group.js';
import { searchAny } from '../../spans/search-any.js';
import { buildInfo } from '../build-info.js';
import { formOf } from '../form.js';
import type { ApiOptions } from '../options.js';
import { Serving } from '../serving.js';
import { statusOf } from '../status.js';
import { BadRequest, parseRange, parseSearch, parseTraceId } from './params.js';
import { traceMetadata } from './search-response.js';
import { tempoTags } from './tags.js';
import { resourceSpansJson } from './trace-json.js';

/** The version of Tempo whose API this is. */
const TEMPO_VERSION = '2.8.2';

interface IdParams { Params: { id: string } }

/** Tempo's query API (`/api/…`). To be registered under a prefix such as `/tempo`. */
export const tempoApi: FastifyPluginAsync<ApiOptions> = async (app, options) => {
  const serving = new Serving(options);
  const { spans } = serving.readers;

  app.setErrorHandler((error, _request, reply) => plain(reply, statusOf(error, error instanceof BadRequest), error instanceof Error ? error.message : String(error)));
  app.setNotFoundHandler((_request, reply) => plain(reply, 404, '404 page not found'));

  app.get('/api/echo', (_request, reply) => plain(reply, 200, 'echo'));
  app.get('/ready', (_request, reply) => plain(reply, 200, 'ready'));
  app.get('/api/status/buildinfo', () => buildInfo(TEMPO_VERSION));

  app.get<IdParams>('/api/traces/:id', async (request, reply) => {
    const trace = await loadTrace(serving, request, reply);
    if (trace === null) return reply.code(404).send();
    if (wantsProtobuf(request)) return reply.header('content-type', 'application/protobuf').send(Buffer.from(encodeTraces(trace)));
    return json(reply, { batches: trace.resourceSpans.map(resourceSpansJson) });
  });

  app.get<IdParams>('/api/v2/traces/:id', async (request, reply) => {
    const trace = await loadTrace(serving, request, reply);
    if (trace === null) return reply.code(404).send();
    if (wantsProtobuf(request)) return reply.header('content-type', 'application/protobuf').send(traceByIdResponse(encodeTraces(trace)));
    return json(reply, { trace: { resourceSpans: trace.resourceSpans.map(resourceSpansJson) }, metrics: {} });
  });

  app.get('/api/search', async (request, reply) => {
    const search = parseSearch(formOf(request), serving.limits.maxTraces);
    const { range, alternatives, limit, spansPerSet, minDurationNs, maxDurationNs } = search;
    const anyDuration = minDurationNs === 0n && maxDurationNs === null;
    const traces = alternatives.length === 0 ? [] : await serving.query(request, reply, (context) => searchAny(spans, context, {
      range, alternatives, limit, spansPerTrace: spansPerSet, maxTraces: serving.limits.maxTraces,
      ...(anyDuration ? {} : { keep: ({ durationNs }) => durationNs >= minDurationNs && (maxDurationNs === null || durationNs <= maxDurationNs) }),
    }));
    return json(reply, { traces: traces.map((summary) => traceMetadata(summary, search.traceql ? alternatives.flat() : null)), metrics: { completedJobs: 1, totalJobs: 1 } });
  });

  for (const path of ['/api/metrics/query_range', '/api/metrics/query', '/api/metrics/summary']) {
    app.get(path, () => { throw new BadRequest('TraceQL metrics are not supported yet; rates and latencies are metrics under /prometheus'); });
  }

  await app.register(tempoTags(serving));
};

async function loadTrace(serving: Serving, request: FastifyRequest<IdParams>, reply: FastifyReply): Promise<TracesData | null> {
  const traceId = parseTraceId(request.params.id);
  parseRange(formOf(request));
  const found = await serving.query(request, reply, (context) => serving.readers.spans.trace(context, traceId));
  return found.length === 0 ? null : groupSpans(found);
}

function wantsProtobuf(request: FastifyRequest): boolean {
  return (request.headers.accept ?? '').includes('application/protobuf');
}

/** tempopb.TraceByIDResponse with its first field, the trace, which has the wire format of an OTLP request. */
function traceByIdResponse(trace: Uint8Array): Buffer {
  const length: number[] = [];
  let rest = trace.length;
  for (; rest > 0x7f; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  length.push(rest);
  return Buffer.concat([Buffer.from([0x0a, ...length]), trace]);
}

function json(reply: FastifyReply, body: object): FastifyReply {
  return reply.header('content-type', 'application/json').send(JSON.stringify(body));
}

function plain(reply: FastifyReply, code: number, text: string): FastifyReply {
  return reply.code(code).header('content-type', 'text/plain; charset=utf-8').send(text);
}
