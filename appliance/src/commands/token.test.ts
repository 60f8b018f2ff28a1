import assert from 'node:assert/strict';
import { usesOf } from './token.js';

describe('where a new token goes', () => {
  it('depends on what it allows', () => {
    assert.deepEqual([/SIGNALBOX_TOKEN/, /OTEL_EXPORTER_OTLP_HEADERS/, /console/, /curl/].map((use) => use.test(usesOf(['read']))), [false, false, true, true]);
    assert.deepEqual([/SIGNALBOX_TOKEN/, /OTEL_EXPORTER_OTLP_HEADERS/, /console/, /curl/].map((use) => use.test(usesOf(['write']))), [true, true, false, false]);
    assert.equal(usesOf(['write', 'read']).split('\n').length, 5);
  });
});
