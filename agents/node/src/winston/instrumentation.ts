import type { Context, SpanContext } from '@opentelemetry/api';
import { context, isSpanContextValid, trace } from '@opentelemetry/api';
import { InstrumentationBase, InstrumentationNodeModuleDefinition, InstrumentationNodeModuleFile } from '@opentelemetry/instrumentation';
import { logRecord } from './log-record.js';
import { isWritten } from './written.js';

const VERSIONS = ['>=3 <4'];
/** Carries the context of a line from the call to the end of the formats, which may be a later turn of the event loop. */
const CONTEXT = Symbol('signalbox-agent.context');
/** The names of the fields that this agent gave a line. */
const GIVEN = Symbol('signalbox-agent.given');

export interface WinstonOptions {
  readonly version: string;
  readonly serviceVersion: string | undefined;
}

/**
 * Gives winston's lines trace_id, span_id and service_version before the application's formats see them, and emits as
 * a log record what at least one of the application's transports writes. No transport is added: the application's own
 * stay the only ones it sees.
 */
export class WinstonInstrumentation extends InstrumentationBase {
  readonly #options: WinstonOptions;

  constructor(options: WinstonOptions) {
    super('@signalbox/agent/winston', options.version, {});
    this.#options = options;
  }

  protected override init(): InstrumentationNodeModuleDefinition[] {
    const file = new InstrumentationNodeModuleFile(
      'winston/lib/winston/logger.js',
      VERSIONS,
      (logger: LoggerClass) => {
        this._wrap(logger.prototype, 'write', (original) => this.#patchWrite(original));
        this._wrap(logger.prototype, 'push', (original) => this.#patchPush(original));
        return logger;
      },
      (logger?: LoggerClass) => {
        if (logger === undefined) return;
        this._unwrap(logger.prototype, 'write');
        this._unwrap(logger.prototype, 'push');
      },
    );
    return [new InstrumentationNodeModuleDefinition('winston', VERSIONS, undefined, undefined, [file])];
  }

  #patchWrite(original: StreamMethod): StreamMethod {
    const stamp = (info: unknown): void => this.#stamp(info);
    return function write(this: object, ...args: unknown[]): unknown {
      stamp(args[0]);
      return original.apply(this, args);
    };
  }

  #patchPush(original: StreamMethod): StreamMethod {
    const emit = (logger: object, info: unknown): void => this.#emit(logger, info);
    return function push(this: object, ...args: unknown[]): unknown {
      emit(this, args[0]);
      return original.apply(this, args);
    };
  }

  #stamp(info: unknown): void {
    if (typeof info !== 'object' || info === null) return;
    try {
      const active = context.active();
      giveFields(info, trace.getSpanContext(active), this.#options.serviceVersion);
      Reflect.set(info, CONTEXT, active);
    } catch (error) {
      this._diag.debug('a line could not be given its trace', error);
    }
  }

  #emit(logger: object, info: unknown): void {
    if (typeof info !== 'object' || info === null) return;
    try {
      if (!isWritten(logger, info)) return;
      this.logger.emit(logRecord(info, contextOf(info), this.#options.serviceVersion, Date.now()));
    } catch (error) {
      this._diag.debug('a line could not be emitted as a log record', error);
    }
  }
}

interface LoggerClass {
  readonly prototype: { write: StreamMethod; push: StreamMethod };
}

type StreamMethod = (this: object, ...args: unknown[]) => unknown;

/** Fields of the application's own go before ours; ours of an earlier logging of the same object are renewed. */
function giveFields(info: object, span: SpanContext | undefined, serviceVersion: string | undefined): void {
  const earlier: unknown = Reflect.get(info, GIVEN);
  if (Array.isArray(earlier)) for (const name of earlier) Reflect.deleteProperty(info, name);
  const given: string[] = [];
  const give = (name: string, value: string): void => {
    if (Reflect.get(info, name) !== undefined) return;
    Reflect.set(info, name, value);
    given.push(name);
  };
  if (span !== undefined && isSpanContextValid(span)) {
    give('trace_id', span.traceId);
    give('span_id', span.spanId);
  }
  if (serviceVersion !== undefined) give('service_version', serviceVersion);
  Reflect.set(info, GIVEN, given);
}

function contextOf(info: object): Context {
  const carried: unknown = Reflect.get(info, CONTEXT);
  return isContext(carried) ? carried : context.active();
}

function isContext(value: unknown): value is Context {
  return typeof value === 'object' && value !== null && 'getValue' in value && 'setValue' in value;
}
