import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { showTally } from './show-tally.js';
import { WarningTally } from './warning-tally.js';

const line = (level: string): string => JSON.stringify({ level, message: 'card declined' });

describe('warnings of the demo', () => {
  it('are counted by service; other lines of its log count for nothing, and what is none is not taken', () => {
    const tally = new WarningTally();
    assert.equal(tally.text(), '');
    assert.equal(tally.take('payments', line('error')), true);
    assert.equal(tally.text(), '1 warning or error so far: payments 1');
    for (const [service, level] of [['storefront', 'error'], ['orders', 'warn'], ['storefront', 'warn'], ['orders', 'info']] as const) assert.equal(tally.take(service, line(level)), true);
    assert.equal(tally.text(), '4 warnings and errors so far: orders 1, payments 1, storefront 2');
    for (const other of ['TypeError: x is undefined', '    at main.js:1:1', '{"a":1}', '12', '']) assert.equal(tally.take('orders', other), false, other);
  });

  it('stand in one line of a terminal, which is written again; elsewhere in few lines', () => {
    for (const [terminal, shown] of [
      [true, '\u001b[2K1 warning or error so far: payments 1\r\u001b[2K2 warnings and errors so far: payments 2\r\u001b[2K'],
      [false, '1 warning or error so far: payments 1\n2 warnings and errors so far: payments 2\n'],
    ] as const) {
      const out = new PassThrough();
      const tally = new WarningTally();
      const screen = showTally(tally, out, { terminal, columns: () => 80 });
      screen.show();
      tally.take('payments', line('error'));
      screen.show();
      screen.show();
      tally.take('payments', line('error'));
      screen.show();
      screen.close();
      assert.equal(String(out.read()), shown);
    }
  });

  it('never take more than a line', () => {
    const out = new PassThrough();
    const tally = new WarningTally();
    tally.take('a-service-with-a-long-name', line('warn'));
    const screen = showTally(tally, out, { terminal: true, columns: () => 20 });
    screen.show();
    assert.equal(String(out.read()), '\u001b[2K1 warning or error \r');
    screen.close();
  });
});
