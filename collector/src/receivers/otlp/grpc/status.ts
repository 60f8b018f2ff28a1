/** Headers have a limit of their own at the other end: gRPC's is 8 KiB for all of them. */
const MAX_MESSAGE_BYTES = 1024;
const ELLIPSIS = Buffer.from('…');

/** `grpc-message`: UTF-8 with everything but printable ASCII, and the percent sign, percent-encoded (PROTOCOL-HTTP2.md). */
export function encodeGrpcMessage(message: string): string {
  let bytes = Buffer.from(message);
  if (bytes.length > MAX_MESSAGE_BYTES) bytes = Buffer.concat([cutAtCharacter(bytes, MAX_MESSAGE_BYTES), ELLIPSIS]);
  let text = '';
  for (const byte of bytes) {
    text += byte >= 0x20 && byte <= 0x7e && byte !== 0x25 ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return text;
}

function cutAtCharacter(bytes: Buffer, length: number): Buffer {
  let end = length;
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
}

const UNIT_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };

/** Milliseconds of a `grpc-timeout` header; null when it is none. */
export function parseGrpcTimeout(text: string): number | null {
  const match = /^(\d{1,8})([HMSmun])$/.exec(text);
  return match ? Number(match[1]) * UNIT_MS[match[2]!]! : null;
}

/** A message with its five bytes of prefix, not compressed. */
export function grpcFrame(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(5 + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, 5);
  return frame;
}
