import type { IncomingHttpHeaders } from 'node:http2';
import type { Intake } from '../../../component.js';
import type { Hold } from '../../requests/hold.js';
import type { MessagePool } from '../../requests/message-pool.js';
import type { Refusal } from '../../requests/refusal.js';
import type { GrpcCall } from './call.js';

export interface GrpcMethod {
  /** A larger request message is refused, as is one that decompresses to more. */
  readonly maxMessageBytes: number;
  /** Asked before the message is read; answers the tenant. `hold`: what the call will take. @throws Refusal */
  authorize(headers: IncomingHttpHeaders, hold: Hold): string;
  /** Answers by call.reply() or by open(), write() and end(). What it throws becomes the call's status. */
  handle(call: GrpcCall, message: Buffer, tenant: string, headers: IncomingHttpHeaders): Promise<void> | void;
}

/** What calls need of their server. */
export interface GrpcServerContext {
  readonly intake: Intake;
  readonly pool: MessagePool;
  readonly readTimeoutMs: number;
  /** A call was answered with a status other than OK. */
  refused(refusal: Refusal): void;
  /** The client went away before it had sent all. */
  cutOff(): void;
}
