import assert from 'node:assert/strict';
import { z } from 'zod';
import { byteSize, formatBytes, parseBytes } from './bytes.js';
import { duration, durationOrOff, formatDuration, parseDuration } from './duration.js';
import { editDistance, nearestName } from './nearest.js';

describe('config/duration', () => {
  const durations: readonly (readonly [string, number | null])[] = [
    ['5s', 5000], ['1h30m', 5_400_000], ['100ms', 100], ['1.5s', 1500], ['2d', 172_800_000], ['1w', 604_800_000], ['0', 0], ['250us', 0.25],
    ['', null], ['5', null], ['s', null], ['5 s', null], ['-5s', null], ['1h30', null], ['5s5', null], ['1e3s', null],
  ];
  for (const [text, ms] of durations) it(`reads ${JSON.stringify(text)} as ${ms} ms`, () => assert.equal(parseDuration(text), ms));

  it('writes what it reads', () => {
    for (const ms of [0, 1, 999, 1000, 61_000, 5_400_000, 90_061_001]) assert.equal(parseDuration(formatDuration(ms)), ms);
  });

  it('asks for the unit and holds bounds', () => {
    const schema = z.strictObject({ timeout: duration({ minMs: 10, maxMs: 60_000 }).default(5000), age: durationOrOff().default(null) });
    assert.deepEqual(schema.parse({}), { timeout: 5000, age: null });
    assert.deepEqual(schema.parse({ timeout: '1m', age: 'off' }), { timeout: 60_000, age: null });
    assert.match(schema.safeParse({ timeout: 30 }).error!.issues[0]!.message, /needs a unit: 30s or 30ms/);
    assert.match(schema.safeParse({ timeout: '2m' }).error!.issues[0]!.message, /at most 1m/);
    assert.match(schema.safeParse({ age: 'of' }).error!.issues[0]!.message, /or off/);
  });
});

describe('config/bytes', () => {
  const sizes: readonly (readonly [string, number | null])[] = [
    ['4GiB', 4 * 2 ** 30], ['512MB', 512e6], ['1.5MiB', 1.5 * 2 ** 20], ['1024', 1024], ['64 kib', 65536], ['10%', null], ['', null], ['-1', null], ['9999999TiB', null],
  ];
  for (const [text, bytes] of sizes) it(`reads ${JSON.stringify(text)} as ${bytes}`, () => assert.equal(parseBytes(text), bytes));

  it('takes numbers and holds bounds', () => {
    const schema = z.strictObject({ limit: byteSize({ min: 1024 }) });
    assert.deepEqual(schema.parse({ limit: 2048 }), { limit: 2048 });
    assert.match(schema.safeParse({ limit: 5 }).error!.issues[0]!.message, /at least 1KiB/);
    assert.equal(schema.safeParse({}).success, false);
    assert.equal(formatBytes(16 * 2 ** 20), '16MiB');
  });
});

describe('config/nearest', () => {
  it('counts a swap of neighbours as one', () => assert.equal(editDistance('exproters', 'exporters'), 1));
  it('finds the name that was meant, and none when nothing is near', () => {
    assert.equal(nearestName('lokii', ['loki', 'elasticsearch']), 'loki');
    assert.equal(nearestName('Endpoint', ['endpoint']), 'endpoint');
    assert.equal(nearestName('kafka', ['loki', 'otlp']), null);
    assert.equal(nearestName('x'.repeat(100_000), ['x'.repeat(100_000)]), null);
  });
});
