import type { Socket } from 'node:net';

export type Spoken = 'http2' | 'http1' | 'tls' | 'unknown';

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const HTTP1_METHOD = /^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT|TRACE) /;

/** What a client speaks, from the first bytes it sent; null while they are too few to say. */
function spokenBy(bytes: Buffer): Spoken | null {
  const known = Math.min(bytes.length, PREFACE.length);
  if (bytes.subarray(0, known).equals(PREFACE.subarray(0, known))) return known >= 4 ? 'http2' : null;
  if (bytes[0] === 0x16 && (bytes.length < 2 || bytes[1] === 0x03)) return 'tls';
  if (bytes.length < 8) return /^[A-Z]+ ?/.test(bytes.toString('latin1')) && !bytes.includes(0x20) ? null : spokenAsText(bytes);
  return spokenAsText(bytes);
}

function spokenAsText(bytes: Buffer): Spoken {
  return HTTP1_METHOD.test(bytes.toString('latin1', 0, 8)) ? 'http1' : 'unknown';
}

/**
 * Reads a connection's first bytes, puts them back, and says what is spoken; null when the connection ended or nothing came in
 * time. `node:http2` alone would close such a connection without a word.
 */
export function readFirstBytes(socket: Socket, timeoutMs: number): Promise<Spoken | null> {
  return new Promise((resolve) => {
    let seen: Buffer = Buffer.alloc(0);
    const settle = (spoken: Spoken | null): void => {
      clearTimeout(timer);
      socket.off('readable', onReadable).off('close', onClose).off('end', onClose);
      if (seen.length > 0) socket.unshift(seen);
      resolve(spoken);
    };
    const onClose = (): void => settle(null);
    const onReadable = (): void => {
      const chunk: unknown = socket.read();
      if (!Buffer.isBuffer(chunk)) return;
      seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
      const spoken = spokenBy(seen);
      if (spoken !== null) settle(spoken);
    };
    const timer = setTimeout(onClose, timeoutMs);
    socket.on('readable', onReadable).once('close', onClose).once('end', onClose);
  });
}
