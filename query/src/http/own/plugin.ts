import type { FastifyPluginAsync, FastifyReply } from 'fastify';
import { logsToJson } from '@signalbox/signals/otlp/json/logs';
import { groupLogs } from '../../logs/group.js';
import type { ApiOptions } from '../options.js';
import { ClientGone, QueryTimeout, Serving } from '../serving.js';
import { statusOf } from '../status.js';

/** Codes of the errors that our own query API answers with, in `{ error: { code, message } }`. */
const CODES: Readonly<Record<number, string>> = {
  400: 'SBX_QUERY_BAD_REQUEST', 404: 'SBX_QUERY_NOT_FOUND', 422: 'SBX_QUERY_LIMIT', 429: 'SBX_QUERY_BUSY', 499: 'SBX_QUERY_CANCELLED', 504: 'SBX_QUERY_TIMEOUT',
};

/**
 * Our own queries, under `/api/v1`: `GET /traces/<id>/logs` answers the OTLP JSON of the trace's log records by time,
 * `{ resourceLogs: […] }`, which is empty where there are none.
 */
export const ownQueryApi: FastifyPluginAsync<ApiOptions> = async (app, options) => {
  const serving = new Serving(options);

  app.setErrorHandler((error, _request, reply) => refuse(reply, error));

  app.get<{ Params: { id: string } }>('/traces/:id/logs', async (request, reply) => {
    const { id } = request.params;
    if (!/^[0-9a-fA-F]{1,32}$/.test(id)) return send(reply, 400, { error: { code: CODES[400], message: 'a trace id has up to 32 hexadecimal digits; take it from /jaeger/api/traces or from a span' } });
    const traceId = id.toLowerCase().padStart(32, '0');
    const logs = await serving.query(request, reply, (context) => serving.readers.logs.ofTrace(context, traceId));
    return send(reply, 200, { resourceLogs: [], ...logsToJson(groupLogs(logs)) });
  });
};

function refuse(reply: FastifyReply, error: unknown): FastifyReply {
  const status = statusOf(error, false);
  const expected = error instanceof QueryTimeout || error instanceof ClientGone || status < 500;
  const message = error instanceof Error ? error.message : String(error);
  return send(reply, status, { error: { code: CODES[status] ?? 'SBX_QUERY_FAILED', message: expected ? message : `the query failed: ${message}; the appliance's log says more` } });
}

function send(reply: FastifyReply, status: number, body: object): FastifyReply {
  return reply.code(status).header('content-type', 'application/json').send(JSON.stringify(body));
}
