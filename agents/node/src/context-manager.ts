import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import type { Context, ContextManager } from '@opentelemetry/api';
import { ROOT_CONTEXT } from '@opentelemetry/api';

/** What an emitter is bound to. */
const CONTEXT = Symbol('signalbox.context');

interface BoundEmitter extends EventEmitter {
  [CONTEXT]?: Context;
}

type Emit = (this: BoundEmitter, event: string | symbol, ...args: unknown[]) => boolean;
type Callable = (this: unknown, ...args: unknown[]) => unknown;

/**
 * The active context by AsyncLocalStorage, as the SDK's own manager has it, but for what is bound to an event emitter:
 * there every method that adds or removes listeners is replaced by a closure of that one emitter, eight for each request
 * and as many for its response. Here an emitter is told its context, and one function that all of them share sends its
 * events within it.
 */
export class AgentContextManager implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>();
  readonly #emit: Emit;

  constructor() {
    const storage = this.#storage;
    this.#emit = function (event, ...args) {
      const emit: Emit = Object.getPrototypeOf(this).emit;
      const context = this[CONTEXT];
      return context === undefined ? emit.call(this, event, ...args) : storage.run(context, () => emit.call(this, event, ...args));
    };
  }

  active(): Context {
    return this.#storage.getStore() ?? ROOT_CONTEXT;
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(context: Context, fn: F, thisArg?: ThisParameterType<F>, ...args: A): ReturnType<F> {
    if (thisArg === undefined || thisArg === null) return this.#storage.run(context, fn, ...args);
    return this.#storage.run(context, () => fn.apply(thisArg, args));
  }

  bind<T>(context: Context, target: T): T {
    if (target instanceof EventEmitter) this.#bindEmitter(context, target);
    return isCallable(target) ? this.#bindFunction(context, target) : target;
  }

  enable(): this {
    return this;
  }

  disable(): this {
    this.#storage.disable();
    return this;
  }

  #bindFunction<T extends Callable>(context: Context, target: T): T {
    const storage = this.#storage;
    const bound = function (this: unknown, ...args: unknown[]): unknown {
      return storage.run(context, () => target.apply(this, args));
    };
    Object.defineProperty(bound, 'length', { configurable: true, value: target.length });
    return bound as T;
  }

  /** The first context that an emitter is bound to stays; an `emit` that somebody else gave it goes on within ours. */
  #bindEmitter(context: Context, emitter: BoundEmitter): void {
    if (emitter[CONTEXT] !== undefined) return;
    emitter[CONTEXT] = context;
    if (!Object.hasOwn(emitter, 'emit')) {
      emitter.emit = this.#emit;
      return;
    }
    const own = emitter.emit;
    emitter.emit = (event: string | symbol, ...args: unknown[]) => this.#storage.run(context, () => own.call(emitter, event, ...args));
  }
}

function isCallable(value: unknown): value is Callable {
  return typeof value === 'function';
}
