import assert from 'node:assert/strict';
import { parseEnd, rangeLabel, readRange, resolve, toLocalInput, zoneText } from './range.js';

const now = Date.UTC(2026, 10, 21, 12, 0, 0);
const hour = { from: 'now-1h', to: 'now' };

describe('time ranges', () => {
  const ends: readonly [text: string, ms: number | null][] = [
    ['now', now], ['now-15m', now - 900_000], ['now-7d', now - 604_800_000], ['1700000000000', 1_700_000_000_000], ['now+1h', null], ['yesterday', null], ['now-1y', null], ['', null],
  ];
  for (const [text, ms] of ends) it(`reads ${JSON.stringify(text)}`, () => { assert.equal(parseEnd(text, now), ms); });

  it('is never empty or turned round', () => {
    assert.deepEqual(resolve({ from: 'now', to: 'now-1h' }, now), { fromMs: now - 3_600_001, toMs: now - 3_600_000 });
    assert.deepEqual(resolve({ from: 'odd', to: 'odd' }, now), { fromMs: now - 3_600_000, toMs: now });
  });

  it('is read from an address, or is the usual one', () => {
    assert.deepEqual(readRange(new URLSearchParams('from=now-6h&to=now'), hour), { from: 'now-6h', to: 'now' });
    assert.deepEqual(readRange(new URLSearchParams('from=now-6h'), hour), { from: 'now-6h', to: 'now' });
    assert.deepEqual(readRange(new URLSearchParams('from=x&to=now'), hour), hour);
    assert.deepEqual(readRange(new URLSearchParams(''), hour), hour);
  });

  it('has a name', () => {
    assert.equal(rangeLabel(hour, now), 'Last hour');
    assert.equal(rangeLabel({ from: 'now-90m', to: 'now' }, now), 'Last 90m');
    const from = new Date(2026, 10, 21, 9, 5, 6).getTime();
    assert.equal(rangeLabel({ from: String(from), to: String(from + 60_000) }, from), '09:05:06 to 09:06:06');
  });

  const zones: readonly [offset: number, text: string][] = [[0, 'UTC+00:00'], [-120, 'UTC+02:00'], [210, 'UTC−03:30']];
  for (const [offset, text] of zones) it(`are in ${text}`, () => { assert.equal(zoneText(Object.assign(new Date(), { getTimezoneOffset: () => offset })), text); });

  it('goes into a field for local time and back', () => {
    const ms = new Date(2026, 0, 2, 3, 4, 5).getTime();
    assert.equal(toLocalInput(ms), '2026-01-02T03:04:05');
    assert.equal(Date.parse(toLocalInput(ms)), ms);
  });
});
