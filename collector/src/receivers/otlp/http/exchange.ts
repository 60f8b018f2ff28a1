import type { IncomingMessage, ServerResponse } from 'node:http';
import { SIGNALS, type Signal } from '@signalbox/signals/model/signal';
import { encodeExportResponse, encodeStatus, exportResponseJson, statusJson } from '@signalbox/signals/otlp/response';
import type { Authenticator, Intake } from '../../../component.js';
import type { ReceiverMeter } from '../../../intake/receiver-meter.js';
import { checkHost, type HostPolicy } from '../../../security/host-check.js';
import { authorizeWrite } from '../../requests/authorize.js';
import type { HttpConfig } from '../config.js';
import { batchIdOf } from '../batch-id.js';
import { decompress } from '../../requests/decompress.js';
import { GrpcCode } from '../../requests/grpc-code.js';
import { Hold } from '../../requests/hold.js';
import type { OtlpIngest, PartialSuccess } from '../ingest.js';
import type { MessagePool } from '../../requests/message-pool.js';
import { Refusal, toRefusal } from '../../requests/refusal.js';
import { CutOff, readBody } from '../../requests/body.js';
import { answerFormat, bodyCompression, bodyFormat, contentType, type BodyEncoding, type BodyFormat } from './content.js';
import { applyCors } from './cors.js';
import { jsonToProtobuf } from './json-body.js';
import type { TenantLimits } from '../../requests/tenant-limits.js';

export interface ExchangeContext {
  readonly config: HttpConfig;
  readonly ingest: OtlpIngest;
  readonly intake: Intake;
  readonly pool: MessagePool;
  readonly auth: Authenticator;
  readonly limits: TenantLimits;
  /** Encodings of bodies that are taken. */
  readonly encodings: readonly BodyEncoding[];
  readonly meter: ReceiverMeter;
  /** Signals that some pipeline takes. */
  readonly signals: readonly Signal[];
  readonly hosts: HostPolicy;
  /** Errors of this program, for the log. */
  onInternal(error: unknown): void;
}

/** JSON takes about so many times its bytes while it is parsed and turned into protobuf. */
const JSON_COST = 3;
const EMPTY = Buffer.alloc(0);

/** Answers one request; never rejects. */
export async function handleExchange(context: ExchangeContext, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const hold = new Hold(context.intake, context.pool);
  try {
    applySettings(response, context.config);
    if (applyCors(request, response, context.config.cors)) return;
    const signal = route(context, request, response);
    const tenant = authorizeWrite(context.auth, request.headers);
    hold.enter(context.limits, tenant);
    const format = bodyFormat(request.headers['content-type']);
    const compression = bodyCompression(request.headers['content-encoding'], context.encodings);
    const limit = context.config.max_request_body_size;
    const body = await readBody(request, limit, hold);
    const plain = compression === null ? body : await decompress(compression, body, limit, hold);
    if (format === 'json') hold.take(plain.length * (JSON_COST - 1));
    const payload = format === 'json' ? jsonToProtobuf(signal, plain) : plain;
    const partial = await context.ingest.accept(signal, tenant, payload, batchIdOf(request.headers), context.meter, hold.share);
    answerAccepted(response, signal, format, partial);
  } catch (error) {
    answerError(context, request, response, error);
  } finally {
    hold.release();
  }
}

function applySettings(response: ServerResponse, { keep_alives_enabled: keepAlive, response_headers: headers }: HttpConfig): void {
  if (!keepAlive) response.setHeader('connection', 'close');
  for (const name in headers) response.setHeader(name, headers[name]!);
}

/** The signal that a path and method stand for. @throws Refusal 403, 404, 405 */
function route({ config, hosts, signals }: ExchangeContext, request: IncomingMessage, response: ServerResponse): Signal {
  const misled = checkHost(request.headers.host, request.headers.origin, hosts);
  if (misled) throw new Refusal('host', GrpcCode.PERMISSION_DENIED, 403, `${misled.reason} [${misled.code}]`);
  const paths: Readonly<Record<Signal, string>> = { traces: config.traces_url_path, logs: config.logs_url_path, metrics: config.metrics_url_path };
  const path = (request.url ?? '').split('?', 1)[0]!;
  const signal = SIGNALS.find((candidate) => paths[candidate] === path);
  if (!signal) {
    const near = SIGNALS.find((candidate) => path.replace(/\/+$/, '').endsWith(`/${candidate}`) || path.replace(/\/+/g, '/').startsWith(paths[candidate]));
    const hint = near ? `send ${near} to ${paths[near]}` : `OTLP over HTTP is POST to ${SIGNALS.map((candidate) => paths[candidate]).join(', ')}; give exporters the address without a path, they add it themselves`;
    throw new Refusal('unsupported', GrpcCode.NOT_FOUND, 404, `nothing is at '${path.slice(0, 200)}': ${hint}`);
  }
  if (request.method !== 'POST') {
    response.setHeader('allow', 'POST');
    throw new Refusal('unsupported', GrpcCode.UNIMPLEMENTED, 405, `${request.method} is not for ${path}: use POST`);
  }
  if (!signals.includes(signal)) throw new Refusal('unsupported', GrpcCode.UNIMPLEMENTED, 404, `no pipeline takes ${signal} here: add one below service.pipelines`);
  return signal;
}

function answerAccepted(response: ServerResponse, signal: Signal, format: BodyFormat, partial: PartialSuccess | null): void {
  const body = format === 'json' ? JSON.stringify(exportResponseJson(signal, partial ?? undefined)) : partial === null ? EMPTY : encodeExportResponse(signal, partial);
  send(response, 200, format, body);
}

function answerError(context: ExchangeContext, request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (error instanceof CutOff) {
    context.meter.refusedRequest('cut_off');
    return;
  }
  const refusal = toRefusal(error);
  context.meter.refusedRequest(refusal.reason);
  if (refusal.reason === 'internal') context.onInternal(refusal.cause);
  const format = answerFormat(request.headers['content-type']);
  const retryMs = refusal.retryAfterMs ?? undefined;
  if (retryMs !== undefined) response.setHeader('retry-after', String(Math.max(1, Math.ceil(retryMs / 1000))));
  if (refusal.httpStatus === 401) response.setHeader('www-authenticate', 'Bearer realm="signalbox"');
  const body = format === 'json' ? JSON.stringify(statusJson(refusal.grpcCode, refusal.message, retryMs)) : encodeStatus(refusal.grpcCode, refusal.message, retryMs);
  send(response, refusal.httpStatus, format, body);
}

function send(response: ServerResponse, status: number, format: BodyFormat, body: Uint8Array | string): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, { 'content-type': contentType(format), 'content-length': String(typeof body === 'string' ? Buffer.byteLength(body) : body.length) });
  response.end(body);
}
