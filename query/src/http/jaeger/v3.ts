import type { FastifyPluginAsync, FastifyReply } from 'fastify';
import { tracesToJson } from '@signalbox/signals/otlp/json/traces';
import { parseGoDuration } from '../../go/duration.js';
import { parseGoBool, parseGoInt } from '../../go/strconv.js';
import type { SpanCondition, StoredSpan } from '../../readers.js';
import { groupSpans } from '../../spans/group.js';
import { loadTraces } from '../../spans/load-traces.js';
import { kindName } from '../../spans/vocabulary.js';
import { formOf } from '../form.js';
import { parseRfc3339 } from '../rfc3339.js';
import type { Serving } from '../serving.js';
import { statusOf } from '../status.js';
import { BadRequest, messageOf, parseTraceId } from './params.js';

const DEFAULT_TRACES = 100;

/** Jaeger's API v3: OTLP JSON under `result`, errors as a gRPC gateway writes them. */
export function jaegerV3Api(serving: Serving): FastifyPluginAsync {
  const { spans } = serving.readers;
  return async (app) => {
    app.setErrorHandler((error, _request, reply) => refuse(reply, statusOf(error, error instanceof BadRequest), messageOf(error)));

    app.get('/api/v3/services', async (request, reply) => {
      const services = await serving.query(request, reply, (context) => spans.services(context));
      return reply.header('content-type', 'application/json').send(JSON.stringify(services.length === 0 ? {} : { services }));
    });

    app.get('/api/v3/operations', async (request, reply) => {
      const form = formOf(request);
      const wanted = form.get('span_kind') ?? '';
      const found = await serving.query(request, reply, (context) => spans.operations(context, form.get('service') ?? ''));
      const operations = found.map(({ name, kind }) => (kind === 0 ? { name } : { name, spanKind: kindName(kind) }))
        .filter((operation) => wanted === '' || operation.spanKind === wanted);
      return reply.header('content-type', 'application/json').send(JSON.stringify(operations.length === 0 ? {} : { operations }));
    });

    app.get<{ Params: { id: string } }>('/api/v3/traces/:id', async (request, reply) => {
      const traceId = param('trace_id', () => parseTraceId(request.params.id));
      const form = formOf(request);
      optional(form, 'start_time', parseRfc3339);
      optional(form, 'end_time', parseRfc3339);
      optional(form, 'raw_traces', parseGoBool);
      const found = await serving.query(request, reply, (context) => spans.trace(context, traceId));
      return found.length === 0 ? refuse(reply, 404, 'No traces found') : result(reply, [found]);
    });

    app.get('/api/v3/traces', async (request, reply) => {
      const search = parseSearch(formOf(request), serving);
      const found = await serving.query(request, reply, async (context) => {
        const ids = search.limit > 0 ? (await spans.find(context, search)).map(({ traceId }) => traceId) : [];
        return (await loadTraces(spans, context, ids)).map(({ found }) => found).filter((trace) => trace.length > 0);
      });
      return found.length === 0 ? refuse(reply, 404, 'No traces found') : result(reply, found);
    });
  };
}

function parseSearch(form: URLSearchParams, serving: Serving) {
  const [timeMin, timeMax] = [form.get('query.start_time_min') ?? '', form.get('query.start_time_max') ?? ''];
  if (timeMin === '' || timeMax === '') throw new BadRequest('query.start_time_min and query.start_time_max are required');
  const startNs = param('query.start_time_min', () => parseRfc3339(timeMin));
  const endNs = param('query.start_time_max', () => parseRfc3339(timeMax));
  const count = optional(form, 'query.num_traces', (text) => Number(parseGoInt(text, 64, 'Atoi'))) ?? DEFAULT_TRACES;
  const minNs = optional(form, 'query.duration_min', parseGoDuration) ?? 0n;
  const maxNs = optional(form, 'query.duration_max', parseGoDuration) ?? 0n;
  optional(form, 'query.raw_traces', parseGoBool);
  const conditions: SpanCondition[] = [];
  const service = form.get('query.service_name') ?? '';
  const operation = form.get('query.operation_name') ?? '';
  if (service !== '') conditions.push({ scope: 'intrinsic', key: 'service', op: '=', value: service });
  if (operation !== '') conditions.push({ scope: 'intrinsic', key: 'name', op: '=', value: operation });
  if (minNs !== 0n) conditions.push({ scope: 'intrinsic', key: 'duration', op: '>=', value: minNs });
  if (maxNs !== 0n) conditions.push({ scope: 'intrinsic', key: 'duration', op: '<=', value: maxNs });
  return { range: { startNs, endNs: endNs + 1n }, conditions, limit: Math.min(count, serving.limits.maxTraceLoads) };
}

function optional<T>(form: URLSearchParams, name: string, parse: (text: string) => T): T | undefined {
  const text = form.get(name) ?? '';
  return text === '' ? undefined : param(name, () => parse(text));
}

function param<T>(name: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new BadRequest(`malformed parameter ${name}: ${messageOf(error)}`);
  }
}

function result(reply: FastifyReply, traces: readonly (readonly StoredSpan[])[]): FastifyReply {
  // Each trace's resources stand by themselves, as Jaeger has them.
  const resourceSpans = traces.flatMap((spans) => groupSpans(spans).resourceSpans);
  return reply.header('content-type', 'application/json').send(JSON.stringify({ result: tracesToJson({ resourceSpans }) }));
}

function refuse(reply: FastifyReply, httpCode: number, message: string): FastifyReply {
  return reply.code(httpCode).header('content-type', 'text/plain; charset=utf-8').header('x-content-type-options', 'nosniff')
    .send(`${JSON.stringify({ error: { httpCode, message } })}\n`);
}
