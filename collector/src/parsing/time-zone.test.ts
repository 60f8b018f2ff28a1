import assert from 'node:assert/strict';
import { compose, parseTime } from './timestamp.js';
import { knownZone, offsetText, zoneNamed } from './time-zone.js';

describe('parsing/time-zone', () => {
  const at = (local: string, zone: string): string => {
    const time = parseTime(local, knownZone(zone))!;
    return `${new Date(Number(time.ns / 1_000_000n)).toISOString()} ${time.zone}`;
  };

  it('reads local times in summer, in winter and around the change', () => {
    assert.equal(at('2026-07-01 12:00:00', 'Europe/Berlin'), '2026-07-01T10:00:00.000Z +02:00');
    assert.equal(at('2026-01-01 12:00:00', 'Europe/Berlin'), '2026-01-01T11:00:00.000Z +01:00');
    assert.equal(at('2026-03-29 01:59:59', 'Europe/Berlin'), '2026-03-29T00:59:59.000Z +01:00');
    assert.equal(at('2026-03-29 03:00:00', 'Europe/Berlin'), '2026-03-29T01:00:00.000Z +02:00');
    assert.equal(at('2026-10-25 03:00:00', 'Europe/Berlin'), '2026-10-25T02:00:00.000Z +01:00');
    assert.equal(at('2026-07-01 12:00:00.5', 'America/St_Johns'), '2026-07-01T14:30:00.500Z -02:30');
    assert.equal(at('2026-01-01 12:00:00', 'Europe/London'), '2026-01-01T12:00:00.000Z ');
    assert.equal(at('2026-01-01 12:00:00', 'Asia/Kathmandu'), '2026-01-01T06:15:00.000Z +05:45');
  });

  it('gives way to a zone that the text names', () => {
    assert.equal(at('2026-07-01T12:00:00Z', 'Europe/Berlin'), '2026-07-01T12:00:00.000Z ');
    assert.equal(at('2026-07-01T12:00:00-0700', 'Europe/Berlin'), '2026-07-01T19:00:00.000Z -0700');
  });

  it('answers for each time as if it were the first, whatever came before', () => {
    const zone = knownZone('America/New_York');
    const days = Array.from({ length: 400 }, (_, i) => Date.UTC(2026, 0, 1 + ((i * 37) % 365), (i * 7) % 24));
    for (const local of days) {
      const date = new Date(local);
      const parts = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate(), date.getUTCHours(), 0, 0] as const;
      assert.deepEqual(compose(...parts, '', zone), compose(...parts, '', knownZone('America/New_York')), date.toISOString());
    }
  });

  it("knows UTC, offsets, names and the machine's own, and nothing else", () => {
    for (const name of ['', 'UTC', 'Z', '+02:00', '-0730', '+05']) assert.equal(zoneNamed(name), name);
    for (const name of ['Local', 'Europe/Berlin', 'EST5EDT']) assert.equal(typeof zoneNamed(name), 'object', name);
    for (const name of ['Mars', 'Europe/Atlantis', '2', '+2', ' ']) assert.equal(zoneNamed(name), null, name);
    assert.throws(() => knownZone('Mars'), /'Mars': expected UTC, an offset such as \+02:00, or a time zone such as Europe\/Berlin/);
    assert.deepEqual([0, 60, -210, 345].map(offsetText), ['', '+01:00', '-03:30', '+05:45']);
  });
});
