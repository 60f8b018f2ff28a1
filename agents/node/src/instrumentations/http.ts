import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { Span } from '@opentelemetry/api';
import { context } from '@opentelemetry/api';
import { getRPCMetadata, RPCType } from '@opentelemetry/core';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';

/** RFC 9110 and PATCH; all others are named HTTP (semantic conventions for HTTP spans, "Name"). */
const KNOWN_METHODS: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', 'QUERY']);
const FIRST_CLIENT_ERROR = 400;
const FIRST_SERVER_ERROR = 500;

/** OpenTelemetry's, with what it leaves out of the semantic conventions of HTTP spans. */
export function httpInstrumentation(): HttpInstrumentation {
  return new HttpInstrumentation({ applyCustomAttributesOnSpan: complete });
}

function complete(span: Span, request: ClientRequest | IncomingMessage, response: IncomingMessage | ServerResponse): void {
  const isServer = 'writeHead' in response;
  const { statusCode } = response;
  if (statusCode !== undefined && statusCode >= (isServer ? FIRST_SERVER_ERROR : FIRST_CLIENT_ERROR)) span.setAttribute('error.type', String(statusCode));
  if (KNOWN_METHODS.has(request.method)) return;
  const metadata = isServer ? getRPCMetadata(context.active()) : undefined;
  span.updateName(metadata?.type === RPCType.HTTP && metadata.route !== undefined ? `HTTP ${metadata.route}` : 'HTTP');
}
