import assert from 'node:assert/strict';
import { createLogger } from './logger.js';

function capture(isTTY = false): { lines: string[]; stream: { write(text: string): void; isTTY: boolean } } {
  const lines: string[] = [];
  return { lines, stream: { write: (text) => void lines.push(text), isTTY } };
}

describe('telemetry/logger', () => {
  it('writes one JSON object a line and takes secrets out at any depth', () => {
    const { lines, stream } = capture();
    const logger = createLogger({ stream, name: 'receive', nowMs: () => 0 });
    logger.debug('left out');
    logger.info('listening', { port: 4317, headers: { Authorization: 'Bearer x', list: [{ api_key: 'k', user: 'u' }] }, big: 5n });
    assert.equal(lines.length, 1);
    assert.deepEqual(JSON.parse(lines[0]!), {
      time: '1970-01-01T00:00:00.000Z', level: 'info', name: 'receive', message: 'listening',
      port: 4317, headers: { Authorization: '[redacted]', list: [{ api_key: '[redacted]', user: 'u' }] }, big: '5',
    });
  });

  it('writes text on a terminal, under a child name', () => {
    const { lines, stream } = capture(true);
    createLogger({ stream, nowMs: () => 0 }).child('loki').warn('slow answer', { ms: 12, url: 'http://x y' });
    assert.deepEqual(lines, ['00:00:00.000 WARN  loki: slow answer ms=12 url="http://x y"\n']);
  });

  it('survives what JSON cannot hold', () => {
    const { lines, stream } = capture();
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    createLogger({ stream }).error('odd', { circle, error: new TypeError('bad'), bytes: new Uint8Array(3), long: 'x'.repeat(10_000) });
    const line = JSON.parse(lines[0]!) as Record<string, Record<string, unknown>>;
    assert.equal(line['error']!['error'], 'TypeError: bad');
    assert.equal(line['bytes'], '[3 bytes]');
    assert.ok(lines[0]!.length < 15_000);
  });
});
