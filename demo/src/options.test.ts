import assert from 'node:assert/strict';
import { OptionError, readOptions } from './options.js';

describe('options of the demo', () => {
  it('has a default for everything', () => {
    assert.deepEqual(readOptions([]), { otlpUrl: 'http://127.0.0.1:4317', consoleUrl: 'http://127.0.0.1:4319', rate: 5 });
  });

  it('takes what is given', () => {
    assert.deepEqual(readOptions(['--otlp', 'http://127.0.0.1:9/', '--console=http://c', '--rate', '0.5']), {
      otlpUrl: 'http://127.0.0.1:9', consoleUrl: 'http://c', rate: 0.5,
    });
    assert.equal(readOptions(['--help']), 'help');
  });

  for (const [args, message] of [
    [['--rate', 'fast'], /--rate is "fast".*0\.1 to 100/],
    [['--rate', '0'], /--rate/],
    [['--otlp', '127.0.0.1:4317'], /--otlp.*http:/],
    [['--colour'], /--colour/],
  ] as const) {
    it(`refuses ${args.join(' ')}`, () => {
      assert.throws(() => readOptions(args), (error) => error instanceof OptionError && message.test(error.message));
    });
  }
});
