import assert from 'node:assert/strict';
import { waysIn } from './ways-in.js';

const listeners = [{ name: 'otlp/grpc', address: '0.0.0.0:5317', what: '' }, { name: 'otlp/http', address: '127.0.0.1:5318', what: '' }, { name: 'http', address: '127.0.0.1:4319', what: '' }];
const status = { listeners, instrument: 'OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:5317 node --import /opt/signalbox/agents/node/dist/register.js app.js' };

describe('ways in, as the console tells of them', () => {
  it('are those of the appliance, whatever its ports', () => {
    assert.deepEqual(waysIn(status, '127.0.0.1'), { instrument: status.instrument, otlp: ['127.0.0.1:5317 (gRPC)', '127.0.0.1:5318 (HTTP)'] });
    assert.deepEqual(waysIn({ ...status, listeners: listeners.slice(1) }, 'localhost').otlp, ['127.0.0.1:5318 (HTTP)']);
  });

  it('name no file of the appliance’s machine to others', () => {
    assert.deepEqual(waysIn(status, 'signalbox.example.org'), { instrument: 'node --import @signalbox/agent/register app.js', otlp: ['signalbox.example.org:5317 (gRPC)', '127.0.0.1:5318 (HTTP)'] });
  });

  it('are the usual ones until the appliance has answered', () => {
    assert.deepEqual(waysIn(undefined, '127.0.0.1'), { instrument: 'node --import @signalbox/agent/register app.js', otlp: ['127.0.0.1:4317 (gRPC)', '127.0.0.1:4318 (HTTP)'] });
  });
});
