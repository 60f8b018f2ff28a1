import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { encodeStatus } from '@signalbox/signals/otlp/response';
import { decompress, GRPC_ENCODINGS, isGrpcEncoding, type Compression } from '../../requests/decompress.js';
import { Hold } from '../../requests/hold.js';
import { malformed, Refusal, toRefusal, tooLarge } from '../../requests/refusal.js';
import type { GrpcMethod, GrpcServerContext } from './method.js';
import { encodeGrpcMessage, grpcFrame, parseGrpcTimeout } from './status.js';
import { GrpcCode } from '../../requests/grpc-code.js';

const PREFIX_BYTES = 5;
const MAX_TIMER_MS = 2 ** 31 - 1;
const HEADERS = { ':status': 200, 'content-type': 'application/grpc+proto', 'grpc-accept-encoding': ['identity', ...GRPC_ENCODINGS].join(',') } as const;
const WITH_TRAILERS = { waitForTrailers: true } as const;
const OK_TRAILERS = { 'grpc-status': '0' } as const;
const EMPTY_FRAME = grpcFrame(new Uint8Array(0));
const NO_BYTES = Buffer.alloc(0);

/**
 * One call with one request message, from its headers to its trailers.
 *
 *   headers → (authorize) → prefix of 5 bytes → (take from the budget, allot) → message → (decompress) → handle → answer
 *
 * It ends in exactly one of reply(), fail() or the stream's close; what it holds of the budget goes back when the message is no
 * longer used: when the stream has closed and handle() has settled.
 */
export class GrpcCall {
  readonly #context: GrpcServerContext;
  readonly #stream: ServerHttp2Stream;
  readonly #headers: IncomingHttpHeaders;
  readonly #method: GrpcMethod;
  readonly #hold: Hold;
  readonly #startedMs: number;
  readonly #deadlineMs: number;
  #timer: NodeJS.Timeout | undefined;
  #tenant = '';
  #prefix = NO_BYTES;
  #message: Buffer | null = null;
  #compression: Compression | null = null;
  #received = 0;
  #answered = false;
  #handling = false;
  #closed = false;

  constructor(context: GrpcServerContext, stream: ServerHttp2Stream, headers: IncomingHttpHeaders, method: GrpcMethod) {
    this.#context = context;
    this.#stream = stream;
    this.#headers = headers;
    this.#method = method;
    this.#hold = new Hold(context.intake, context.pool);
    this.#startedMs = performance.now();
    const timeout = headers['grpc-timeout'];
    this.#deadlineMs = (typeof timeout === 'string' ? parseGrpcTimeout(timeout) : null) ?? Infinity;
  }

  get stream(): ServerHttp2Stream {
    return this.#stream;
  }

  /** What it holds of memory. */
  get hold(): Hold {
    return this.#hold;
  }

  start(): void {
    this.#stream.on('close', () => this.#onClose());
    try {
      this.#tenant = this.#method.authorize(this.#headers, this.#hold);
    } catch (error) {
      this.fail(error);
      return;
    }
    this.#armTimer(Math.min(this.#deadlineMs, this.#context.readTimeoutMs));
    this.#stream.on('data', (chunk: Buffer) => this.#onData(chunk));
    this.#stream.on('end', () => void this.#onEnd());
  }

  /** Ends the call well. */
  reply(message: Uint8Array | null): void {
    if (this.#answered || this.#closed) return;
    this.open();
    this.#answered = true;
    this.#stream.end(message === null ? EMPTY_FRAME : grpcFrame(message));
  }

  /** For answers of several messages: sends the headers, then write() messages, then end(). */
  open(): void {
    if (this.#answered || this.#closed || this.#stream.headersSent) return;
    this.#stream.once('wantTrailers', () => this.#stream.sendTrailers(OK_TRAILERS));
    this.#stream.respond(HEADERS, WITH_TRAILERS);
  }

  write(message: Uint8Array): void {
    if (!this.#answered && !this.#closed) this.#stream.write(grpcFrame(message));
  }

  end(): void {
    if (this.#answered || this.#closed) return;
    this.#answered = true;
    this.#stream.end();
  }

  /** Ends the call with a status other than OK, in the headers alone (Trailers-Only). */
  fail(error: unknown): void {
    if (this.#answered || this.#closed) return;
    this.#answered = true;
    const refusal = toRefusal(error);
    this.#context.refused(refusal);
    const stream = this.#stream;
    if (stream.headersSent) {
      stream.close(constants.NGHTTP2_INTERNAL_ERROR);
      return;
    }
    const details = refusal.retryAfterMs === null ? {} : { 'grpc-status-details-bin': toBase64(encodeStatus(refusal.grpcCode, refusal.message, refusal.retryAfterMs)) };
    stream.respond({ ...HEADERS, 'grpc-status': String(refusal.grpcCode), 'grpc-message': encodeGrpcMessage(refusal.message), ...details }, { endStream: true });
    if (!stream.readableEnded) {
      // What is still on its way is thrown away; RST_STREAM with NO_ERROR tells the sender to stop (RFC 9113, 8.1).
      stream.removeAllListeners('data');
      stream.resume();
      setImmediate(() => stream.close(constants.NGHTTP2_NO_ERROR));
    }
    if (!this.#handling) this.#hold.release();
  }

  #onData(chunk: Buffer): void {
    if (this.#answered) return;
    try {
      this.#take(chunk);
    } catch (error) {
      this.fail(error);
    }
  }

  #take(data: Buffer): void {
    let chunk = data;
    if (this.#message === null) {
      if (this.#prefix.length > 0) chunk = Buffer.concat([this.#prefix, chunk]);
      if (chunk.length < PREFIX_BYTES) {
        this.#prefix = Buffer.from(chunk);
        return;
      }
      this.#message = this.#allot(chunk[0]!, chunk.readUInt32BE(1));
      chunk = chunk.subarray(PREFIX_BYTES);
    }
    if (this.#received + chunk.length > this.#message.length) throw new Refusal('malformed', GrpcCode.UNIMPLEMENTED, 400, 'more than one message in a call that takes one');
    this.#message.set(chunk, this.#received);
    this.#received += chunk.length;
  }

  #allot(flags: number, length: number): Buffer {
    if (flags > 1) throw new Refusal('malformed', GrpcCode.INTERNAL, 400, `the message's flags are ${flags}, not 0 or 1`);
    if (flags === 1) this.#compression = this.#encoding();
    const limit = this.#method.maxMessageBytes;
    if (length > limit) throw tooLarge(`a message of ${length} bytes is larger than the limit of ${limit}`);
    return this.#hold.allot(length);
  }

  #encoding(): Compression {
    const encoding = this.#headers['grpc-encoding'];
    if (encoding === undefined || encoding === 'identity') throw new Refusal('malformed', GrpcCode.INTERNAL, 400, 'the message is marked as compressed, without a grpc-encoding');
    if (typeof encoding === 'string' && isGrpcEncoding(encoding)) return encoding;
    throw new Refusal('unsupported', GrpcCode.UNIMPLEMENTED, 415, `grpc-encoding '${String(encoding).slice(0, 40)}' is not supported: use ${[...GRPC_ENCODINGS, 'identity'].join(' or ')}`);
  }

  async #onEnd(): Promise<void> {
    if (this.#answered || this.#closed) return;
    const message = this.#message;
    if (message === null || this.#received !== message.length) {
      const expected = message === null ? 'its prefix' : `${message.length} bytes`;
      this.fail(malformed(`the message is cut off: ${message === null ? this.#prefix.length : this.#received} of ${expected} arrived`));
      return;
    }
    this.#handling = true;
    try {
      const plain = this.#compression ? await decompress(this.#compression, message, this.#method.maxMessageBytes, this.#hold) : message;
      this.#message = null;
      await this.#method.handle(this, plain, this.#tenant, this.#headers);
    } catch (error) {
      this.fail(error);
    } finally {
      this.#handling = false;
      this.#hold.release();
    }
  }

  #armTimer(ms: number): void {
    if (ms <= MAX_TIMER_MS) this.#timer = setTimeout(() => this.#onTimer(), ms);
  }

  #onTimer(): void {
    const elapsedMs = performance.now() - this.#startedMs;
    if (elapsedMs + 1 >= this.#deadlineMs) {
      this.fail(new Refusal('deadline', GrpcCode.DEADLINE_EXCEEDED, 504, `the caller's deadline of ${this.#deadlineMs} ms passed`));
    } else if (this.#stream.readableEnded) {
      this.#armTimer(this.#deadlineMs - elapsedMs);
    } else {
      this.fail(new Refusal('deadline', GrpcCode.DEADLINE_EXCEEDED, 408, `the message did not arrive within ${this.#context.readTimeoutMs} ms`));
    }
  }

  #onClose(): void {
    if (this.#timer) clearTimeout(this.#timer);
    if (!this.#answered && !this.#handling) this.#context.cutOff();
    this.#closed = true;
    if (!this.#handling) this.#hold.release();
  }
}

/** Binary headers travel as base64 without padding. */
function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64').replace(/=+$/, '');
}
