import { strict as assert } from 'node:assert';
import { reachedAt } from './reached-at.js';

const here = { url: 'http://localhost:4319', listeners: [{ name: 'syslog+tcp', address: '127.0.0.1:5140' }, { name: 'zipkin/json', address: '[::]:1' }, { name: 'zipkin/json', address: '[::]:2' }] };
const elsewhere = { url: 'https://signalbox.example.org:4319', listeners: [] };

describe('verify/reached-at', () => {
  for (const [endpoint, appliance, place] of [
    ['127.0.0.1:9411', here, { host: '127.0.0.1', port: 9411 }],
    ['10.0.0.5:9411', here, { host: '10.0.0.5', port: 9411 }],
    ['0.0.0.0:9411', here, { host: '127.0.0.1', port: 9411 }],
    [':9411', here, { host: '127.0.0.1', port: 9411 }],
    ['[::]:9411', here, { host: '::1', port: 9411 }],
    ['0.0.0.0:9411', elsewhere, { host: 'signalbox.example.org', port: 9411 }],
    ['10.0.0.5:9411', elsewhere, { host: '10.0.0.5', port: 9411 }],
  ] as const) {
    it(`reaches ${endpoint} of the appliance at ${appliance.url}`, () => assert.deepEqual(reachedAt(endpoint, 'zipkin/json', appliance), place));
  }

  it('knows a port that was free by its only listener', () => {
    assert.deepEqual(reachedAt('127.0.0.1:0', 'syslog+tcp', here), { host: '127.0.0.1', port: 5140 });
    assert.match(JSON.stringify(reachedAt('127.0.0.1:0', 'zipkin/json', here)), /127\.0\.0\.1:0 is not known.*2 listeners zipkin\/json/);
  });

  it('says what is not reached from another machine', () => {
    assert.match(JSON.stringify(reachedAt('127.0.0.1:9411', 'zipkin/json', elsewhere)), /it listens at 127\.0\.0\.1:9411 alone.*another machine/);
  });
});
