import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { flushAtExit } from './exit-flush.js';

class FakeProcess extends EventEmitter {
  readonly pid = 42;
  constructor(readonly log: string[]) {
    super();
  }
  kill(pid: number, signal: string): void {
    this.log.push(`kill ${pid} ${signal}, ${this.listenerCount(signal)} listeners`);
  }
}

function ending() {
  const log: string[] = [];
  const target = new FakeProcess(log);
  flushAtExit(target, {
    collect: async () => void log.push('collect'),
    collectNow: () => void log.push('collect now'),
    drain: () => void log.push('drain'),
    signals: true,
  });
  return { log, target };
}

// The end of a real process is tested with real processes; here stands only what they cannot show.
describe('flushAtExit', () => {
  it('ends by the signal itself where nobody else listens, after the flush', async () => {
    const { log, target } = ending();
    target.emit('SIGTERM', 'SIGTERM');
    await turn();
    assert.deepEqual(log, ['collect', 'drain', 'kill 42 SIGTERM, 0 listeners']);
  });

  it('leaves a signal to the application that listens for it', async () => {
    const { log, target } = ending();
    target.on('SIGTERM', () => log.push('own'));
    target.emit('SIGTERM', 'SIGTERM');
    await turn();
    assert.deepEqual(log, ['own']);
  });

  it('does not make an impatient second signal wait', async () => {
    const { log, target } = ending();
    target.emit('SIGINT', 'SIGINT');
    target.emit('SIGINT', 'SIGINT');
    assert.deepEqual(log, ['collect', 'kill 42 SIGINT, 0 listeners']);
  });

  it('collects once, however often the event loop runs empty', () => {
    const { log, target } = ending();
    target.emit('beforeExit');
    target.emit('beforeExit');
    target.emit('exit');
    assert.deepEqual(log, ['collect', 'drain']);
  });

  it('collects at once where the event loop has no turn left', () => {
    const { log, target } = ending();
    target.emit('exit');
    assert.deepEqual(log, ['collect now', 'drain']);
  });
});
