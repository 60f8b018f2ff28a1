const LEVEL = Symbol.for('level');

/**
 * Whether at least one transport of a winston logger writes a line, by the rules of winston-transport: a transport's
 * own level, else the logger's; silent ones write nothing; uncaught exceptions go to those that handle them. Without
 * any transport the logger's level decides. Where the application has OpenTelemetry's own transport, that one exports.
 */
export function isWritten(logger: object, info: object): boolean {
  const { levels, level, transports } = loggerState(logger);
  const rank = levels[String(Reflect.get(info, LEVEL) ?? '')];
  const admits = (limit: unknown): boolean => {
    if (typeof limit !== 'string' || limit === '') return true;
    const most = levels[limit];
    return rank !== undefined && most !== undefined && rank <= most;
  };
  if (transports.some(exportsItself)) return false;
  if (transports.length === 0) return admits(level);
  const exception = Reflect.get(info, 'exception') === true;
  return transports.some((transport) => {
    if (typeof transport !== 'object' || transport === null) return false;
    const own = (key: string): unknown => Reflect.get(transport, key);
    if (own('silent') === true || (exception && own('handleExceptions') !== true)) return false;
    return admits(own('level') || level);
  });
}

function exportsItself(transport: unknown): boolean {
  return typeof transport === 'object' && transport !== null && transport.constructor.name === 'OpenTelemetryTransportV3';
}

function loggerState(logger: object): { levels: Readonly<Record<string, number>>; level: unknown; transports: readonly unknown[] } {
  const levels: unknown = Reflect.get(logger, 'levels');
  const transports: unknown = Reflect.get(logger, 'transports');
  return {
    levels: isLevels(levels) ? levels : {},
    level: Reflect.get(logger, 'level'),
    transports: Array.isArray(transports) ? transports : [],
  };
}

function isLevels(value: unknown): value is Record<string, number> {
  return typeof value === 'object' && value !== null && Object.values(value).every((rank) => typeof rank === 'number');
}
