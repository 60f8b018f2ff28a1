import { OttlFailure } from '../error.js';
import { define, type FunctionDefinition } from '../compiling/function-definition.js';
import { DurationValue, TimeValue } from '../values.js';
import { parseGoDuration } from './duration-text.js';
import { calendarOf, formatTime, timeParser, zoneOffset } from './time-format.js';

const Now = define('Now', {}, 'time', () => (context) => new TimeValue(context.now()));

const Time = define('Time', { target: 'string', format: 'word', 'location?': 'word', 'locale?': 'word' }, 'time', (args) => {
  const target = args.string('target');
  const layout = args.word('format', '');
  if (layout === '') throw new Error('the format is empty');
  const locale = args.word('locale', 'en');
  if (!/^en\b/.test(locale)) throw new Error(`names of months and days are known in English only, not in the locale '${locale}'`);
  const parse = timeParser(layout, zoneOffset(args.word('location', 'UTC')));
  return (context) => {
    const text = target(context);
    const ns = parse(text);
    if (ns === null) throw new OttlFailure(`Time: '${text.slice(0, 80)}' is not of the form '${layout}'`);
    return new TimeValue(ns);
  };
});

const FormatTime = define('FormatTime', { time: 'time', format: 'word' }, 'string', (args) => {
  const time = args.time('time');
  const format = formatTime(args.word('format', ''));
  return (context) => format(time(context).ns);
});

const Duration = define('Duration', { duration: 'string' }, 'duration', (args) => {
  const text = args.string('duration');
  const literal = args.literal('duration');
  if (typeof literal === 'string' && parseGoDuration(literal) === null) throw new Error(`'${literal}' is no duration such as 1h30m or 500ms`);
  return (context) => {
    const ns = parseGoDuration(text(context));
    if (ns === null) throw new OttlFailure('Duration: the text is no duration such as 1h30m or 500ms');
    return new DurationValue(ns);
  };
});

const TruncateTime = define('TruncateTime', { time: 'time', duration: 'duration' }, 'time', (args) => {
  const time = args.time('time');
  const duration = args.duration('duration');
  return (context) => {
    const { ns } = time(context);
    const unit = duration(context).ns;
    return unit <= 0n ? new TimeValue(ns) : new TimeValue(ns - (((ns % unit) + unit) % unit));
  };
});

function ofTime(name: string, read: (ns: bigint) => bigint): FunctionDefinition {
  return define(name, { time: 'time' }, 'int', (args) => {
    const time = args.time('time');
    return (context) => read(time(context).ns);
  });
}

function ofCalendar(name: string, read: (date: Date, nanosecond: number) => number): FunctionDefinition {
  return ofTime(name, (ns) => {
    const { date, nanosecond } = calendarOf(ns);
    return BigInt(read(date, nanosecond));
  });
}

function ofDuration(name: string, scale: bigint): FunctionDefinition {
  return define(name, { duration: 'duration' }, 'int', (args) => {
    const duration = args.duration('duration');
    return (context) => duration(context).ns / scale;
  });
}

function inUnits(name: string, unitNs: number): FunctionDefinition {
  return define(name, { duration: 'duration' }, 'float', (args) => {
    const duration = args.duration('duration');
    return (context) => Number(duration(context).ns) / unitNs;
  });
}

function fromUnix(name: string, scale: bigint): FunctionDefinition {
  return define(name, { value: 'int' }, 'time', (args) => {
    const value = args.int('value');
    return (context) => new TimeValue(value(context) * scale);
  });
}

export const timeConverters: readonly FunctionDefinition[] = [
  Now, Time, FormatTime, Duration, TruncateTime,
  ofTime('UnixNano', (ns) => ns), ofTime('UnixMicro', (ns) => ns / 1_000n), ofTime('UnixMilli', (ns) => ns / 1_000_000n), ofTime('UnixSeconds', (ns) => ns / 1_000_000_000n),
  fromUnix('Unix', 1_000_000_000n),
  ofCalendar('Year', (date) => date.getUTCFullYear()), ofCalendar('Month', (date) => date.getUTCMonth() + 1), ofCalendar('Day', (date) => date.getUTCDate()),
  ofCalendar('Hour', (date) => date.getUTCHours()), ofCalendar('Minute', (date) => date.getUTCMinutes()), ofCalendar('Second', (date) => date.getUTCSeconds()),
  ofCalendar('Nanosecond', (_date, nanosecond) => nanosecond), ofCalendar('Weekday', (date) => date.getUTCDay()),
  inUnits('Hours', 3.6e12), inUnits('Minutes', 6e10), inUnits('Seconds', 1e9),
  ofDuration('Milliseconds', 1_000_000n), ofDuration('Microseconds', 1_000n), ofDuration('Nanoseconds', 1n),
];
