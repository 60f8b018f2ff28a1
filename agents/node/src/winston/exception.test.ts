import assert from 'node:assert/strict';
import { context } from '@opentelemetry/api';
import { logRecord } from './log-record.js';

class Declined extends Error {
  override readonly name = 'Declined';
  constructor(readonly reason: string) {
    super(`declined: ${reason}`, { cause: new Error('limit reached') });
  }
}

const error = new Declined('stolen');
const { message, stack } = error;

describe('an error in a log record', () => {
  const ways: readonly [how: string, info: object, attributes: Record<string, unknown>][] = [
    ['with own fields', { error, order: 7 }, { order: 7, error: { reason: 'stolen' } }],
    ['at two keys', { err: error, error }, { error: { reason: 'stolen' } }],
    ['that a format has made an object of', { error: { name: 'Declined', message, stack, reason: 'stolen' } }, { error: { reason: 'stolen' } }],
    ['that a format has made an object of, with a type', { err: { type: 'Declined', message, stack } }, {}],
    ['as metadata, whose fields winston puts into the line', { [Symbol.for('splat')]: [error], name: 'Declined', reason: 'stolen', stack }, { reason: 'stolen' }],
    ['of which only the stack is left', { stack }, {}],
  ];
  for (const [how, info, rest] of ways) {
    it(`is told once, by exception.*: ${how}`, () => {
      const { attributes } = logRecord({ level: 'error', message: 'failed', ...info }, { context: context.active(), error: undefined, given: [] }, undefined, 0);
      const { 'exception.type': type, 'exception.message': told, 'exception.stacktrace': trace, ...others } = attributes ?? {};
      // V8 writes the stack before the class sets its name.
      assert.match(String(type), /^(Declined|Error)$/);
      assert.equal(told, message);
      assert.ok(String(trace).startsWith(String(stack)));
      assert.deepEqual(others, rest);
      const [first = ''] = String(stack).split('\n');
      assert.equal(JSON.stringify(attributes).split(first).length, 2, 'the stack stands there once');
    });
  }

  it('leaves an object that only has a message', () => {
    const { attributes } = logRecord({ level: 'error', message: 'failed', error: { message: 'no stack' } }, { context: context.active(), error: undefined, given: [] }, undefined, 0);
    assert.deepEqual(attributes, { error: { message: 'no stack' } });
  });
});
