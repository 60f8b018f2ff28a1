import type { IncomingMessage } from 'node:http';
import { GrpcCode } from './grpc-code.js';
import type { Hold } from './hold.js';
import { Refusal, tooLarge } from './refusal.js';

/** The client went away; there is nobody to answer. */
export class CutOff extends Error {}

/**
 * Reads a body of at most `limit` bytes, each of them taken from the budget before it is kept: with a content-length all at once,
 * into a buffer of that size, else piece by piece.
 * @throws Refusal `too_large`; IntakeFull; CutOff
 */
export function readBody(request: IncomingMessage, limit: number, hold: Hold): Promise<Buffer> {
  const declared = request.headers['content-length'];
  const length = declared === undefined ? null : Number(declared);
  if (length !== null && length > limit) return Promise.reject(tooLarge(`a body of ${length} bytes is larger than the limit of ${limit}`));
  return new Promise((resolve, reject) => {
    // The promise turns what this throws into a rejection.
    const whole = length === null ? null : hold.allot(length);
    const pieces: Buffer[] = [];
    let received = 0;
    const stop = (error: unknown): void => {
      request.off('data', onData).off('end', onEnd);
      request.resume();
      reject(error);
    };
    const onData = (chunk: Buffer): void => {
      if (whole) {
        whole.set(chunk, received);
      } else {
        if (received + chunk.length > limit) return stop(tooLarge(`the body is larger than the limit of ${limit} bytes`));
        try {
          hold.take(chunk.length);
        } catch (error) {
          return stop(error);
        }
        pieces.push(chunk);
      }
      received += chunk.length;
    };
    const onEnd = (): void => {
      if (whole && received < whole.length) reject(new Refusal('malformed', GrpcCode.INVALID_ARGUMENT, 400, `the body is cut off: ${received} of ${whole.length} bytes arrived`));
      else resolve(whole ?? (pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, received)));
    };
    request.on('data', onData).on('end', onEnd).once('error', () => reject(new CutOff())).once('close', () => reject(new CutOff()));
  });
}
