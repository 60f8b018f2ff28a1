import type { IncomingMessage, ServerResponse } from 'node:http';
import { isAllowedOrigin } from '../../../security/host-check.js';
import type { HttpConfig } from '../config.js';

const HEADERS = ['content-type', 'content-encoding', 'authorization', 'x-scope-orgid', 'signalbox-batch-id', 'x-signalbox-batch-id', 'traceparent', 'tracestate', 'baggage'];

/** Lets pages of the allowed origins read the answer. Answers true when the request was a preflight, which is then answered. */
export function applyCors(request: IncomingMessage, response: ServerResponse, cors: HttpConfig['cors']): boolean {
  const { origin } = request.headers;
  if (origin === undefined || cors.allowed_origins.length === 0 || !isAllowedOrigin(origin, cors.allowed_origins)) return false;
  response.setHeader('access-control-allow-origin', origin);
  // Beacons come with credentials, whether there are any or not. A cookie is none here.
  response.setHeader('access-control-allow-credentials', 'true');
  response.setHeader('access-control-expose-headers', 'retry-after');
  response.setHeader('vary', 'origin');
  if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return false;
  response.setHeader('access-control-allow-methods', 'POST');
  const asked = request.headers['access-control-request-headers'];
  response.setHeader('access-control-allow-headers', cors.allowed_headers.includes('*') && asked !== undefined ? asked : [...HEADERS, ...cors.allowed_headers].join(', '));
  if (request.headers['access-control-request-private-network'] === 'true') response.setHeader('access-control-allow-private-network', 'true');
  response.setHeader('access-control-max-age', String(cors.max_age));
  response.writeHead(204).end();
  return true;
}
