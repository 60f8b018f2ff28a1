import assert from 'node:assert/strict';
import { serviceColours } from './service-colours.js';

describe('colours of services', () => {
  it('are the same whatever the order, and different for each of up to fourteen', () => {
    const names = Array.from({ length: 14 }, (_, i) => `service-${i}`);
    const colours = serviceColours(names);
    assert.deepEqual(serviceColours([...names].reverse()), colours);
    assert.equal(new Set(colours.values()).size, 14);
  });

  it('are there for any number', () => {
    assert.equal(serviceColours(Array.from({ length: 100 }, (_, i) => `s${i}`)).size, 100);
    assert.equal(serviceColours(['a', 'a']).size, 1);
  });
});
