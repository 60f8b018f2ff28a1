import assert from 'node:assert/strict';
import { serviceColours } from '../../design/service-colours.js';
import { seriesColours } from './series-colours.js';

describe('colours of lines', () => {
  const services = ['inventory', 'orders', 'payments'];

  it('are the services’ own where the lines are services', () => {
    const own = serviceColours(services);
    assert.equal(seriesColours(['shop/orders', 'shop/payments'], services).get('shop/orders'), own.get('orders'));
    assert.equal(seriesColours(['payments'], services).get('payments'), own.get('payments'));
  });

  it('differ from one another where they are not', () => {
    const names = Array.from({ length: 14 }, (_, i) => `p${i}`);
    assert.equal(new Set(seriesColours(names, services).values()).size, 14);
    assert.equal(new Set(seriesColours(['orders', 'p99'], services).values()).size, 2);
    assert.equal(seriesColours([], services).size, 0);
  });
});
