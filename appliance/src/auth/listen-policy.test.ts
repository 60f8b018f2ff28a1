import assert from 'node:assert/strict';
import { decideAuthentication, hostOf } from './listen-policy.js';

describe('who may listen where', () => {
  it('demands no token as long as everything is on loopback', () => {
    assert.equal(decideAuthentication({ endpoints: ['127.0.0.1:4317', 'localhost:4318', '[::1]:4319'], required: false, tokens: 0 }), false);
  });

  for (const endpoint of ['0.0.0.0:4317', ':4318', '[::]:4319', '192.168.1.4:4317', 'signalbox.example.org:4319']) {
    it(`refuses ${endpoint} without any token and says what to do`, () => {
      assert.throws(() => decideAuthentication({ endpoints: ['127.0.0.1:4317', endpoint], required: false, tokens: 0 }), (error: Error & { code: string }) => {
        assert.equal(error.code, 'SBX_AUTH_REQUIRED');
        assert.ok(error.message.includes(endpoint));
        assert.match(error.message, /signalbox token create/);
        return true;
      });
      assert.equal(decideAuthentication({ endpoints: [endpoint], required: false, tokens: 1 }), true);
    });
  }

  it('can demand tokens on loopback too', () => {
    assert.equal(decideAuthentication({ endpoints: ['127.0.0.1:4317'], required: true, tokens: 1 }), true);
    assert.throws(() => decideAuthentication({ endpoints: ['127.0.0.1:4317'], required: true, tokens: 0 }), /signalbox token create/);
  });

  it('names the data directory that the token must be of', () => {
    assert.throws(() => decideAuthentication({ endpoints: [':4317'], required: false, tokens: 0, dataDir: '/var/lib/signalbox' }), /npx signalbox token create --data \/var\/lib\/signalbox\n/);
  });

  it('reads the host of an endpoint', () => {
    assert.deepEqual([':4317', '0.0.0.0:1', '[::1]:2', 'localhost:3'].map(hostOf), ['0.0.0.0', '0.0.0.0', '::1', 'localhost']);
  });
});
