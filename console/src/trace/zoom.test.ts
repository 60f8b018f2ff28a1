import assert from 'node:assert/strict';
import { barPlace, offsetTicks, readZoom, whole, zoomBetween, zoomText } from './zoom.js';

describe('zoom of a trace', () => {
  it('is read from an address and written to it', () => {
    assert.deepEqual(readZoom('0.25-0.5'), { from: 0.25, to: 0.5 });
    assert.equal(zoomText({ from: 0.25, to: 0.5 }), '0.25-0.5');
    assert.equal(zoomText(whole), null);
    for (const text of [null, '', '0.5-0.25', '0.5-0.5', '2-3', 'a-b', '-0.1-1']) assert.deepEqual(readZoom(text), whole);
  });

  it('lies between two places in any order, within the trace; a mere click is the whole', () => {
    assert.deepEqual(zoomBetween(0.7, 0.2), { from: 0.2, to: 0.7 });
    assert.deepEqual(zoomBetween(-1, 0.5), { from: 0, to: 0.5 });
    assert.deepEqual(zoomBetween(0.5, 0.5), whole);
  });

  it('places bars within the shown part, cut at its edges', () => {
    assert.deepEqual(barPlace(25, 50, 100, whole), { left: 25, width: 50 });
    assert.deepEqual(barPlace(25, 50, 100, { from: 0.5, to: 1 }), { left: 0, width: 50 });
    assert.equal(barPlace(0, 10, 100, { from: 0.5, to: 1 }), null);
    assert.equal(barPlace(90, 10, 100, { from: 0, to: 0.5 }), null);
    assert.deepEqual(barPlace(0, 0, 0, whole), { left: 0, width: 0 });
  });

  it('has round ticks', () => {
    assert.deepEqual(offsetTicks(199e6, whole, 4), [0, 50e6, 100e6, 150e6]);
    assert.deepEqual(offsetTicks(1000, { from: 0.5, to: 1 }, 5), [500, 600, 700, 800, 900, 1000]);
    assert.deepEqual(offsetTicks(0, whole, 5), [0]);
  });
});
