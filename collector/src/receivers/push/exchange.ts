import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Authenticator, Intake } from '../../component.js';
import type { ReceiverMeter } from '../../intake/receiver-meter.js';
import { authorizeWrite } from '../requests/authorize.js';
import { decompress } from '../requests/decompress.js';
import { Hold } from '../requests/hold.js';
import { CutOff, readBody } from '../requests/body.js';
import type { MessagePool } from '../requests/message-pool.js';
import { tooLarge, toRefusal, type Refusal } from '../requests/refusal.js';
import type { TenantLimits, TenantShare } from '../requests/tenant-limits.js';
import type { PushSettings } from './settings.js';
import { snappyLength, unsnappy } from './snappy.js';

export type Compression = 'none' | 'snappy' | 'gzip' | 'deflate';

export interface PushContext {
  readonly settings: PushSettings;
  readonly intake: Intake;
  readonly pool: MessagePool;
  readonly limits: TenantLimits;
  readonly auth: Authenticator;
  readonly meter: ReceiverMeter;
  /** Errors of this program, for the log. */
  onInternal(error: unknown): void;
}

export interface PushAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Plain text; a line end is added, as Go's http.Error does. */
  readonly error?: string;
}

/** What one protocol makes of a push. */
export interface PushProtocol {
  /** Looks at the headers before the body is read. @throws Refusal */
  compression(request: IncomingMessage): Compression;
  /** What decoding takes of memory, in multiples of the body. */
  readonly cost: number;
  /** The headers of every answer to an error, where the protocol has some. */
  errorHeaders?(request: IncomingMessage): Readonly<Record<string, string>>;
  /** The body's bytes are taken from the budget, and given back once this settles; `share` is the tenant's, where it is limited. @throws Refusal, OtlpError, JournalFailed */
  accept(body: Buffer, tenant: string, request: IncomingMessage, share: TenantShare | null): Promise<PushAnswer>;
}

/** Reads one push, hands it on, and answers it; never rejects. */
export async function handlePush(context: PushContext, protocol: PushProtocol, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const hold = new Hold(context.intake, context.pool);
  try {
    const tenant = authorizeWrite(context.auth, request.headers);
    hold.enter(context.limits, tenant);
    const compression = protocol.compression(request);
    const body = await readBody(request, context.settings.max_request_body_size, hold);
    const plain = await inflated(context, compression, body, hold);
    hold.take(plain.length * protocol.cost);
    send(response, await protocol.accept(plain, tenant, request, hold.share));
  } catch (error) {
    if (error instanceof CutOff) {
      context.meter.refusedRequest('cut_off');
      return;
    }
    const refusal = toRefusal(error);
    context.meter.refusedRequest(refusal.reason);
    if (refusal.reason === 'internal') context.onInternal(refusal.cause);
    send(response, { status: refusal.httpStatus, headers: { ...protocol.errorHeaders?.(request), ...headersOf(refusal) }, error: refusal.message });
  } finally {
    hold.release();
  }
}

async function inflated({ settings }: PushContext, compression: Compression, body: Buffer, hold: Hold): Promise<Buffer> {
  if (compression === 'none') return body;
  if (compression !== 'snappy') return decompress(compression, body, settings.max_decompressed_size, hold);
  const length = snappyLength(body);
  if (length > settings.max_decompressed_size) throw tooLarge(`${length} bytes when decompressed, more than the limit of ${settings.max_decompressed_size}`);
  hold.take(length);
  return unsnappy(body);
}

function headersOf({ retryAfterMs, httpStatus }: Refusal): Record<string, string> {
  const headers: Record<string, string> = {};
  if (retryAfterMs !== null) headers['retry-after'] = String(Math.max(1, Math.ceil(retryAfterMs / 1000)));
  if (httpStatus === 401) headers['www-authenticate'] = 'Bearer realm="signalbox"';
  return headers;
}

function send(response: ServerResponse, { status, headers, error }: PushAnswer): void {
  if (response.destroyed || response.headersSent) return;
  if (error === undefined) {
    response.writeHead(status, headers).end();
    return;
  }
  const body = Buffer.from(`${error}\n`);
  response.writeHead(status, { ...headers, 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff', 'content-length': String(body.length) }).end(body);
}
