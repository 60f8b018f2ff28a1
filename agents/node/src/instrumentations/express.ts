import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context, Span } from '@opentelemetry/api';
import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import type { RPCMetadata } from '@opentelemetry/core';
import { getRPCMetadata, RPCType } from '@opentelemetry/core';
import { InstrumentationBase, InstrumentationNodeModuleDefinition } from '@opentelemetry/instrumentation';

const VERSIONS = ['>=4.0.0 <6'];

/** Where the routers are mounted that a request is in, as their paths were written. */
const MOUNT = Symbol('signalbox.express.mount');

type Request = IncomingMessage & { [MOUNT]?: string };
type Next = (outcome?: unknown) => unknown;
type Handle = (this: unknown, request: Request, response: ServerResponse, next: Next) => unknown;

/** A path, or what is called for it, in a router's stack. */
interface Layer {
  handle: Handle;
}

interface RouterMethods {
  readonly stack?: readonly Layer[];
  route(path: unknown): unknown;
  use(...args: unknown[]): unknown;
}

/** In Express 5 the methods are the prototype's, in Express 4 those of the function itself. */
interface Express {
  readonly Router: RouterMethods & { readonly prototype?: Partial<RouterMethods> };
}

/**
 * Express 4 and 5: the request's route, and a span for the handler of a route, with the exception that it fails with.
 * The route is the one that answered, with the paths at which its routers are mounted; a request that no route answers
 * has none (semantic conventions for HTTP, `http.route`). Middleware is not touched: it tells little and costs most.
 */
export class ExpressInstrumentation extends InstrumentationBase {
  constructor(version: string) {
    super('@signalbox/agent/express', version, {});
  }

  protected override init(): InstrumentationNodeModuleDefinition[] {
    const definition = new InstrumentationNodeModuleDefinition(
      'express',
      VERSIONS,
      (express: Express) => {
        const router = methodsOf(express);
        this._wrap(router, 'route', (original) => this.#patchRoute(original));
        this._wrap(router, 'use', (original) => this.#patchUse(original));
        return express;
      },
      (express?: Express) => {
        if (express === undefined) return;
        this._unwrap(methodsOf(express), 'route');
        this._unwrap(methodsOf(express), 'use');
      },
    );
    return [definition];
  }

  #patchRoute(original: RouterMethods['route']): RouterMethods['route'] {
    const routed = (handle: Handle, path: string): Handle => this.#routed(handle, path);
    return function (this: RouterMethods, path) {
      const route = original.call(this, path);
      const layer = this.stack?.at(-1);
      if (layer !== undefined) layer.handle = routed(layer.handle, textOf(path));
      return route;
    };
  }

  #patchUse(original: RouterMethods['use']): RouterMethods['use'] {
    return function (this: RouterMethods, ...args) {
      const before = this.stack?.length ?? 0;
      const answer = original.apply(this, args);
      const path = pathOf(args[0]);
      for (const layer of this.stack?.slice(before) ?? []) if (path !== '' && leadsOn(layer.handle)) layer.handle = mounted(layer.handle, path);
      return answer;
    };
  }

  /** What a route is called with: it knows the route, and runs in a span. */
  #routed(handle: Handle, path: string): Handle {
    const startSpan = (route: string, parent: Context): Span =>
      this.tracer.startSpan(`request handler - ${route}`, { attributes: { 'http.route': route, 'express.name': route, 'express.type': 'request_handler' } }, parent);
    return function (request, response, next) {
      const parent = context.active();
      const metadata = getRPCMetadata(parent);
      const route = `${request[MOUNT] ?? ''}${path}` || '/';
      const before = metadata?.route;
      noteRoute(metadata, route);
      const span = trace.getSpan(parent)?.isRecording() ? startSpan(route, parent) : undefined;
      const end = (): void => span?.end();
      const proceed: Next = (outcome) => {
        if (isError(outcome)) fail(span, outcome);
        else noteRoute(metadata, before);
        response.removeListener('close', end);
        end();
        return context.with(parent, next, undefined, outcome);
      };
      if (span === undefined) return handle.call(this, request, response, proceed);
      response.once('close', end);
      return context.with(trace.setSpan(parent, span), () => handle.call(this, request, response, proceed));
    };
  }
}

function methodsOf({ Router }: Express): RouterMethods {
  const { prototype } = Router;
  return isRouter(prototype) ? prototype : Router;
}

function isRouter(value: Partial<RouterMethods> | undefined): value is RouterMethods {
  return typeof value?.route === 'function' && typeof value.use === 'function';
}

/** Whether what is used has routes of its own: a router, or an application within another one. */
function leadsOn(handle: Handle): boolean {
  return 'stack' in handle || handle.name === 'mounted_app';
}

/** What a router is called with that is mounted at a path. Its properties stay what they were. */
function mounted(handle: Handle, path: string): Handle {
  const enter: Handle = function (request, response, next) {
    const before = request[MOUNT] ?? '';
    request[MOUNT] = before + path;
    return handle.call(this, request, response, (outcome) => {
      request[MOUNT] = before;
      return next(outcome);
    });
  };
  return new Proxy(handle, { apply: (_handle, self, args) => Reflect.apply(enter, self, args) });
}

function noteRoute(metadata: RPCMetadata | undefined, route: string | undefined): void {
  if (metadata?.type === RPCType.HTTP) metadata.route = route;
}

/** Express takes anything for an error but nothing, `route` and `router`. */
function isError(outcome: unknown): boolean {
  return outcome !== undefined && outcome !== null && outcome !== 'route' && outcome !== 'router';
}

function fail(span: Span | undefined, error: unknown): void {
  span?.recordException(error instanceof Error ? error : String(error));
  span?.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) });
}

/** The path that `use` was called with, or nothing where it was called without one. */
function pathOf(argument: unknown): string {
  const isPath = typeof argument === 'string' || argument instanceof RegExp || (Array.isArray(argument) && argument.some((part) => typeof part === 'string' || part instanceof RegExp));
  return isPath ? textOf(argument) : '';
}

/** As it was written, without a slash at its end; several ways are one route. */
function textOf(path: unknown): string {
  return Array.isArray(path) ? path.map(textOf).join(',') : String(path).replace(/\/+$/, '');
}
