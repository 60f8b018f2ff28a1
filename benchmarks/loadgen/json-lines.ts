import { closeSync, openSync, writeSync } from 'node:fs';
import { Random } from './random.js';

/** Bytes of a line, its newline included. */
const LINE_BYTES = 317;

const LEVELS = ['debug', 'info', 'info', 'info', 'info', 'warn', 'error'];
const ROUTES = ['/api/v1/orders', '/api/v1/cart/items', '/api/v1/products/search', '/checkout', '/healthz'];
const WORDS = ['order', 'placed', 'payment', 'authorised', 'by', 'provider', 'stock', 'reserved', 'for', 'customer', 'shipment', 'grüße', 'queued', 'retry', 'after', 'timeout'];

/** One line as services write it: flat JSON of 317 bytes; one in a hundred has escapes or a nested object. */
export function jsonLine(random: Random, i: number): string {
  const hex = (digits: number): string => Array.from({ length: digits / 8 }, () => random.next().toString(16).padStart(8, '0')).join('');
  const unusual = i % 100 === 99;
  const head = `{"time":"${new Date(1_795_000_000_000 + i * 3).toISOString()}","level":"${random.pick(LEVELS)}","service":"svc-${random.below(10)}","trace_id":"${hex(32)}","span_id":"${hex(16)}","http.route":"${random.pick(ROUTES)}","status":${random.pick([200, 200, 201, 404, 500])},"duration_ms":${(random.below(1_000_000) / 1000).toFixed(3)},"user":"u-${random.below(100_000)}"${unusual ? ',"cart":{"items":3}' : ''},"msg":"${unusual ? 'said \\"no\\" ' : ''}`;
  let message = '';
  let left = LINE_BYTES - 1 - Buffer.byteLength(head) - 2;
  while (left > 0) {
    const word = `${random.pick(WORDS)} `;
    const bytes = Buffer.byteLength(word);
    if (bytes > left) {
      message += 'x'.repeat(left);
      break;
    }
    message += word;
    left -= bytes;
  }
  return `${head}${message}"}\n`;
}

/** Writes so many lines into a file. */
export function writeJsonLines(path: string, count: number): void {
  const random = new Random(317);
  const fd = openSync(path, 'w');
  try {
    for (let at = 0; at < count; at += 1000) writeSync(fd, Array.from({ length: Math.min(1000, count - at) }, (_, i) => jsonLine(random, at + i)).join(''));
  } finally {
    closeSync(fd);
  }
}
