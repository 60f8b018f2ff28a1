import assert from 'node:assert/strict';
import type { Failure } from './export/failure.js';
import { Reachability } from './reachability.js';
import { readSettings } from './settings/settings.js';

const AWAY: Failure = { kind: 'unreachable', text: 'connect ECONNREFUSED', retryable: true };
const NO_TOKEN: Failure = { kind: 'unauthenticated', text: 'no token', retryable: false };

function reachability(environment: Record<string, string> = {}) {
  const lines: string[] = [];
  const notices = { info: (text: string) => void lines.push(text), warn: (text: string) => void lines.push(text) };
  return { lines, state: new Reachability(notices, readSettings(environment).otlp) };
}

describe('Reachability', () => {
  it('warns once, whatever fails how often, and once more when all is well again', () => {
    const { lines, state } = reachability();
    for (let turn = 0; turn < 100; turn++) {
      state.failed('traces', AWAY, 0);
      state.failed('logs', AWAY, 3);
    }
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /SBX_AGENT_UNREACHABLE.*http:\/\/127\.0\.0\.1:4317 \(grpc\).*ECONNREFUSED.*OTEL_EXPORTER_OTLP_ENDPOINT/);
    assert.equal(state.away, true);
    state.dropped('traces', 7);
    state.sent('traces');
    assert.equal(lines.length, 1);
    state.sent('logs');
    assert.equal(lines.length, 2);
    assert.match(lines[1] ?? '', /again; lost meanwhile: 7 spans, 300 log records$/);
    assert.equal(state.away, false);
    state.sent('logs');
    assert.equal(lines.length, 2);
  });

  it('warns anew of another reason', () => {
    const { lines, state } = reachability();
    state.failed('traces', AWAY, 0);
    state.failed('traces', NO_TOKEN, 1);
    assert.equal(lines.length, 2);
    assert.match(lines[1] ?? '', /SIGNALBOX_TOKEN/);
  });

  it('says once for each reason that the spool lost something, and counts it', () => {
    const { lines, state } = reachability();
    state.failed('traces', AWAY, 0);
    state.spoolLost('traces', 5, 'evicted');
    state.spoolLost('traces', 6, 'evicted');
    assert.equal(lines.length, 2);
    assert.match(lines[1] ?? '', /SBX_AGENT_SPOOL.*SIGNALBOX_AGENT_SPOOL_MAX_BYTES/);
    state.sent('traces');
    assert.match(lines[2] ?? '', /lost meanwhile: 11 spans$/);
  });

  it('says once that the queue overflows while the collector is there', () => {
    const { lines, state } = reachability();
    state.dropped('traces', 1);
    state.dropped('traces', 1);
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /SBX_AGENT_QUEUE_FULL.*spans.*OTEL_BSP_MAX_QUEUE_SIZE/);
    assert.equal(state.away, false);
  });

  it('tells two endpoints apart', () => {
    const { lines, state } = reachability({ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://elsewhere:4317' });
    state.failed('traces', AWAY, 0);
    state.failed('logs', AWAY, 0);
    assert.equal(lines.length, 2);
    state.sent('logs');
    assert.match(lines[2] ?? '', /elsewhere.*nothing was lost/);
    assert.equal(state.away, true);
  });
});
