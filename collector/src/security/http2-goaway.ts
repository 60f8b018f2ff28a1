import type { Duplex } from 'node:stream';

const PREFACE = 'PRI * HTTP/2.0';
const FRAME_SETTINGS = 0x4;
const FRAME_GOAWAY = 0x7;
/** RFC 9113, 7: the client should use HTTP/1.1 here. */
const HTTP_1_1_REQUIRED = 0xd;

export function isHttp2Preface(bytes: Uint8Array | undefined): boolean {
  return bytes !== undefined && Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, PREFACE.length)).toString('latin1') === PREFACE;
}

/** Answers a client that speaks HTTP/2 (gRPC) in its own language: SETTINGS, then GOAWAY with the hint, which clients show. */
export function goAway(socket: Duplex, hint: string): void {
  const debug = Buffer.from(hint);
  const payload = Buffer.alloc(8 + debug.length);
  payload.writeUInt32BE(HTTP_1_1_REQUIRED, 4);
  payload.set(debug, 8);
  socket.end(Buffer.concat([frame(FRAME_SETTINGS, Buffer.alloc(0)), frame(FRAME_GOAWAY, payload)]));
}

/** On stream 0, without flags (RFC 9113, 4.1). */
function frame(type: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header[3] = type;
  return Buffer.concat([header, payload]);
}
