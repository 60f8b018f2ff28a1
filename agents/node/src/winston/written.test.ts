import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import winston from 'winston';
import { isWritten } from './written.js';

const LEVEL = Symbol.for('level');

type TransportOptions = Omit<winston.transports.StreamTransportOptions, 'stream'>;

/** Whether winston itself writes it, and whether we think so. */
function writes(options: winston.LoggerOptions, transports: readonly TransportOptions[], level: string, fields: object = {}): { real: boolean; ours: boolean } {
  let written = 0;
  const stream = new Writable({
    write(_chunk, _encoding, next) {
      written += 1;
      next();
    },
  });
  const logger = winston.createLogger({ ...options, transports: transports.map((transport) => new winston.transports.Stream({ ...transport, stream })) });
  logger.log({ level, message: 'x', ...fields });
  return { real: written > 0, ours: isWritten(logger, { level, [LEVEL]: level, ...fields }) };
}

describe('isWritten', () => {
  const cases: readonly [name: string, options: winston.LoggerOptions, transports: readonly TransportOptions[], level: string, fields?: object][] = [
    ['at the level', { level: 'info' }, [{}], 'info'],
    ['below the level', { level: 'info' }, [{}], 'debug'],
    ["by a transport's own, more talkative level", { level: 'info' }, [{ level: 'debug' }], 'debug'],
    ["by a transport's own, less talkative level", { level: 'info' }, [{ level: 'error' }], 'info'],
    ['by one of two', { level: 'info' }, [{ level: 'error' }, {}], 'warn'],
    ['by a silent transport', { level: 'info' }, [{ silent: true }], 'info'],
    ['an uncaught exception, by one that does not handle them', { level: 'info' }, [{}], 'error', { exception: true }],
    ['in levels of its own', { levels: { loud: 0, quiet: 1 }, level: 'loud' }, [{}], 'quiet'],
    ['in syslog levels', { levels: winston.config.syslog.levels, level: 'notice' }, [{}], 'crit'],
  ];
  for (const [name, options, transports, level, fields] of cases) {
    it(`agrees with winston ${name}`, () => {
      const { real, ours } = writes(options, transports, level, fields);
      assert.equal(ours, real);
    });
  }

  it('lets the level decide where there is no transport', () => {
    const logger = winston.createLogger({ level: 'info' });
    assert.equal(isWritten(logger, { [LEVEL]: 'warn' }), true);
    assert.equal(isWritten(logger, { [LEVEL]: 'debug' }), false);
  });

  it("leaves it to OpenTelemetry's transport where there is one", () => {
    class OpenTelemetryTransportV3 extends winston.transports.Stream {}
    const stream = new Writable();
    const logger = winston.createLogger({ transports: [new winston.transports.Stream({ stream }), new OpenTelemetryTransportV3({ stream })] });
    assert.equal(isWritten(logger, { [LEVEL]: 'info' }), false);
  });
});
