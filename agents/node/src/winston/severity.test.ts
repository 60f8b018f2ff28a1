import assert from 'node:assert/strict';
import winston from 'winston';
import { severityNumber } from './severity.js';

describe('severityNumber', () => {
  for (const [name, levels] of Object.entries({ npm: winston.config.npm.levels, syslog: winston.config.syslog.levels, cli: winston.config.cli.levels })) {
    it(`falls with the rank of ${name}'s levels, and knows all of them`, () => {
      const numbers = Object.entries(levels).sort(([, a], [, b]) => a - b).map(([level]) => severityNumber(level));
      assert.ok(numbers.every((number) => number > 0), String(numbers));
      // Among cli's chatter (help, data, info) the order is its own.
      if (name !== 'cli') assert.deepEqual(numbers, [...numbers].sort((a, b) => b - a));
    });
  }

  it('does not guess at names of an application', () => {
    assert.equal(severityNumber('loud'), 0);
    assert.equal(severityNumber('Fatal'), 21);
  });
});
