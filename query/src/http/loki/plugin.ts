import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { LogEntry, Matcher } from '../../readers.js';
import type { ConstantQuery, LogQuery } from '../../logql/ast.js';
import { LogQLError } from '../../logql/error.js';
import { formatLogQL } from '../../logql/format.js';
import { parseLogQL, parseSelector } from '../../logql/parser.js';
import { filteredLabels, filtersOf } from '../../logql/select.js';
import { buildInfo } from '../build-info.js';
import { acceptForms, formOf } from '../form.js';
import type { ApiOptions } from '../options.js';
import { ClientGone, QueryTimeout, Serving } from '../serving.js';
import { statusOf } from '../status.js';
import { BadRequest, parseBounds, parseDirection, parseLimit, parseRangeParams, parseTimestamp } from './params.js';
import { queryStats } from './stats.js';
import { groupStreams } from './streams.js';

/** The version of Loki whose API this is. */
const LOKI_VERSION = '3.7.8';

const MAX_FORM_BYTES = 1024 * 1024;
const CATEGORIZE_LABELS = 'categorize-labels';

/** What Loki serves here and we do not yet, with what to do instead. */
const LATER: Readonly<Record<string, string>> = {
  '/index/stats': 'index/stats', '/index/volume': 'index/volume', '/index/volume_range': 'index/volume_range', '/index/shards': 'index/shards',
  '/detected_fields': 'detected_fields', '/detected_labels': 'detected_labels', '/patterns': 'patterns', '/tail': 'tail',
};

/** Loki's query API (`/loki/api/v1/…` when registered under `/loki`). Writing in (`push`) is not a matter of queries. */
export const lokiApi: FastifyPluginAsync<ApiOptions> = async (app, options) => {
  const serving = new Serving(options);
  acceptForms(app, MAX_FORM_BYTES);

  app.setErrorHandler((error, _request, reply) => {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof ClientGone) return plain(reply, 499, 'the request was cancelled by the client');
    if (error instanceof QueryTimeout) {
      return plain(reply, 504, `request timed out after ${error.timeoutMs} ms, decrease the duration of the request, add more label matchers, or raise query.timeout`);
    }
    return plain(reply, statusOf(error, error instanceof BadRequest || error instanceof LogQLError), message);
  });
  app.setNotFoundHandler((_request, reply) => plain(reply, 404, '404 page not found'));

  app.get('/ready', (_request, reply) => plain(reply, 200, 'ready'));
  app.get('/api/v1/status/buildinfo', () => buildInfo(LOKI_VERSION));

  const readOrPost = { method: ['GET' as const, 'POST' as const] };

  app.route({
    ...readOrPost, url: '/api/v1/query_range', handler: async (request, reply) => {
      const form = formOf(request);
      const { range, limit, direction } = parseRangeParams(form, nowNs(), serving.limits.maxLines);
      const query = parseLogQL(form.get('query') ?? '');
      if (query.kind === 'constant') throw new BadRequest('metric queries over a range are not supported yet; ask PromQL under /prometheus for metrics');
      const started = performance.now();
      const { logs } = serving.readers;
      const entries = await serving.query(request, reply, async (context) => {
        const names = filteredLabels(query).length === 0 ? [] : await logs.labelNames(context, range, query.matchers);
        return logs.select(context, { ...filtersOf(query, new Set(names)), range, limit, direction });
      });
      return streams(request, reply, query, entries, (performance.now() - started) / 1000);
    },
  });

  app.route({
    ...readOrPost, url: '/api/v1/query', handler: (request, reply) => {
      const form = formOf(request);
      parseLimit(form);
      const time = form.get('time') ?? '';
      const timeNs = time === '' ? nowNs() : parseTimestamp(time);
      parseDirection(form);
      const query = parseLogQL(form.get('query') ?? '');
      if (query.kind === 'log') throw new BadRequest('log queries are not supported as an instant query type, please change your query to a range query type');
      return constant(reply, query, timeNs);
    },
  });

  for (const url of ['/api/v1/labels', '/api/v1/label']) {
    app.route({
      ...readOrPost, url, handler: async (request, reply) => {
        const form = formOf(request);
        const range = parseBounds(form, nowNs());
        const matchers = selectorParam(form);
        const names = await serving.query(request, reply, (context) => serving.readers.logs.labelNames(context, range, matchers));
        return list(reply, names);
      },
    });
  }

  app.route<{ Params: { name: string } }>({
    ...readOrPost, url: '/api/v1/label/:name/values', handler: async (request, reply) => {
      const form = formOf(request);
      const range = parseBounds(form, nowNs());
      const matchers = selectorParam(form);
      const values = await serving.query(request, reply, (context) => serving.readers.logs.labelValues(context, request.params.name, range, matchers));
      return list(reply, values);
    },
  });

  app.route({
    ...readOrPost, url: '/api/v1/series', handler: async (request, reply) => {
      const form = formOf(request);
      const range = parseBounds(form, nowNs());
      const wanted = [...form.getAll('match[]'), ...form.getAll('match')];
      const selectors = wanted.length === 0 ? [[]] : wanted.map(parseSelector);
      const series = await serving.query(request, reply, (context) => serving.readers.logs.series(context, range, selectors));
      return json(reply, 200, { status: 'success', data: series });
    },
  });

  app.route({
    ...readOrPost, url: '/api/v1/format_query', handler: (request, reply) => {
      try {
        return json(reply, 200, { status: 'success', data: formatLogQL(parseLogQL(formOf(request).get('query') ?? '')) });
      } catch (error) {
        if (error instanceof LogQLError) return json(reply, 400, { status: 'invalid-query', error: error.message });
        throw error;
      }
    },
  });

  for (const [path, name] of Object.entries(LATER)) {
    app.route({ ...readOrPost, url: `/api/v1${path}`, handler: (_request, reply) => plain(reply, 501, `${name} is not supported yet; query_range, labels, label values and series are`) });
  }
};

function streams(request: FastifyRequest, reply: FastifyReply, query: LogQuery, entries: readonly LogEntry[], seconds: number): FastifyReply {
  const flags = String(request.headers['x-loki-response-encoding-flags'] ?? '').split(',').map((flag) => flag.trim());
  const categorize = flags.includes(CATEGORIZE_LABELS);
  const bytes = entries.reduce((total, { line }) => total + Buffer.byteLength(line), 0);
  return json(reply, 200, {
    status: 'success',
    data: {
      resultType: 'streams',
      ...(categorize ? { encodingFlags: [CATEGORIZE_LABELS] } : {}),
      result: groupStreams(entries, categorize),
      stats: queryStats(entries.length, bytes, seconds),
    },
  });
}

function constant(reply: FastifyReply, query: ConstantQuery, timeNs: bigint): FastifyReply {
  const value = [Number(timeNs / 1_000_000n) / 1000, String(query.value)];
  const result = query.type === 'vector' ? [{ metric: {}, value }] : value;
  return json(reply, 200, { status: 'success', data: { resultType: query.type, result, stats: queryStats(0, 0, 0) } });
}

function selectorParam(form: URLSearchParams): readonly Matcher[] {
  const query = form.get('query') ?? '';
  return query === '' ? [] : parseSelector(query);
}

function list(reply: FastifyReply, data: readonly string[]): FastifyReply {
  // Loki leaves an empty list out.
  return json(reply, 200, data.length === 0 ? { status: 'success' } : { status: 'success', data });
}

function json(reply: FastifyReply, code: number, body: object): FastifyReply {
  return reply.code(code).header('content-type', 'application/json; charset=UTF-8').send(`${JSON.stringify(body)}\n`);
}

function plain(reply: FastifyReply, code: number, text: string): FastifyReply {
  return reply.code(code).header('content-type', 'text/plain; charset=utf-8').header('x-content-type-options', 'nosniff').send(text);
}

function nowNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}
