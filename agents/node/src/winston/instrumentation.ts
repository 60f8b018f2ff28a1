import { InstrumentationBase, InstrumentationNodeModuleDefinition, InstrumentationNodeModuleFile } from '@opentelemetry/instrumentation';
import type { Line } from './line.js';
import { beginLine, lineOfFields } from './line.js';
import { logRecord } from './log-record.js';
import { isWritten } from './written.js';

const VERSIONS = ['>=3 <4'];

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
  readonly #lines = new WeakMap<object, Line>();
  /** The line that is being written: formats may make another object of it. */
  #current: Line | null = null;

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
    const write = (info: unknown, proceed: () => unknown): unknown => this.#write(info, proceed);
    return function (this: object, ...args: unknown[]): unknown {
      return write(args[0], () => original.apply(this, args));
    };
  }

  #patchPush(original: StreamMethod): StreamMethod {
    const emit = (logger: object, info: unknown): void => this.#emit(logger, info);
    return function (this: object, ...args: unknown[]): unknown {
      emit(this, args[0]);
      return original.apply(this, args);
    };
  }

  #write(info: unknown, proceed: () => unknown): unknown {
    const line = this.#begin(info);
    if (line === null) return proceed();
    const outer = this.#current;
    this.#current = line;
    try {
      return proceed();
    } finally {
      this.#current = outer;
    }
  }

  #begin(info: unknown): Line | null {
    if (typeof info !== 'object' || info === null) return null;
    try {
      const line = beginLine(info, this.#lines.get(info), this.#options.serviceVersion);
      this.#lines.set(info, line);
      return line;
    } catch (error) {
      this._diag.debug('a line could not be given its trace', error);
      return null;
    }
  }

  #emit(logger: object, info: unknown): void {
    if (typeof info !== 'object' || info === null) return;
    try {
      if (!isWritten(logger, info)) return;
      const line = this.#lines.get(info) ?? this.#current ?? lineOfFields(info);
      this.logger.emit(logRecord(info, line, this.#options.serviceVersion, Date.now()));
    } catch (error) {
      this._diag.debug('a line could not be emitted as a log record', error);
    }
  }
}

interface LoggerClass {
  readonly prototype: { write: StreamMethod; push: StreamMethod };
}

type StreamMethod = (this: object, ...args: unknown[]) => unknown;
