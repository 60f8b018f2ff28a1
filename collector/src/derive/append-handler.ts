import type { IncomingMessage, ServerResponse } from 'node:http';
import { SIGNALS } from '@signalbox/signals/model/signal';
import { OtlpError } from '@signalbox/signals/otlp/error';
import { scanRequest } from '@signalbox/signals/otlp/scan';
import { SecretKeys } from '@signalbox/signals/otlp/scan/secret-keys';
import type { Intake } from '../component.js';
import { BatchIdInvalid, IntakeFull, JournalFailed } from '../intake/errors.js';
import type { JournalIntake } from '../intake/intake.js';
import { APPEND_HEADERS } from './append-protocol.js';

export interface AppendHandlerOptions {
  readonly intake: JournalIntake;
  /** Ids of the connectors and samplers that are configured: derived data of others is refused. */
  readonly origins: Pick<ReadonlySet<string>, 'has'>;
  /** A longer body is refused. Default 32 MiB. */
  readonly maxBytes?: number;
}

const DEFAULT_MAX_BYTES = 32 * 2 ** 20;

/** An answer other than 200. */
class Refused extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

/**
 * Answers the local requests of AppendClient: the payload is checked as what comes from outside is, then appended with the connector's
 * id as its origin. For the local socket between the roles alone: it trusts the tenant that it is told.
 */
export function appendHandler({ intake, origins, maxBytes = DEFAULT_MAX_BYTES }: AppendHandlerOptions): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const secrets = new SecretKeys();
  return async (request, response) => {
    let held = 0;
    try {
      const signal = SIGNALS.find((candidate) => candidate === header(request, 'signal'));
      if (signal === undefined) throw new Refused(400, `${APPEND_HEADERS.signal} is to be one of ${SIGNALS.join(', ')}`);
      if (header(request, 'encoding') !== 'otlp') throw new Refused(400, `${APPEND_HEADERS.encoding} is to be otlp`);
      const origin = header(request, 'origin');
      if (!origins.has(origin)) throw new Refused(403, `no connector or sampler '${origin}' is configured`);
      const [tenant, batchId] = [header(request, 'tenant'), header(request, 'batchId')];
      if (batchId === '') throw new Refused(400, `${APPEND_HEADERS.batchId} is missing: a repetition could not be told`);
      const bytes = Number(request.headers['content-length']);
      if (!Number.isSafeInteger(bytes) || bytes <= 0) throw new Refused(411, 'a body with its length is needed');
      if (bytes > maxBytes) throw new Refused(413, `the body has ${bytes} bytes, ${maxBytes} are allowed`);
      if (!intake.take(bytes)) throw new IntakeFull(intake.retryAfterMs);
      held = bytes;
      const payload = await readBody(request, bytes);
      const { items, rejected } = scanRequest(signal, payload, { secrets });
      if (String(items) !== header(request, 'items')) throw new Refused(400, `the payload holds ${items} items, ${APPEND_HEADERS.items} says ${header(request, 'items')}`);
      const target: Intake = intake.from(origin);
      await target.accept({ signal, encoding: 'otlp', tenant, payload, items, rejected: rejected.map(({ ordinal }) => ordinal), batchId, reserved: true });
      answer(response, 200, 'appended\n');
    } catch (error) {
      if (request.destroyed && !request.complete) return; // the other side is gone
      const status = statusOf(error);
      if (status === null) throw error;
      answer(response, status, `${error instanceof Error ? error.message : String(error)}\n`);
    } finally {
      if (held > 0) intake.give(held);
    }
  };
}

/** Null for an error that should not be. */
function statusOf(error: unknown): number | null {
  if (error instanceof Refused) return error.status;
  if (error instanceof OtlpError || error instanceof BatchIdInvalid) return 400;
  if (error instanceof IntakeFull) return 429;
  // What breaks a limit of the journal breaks it again.
  if (error instanceof JournalFailed) return error.code === 'SBX_JOURNAL_FRAME_INVALID' ? 413 : 503;
  return null;
}

function header(request: IncomingMessage, name: keyof typeof APPEND_HEADERS): string {
  const value = request.headers[APPEND_HEADERS[name]];
  if (typeof value !== 'string') return '';
  try {
    return decodeURIComponent(value);
  } catch {
    throw new Refused(400, `${APPEND_HEADERS[name]} is not percent-encoded`);
  }
}

async function readBody(request: IncomingMessage, bytes: number): Promise<Buffer> {
  const body = Buffer.allocUnsafe(bytes);
  let at = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) at += chunk.copy(body, at);
  if (at !== bytes) throw new Refused(400, `the body ended after ${at} of ${bytes} bytes`);
  return body;
}

function answer(response: ServerResponse, status: number, text: string): void {
  if (response.destroyed || response.headersSent) return;
  response.req.resume(); // what is not read yet, so that the sender sees the answer
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
