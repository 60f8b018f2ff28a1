import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { AgentContextManager } from './context-manager.js';

const KEY = createContextKey('test');

describe('AgentContextManager', () => {
  const manager = new AgentContextManager();
  const first = ROOT_CONTEXT.setValue(KEY, 'first');
  const second = ROOT_CONTEXT.setValue(KEY, 'second');
  const active = (): unknown => manager.active().getValue(KEY);

  it('is the root outside, what it was told within, and follows promises and timers', async () => {
    assert.equal(manager.active(), ROOT_CONTEXT);
    const seen = await manager.with(first, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return active();
    });
    assert.equal(seen, 'first');
    assert.equal(active(), undefined);
  });

  it('hands on this, arguments, results and errors', () => {
    const self = { name: 'self' };
    const fn = function (this: typeof self, a: number, b: number): string {
      return `${this.name} ${a + b} ${String(active())}`;
    };
    assert.equal(manager.with(first, fn, self, 1, 2), 'self 3 first');
    const bound = manager.bind(second, fn);
    assert.equal(bound.length, 2);
    assert.equal(bound.call(self, 1, 2), 'self 3 second');
    assert.throws(() => manager.with(first, () => { throw new Error('its own'); }), /its own/);
  });

  it('sends the events of a bound emitter within its context, to listeners that were there and to those that come', () => {
    const emitter = new EventEmitter();
    const seen: unknown[] = [];
    const note = (...args: unknown[]): void => void seen.push([active(), ...args]);
    emitter.on('event', note);
    assert.equal(manager.bind(first, emitter), emitter);
    emitter.once('event', note);
    manager.with(second, () => assert.equal(emitter.emit('event', 1, 2), true));
    assert.deepEqual(seen, [['first', 1, 2], ['first', 1, 2]]);
    assert.equal(active(), undefined);
  });

  it('leaves listeners what they are, so that they can be removed', () => {
    const emitter = manager.bind(first, new EventEmitter());
    emitter.on('event', assert.fail).once('event', assert.fail).prependListener('event', assert.fail);
    assert.deepEqual(emitter.listeners('event'), [assert.fail, assert.fail, assert.fail]);
    for (let times = 0; times < 3; times++) emitter.off('event', assert.fail);
    assert.equal(emitter.emit('event'), false);
  });

  it('keeps the first context that an emitter is bound to', () => {
    const emitter = manager.bind(second, manager.bind(first, new EventEmitter()));
    let seen: unknown;
    emitter.on('event', () => (seen = active()));
    emitter.emit('event');
    assert.equal(seen, 'first');
  });

  it('goes on to an emit of the application\'s own', () => {
    class Doubling extends EventEmitter {
      override emit(event: string, ...args: unknown[]): boolean {
        return super.emit(event, ...args) && super.emit(event, ...args);
      }
    }
    const inherited = new Doubling();
    const given = new EventEmitter();
    const plain = given.emit.bind(given);
    given.emit = (event: string | symbol, ...args: unknown[]) => plain(event, ...args) && plain(event, ...args);
    for (const emitter of [inherited, given]) {
      const seen: unknown[] = [];
      manager.bind(first, emitter).on('event', () => seen.push(active()));
      emitter.emit('event');
      assert.deepEqual(seen, ['first', 'first']);
    }
  });

  it('throws what a listener throws, and an error event that nobody listens to', () => {
    const emitter = manager.bind(first, new EventEmitter());
    assert.throws(() => emitter.emit('error', new Error('unheard')), /unheard/);
    assert.equal(active(), undefined);
  });
});
