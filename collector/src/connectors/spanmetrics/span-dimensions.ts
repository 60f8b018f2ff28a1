import { attribute } from '@signalbox/signals/model/attribute-text';
import type { AnyValue, Attributes, KeyValue } from '@signalbox/signals/model/attributes';
import type { Resource, Scope } from '@signalbox/signals/model/resource';
import { serviceName } from '@signalbox/signals/model/service';
import type { Span } from '@signalbox/signals/model/span';
import { dimensionAttribute, dimensionText } from '../aggregation/dimension.js';
import type { BuiltIn, Dimension } from './config.js';

const KINDS = ['SPAN_KIND_UNSPECIFIED', 'SPAN_KIND_INTERNAL', 'SPAN_KIND_SERVER', 'SPAN_KIND_CLIENT', 'SPAN_KIND_PRODUCER', 'SPAN_KIND_CONSUMER'] as const;
const STATUSES = ['STATUS_CODE_UNSET', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR'] as const;
const SCOPE_NAME = 'span.instrumentation.scope.name';
const SCOPE_VERSION = 'span.instrumentation.scope.version';
const NONE: Attributes = [];

export interface SpanDimensionsOptions {
  readonly excluded: readonly BuiltIn[];
  readonly dimensions: readonly Dimension[];
  /** Scopes whose name and version are dimensions. */
  readonly scopes: readonly string[];
  readonly maxLength: number;
}

/** The dimensions of one table: from a resource, a scope and a span to the path of its series. One path, filled again for each span. */
export class SpanDimensions {
  readonly path: (string | undefined)[] = [];
  readonly #options: SpanDimensionsOptions;
  readonly #names: readonly BuiltIn[];
  readonly #withScopes: boolean;
  readonly #first: number;
  /** Of each dimension, what the resource or the default says. */
  #fallbacks: (AnyValue | undefined)[] = [];
  #service = '';
  #scope: Scope | null = null;
  #span: Span | null = null;
  #event: Attributes = NONE;

  constructor(options: SpanDimensionsOptions) {
    this.#options = options;
    this.#names = (['service.name', 'span.name', 'span.kind', 'status.code'] as const).filter((name) => !options.excluded.includes(name));
    this.#withScopes = options.scopes.length > 0;
    this.#first = this.#names.length + (this.#withScopes ? 2 : 0);
    // A table needs a level at least.
    this.path.length = Math.max(1, this.#first + options.dimensions.length);
  }

  enterResource(resource: Resource | null): void {
    const { dimensions, maxLength } = this.#options;
    this.#service = dimensionText(serviceName(resource), maxLength);
    const attributes = resource?.attributes ?? NONE;
    this.#fallbacks = dimensions.map(({ name, default: standard }) => {
      const value = attribute(attributes, name);
      return value === undefined ? standard : value;
    });
  }

  enterScope(scope: Scope | null): void {
    this.#scope = scope !== null && this.#options.scopes.includes(scope.name) ? scope : null;
  }

  /** Fills the path. `event`: the attributes of one of its events, where events are counted. */
  enterSpan(span: Span, event: Attributes = NONE): void {
    this.#span = span;
    this.#event = event;
    const { path } = this;
    const names = this.#names;
    let n = 0;
    for (; n < names.length; n++) path[n] = this.#builtIn(names[n], span);
    if (this.#withScopes) {
      path[n++] = this.#scope?.name;
      path[n++] = this.#scope?.version;
    }
    const { dimensions, maxLength } = this.#options;
    for (let i = 0; i < dimensions.length; i++) {
      const value = this.#value(i, span, event);
      path[n + i] = value === undefined ? undefined : dimensionText(value, maxLength);
    }
  }

  /** The attributes of a new series of the path as it is filled. */
  readonly attributes = (): Attributes => {
    const span = this.#span!;
    const { dimensions, maxLength } = this.#options;
    const all: KeyValue[] = this.#names.map((key, i) => ({ key, value: this.path[i]! }));
    if (this.#scope !== null) all.push({ key: SCOPE_NAME, value: this.#scope.name }, { key: SCOPE_VERSION, value: this.#scope.version });
    dimensions.forEach(({ name }, i) => {
      const value = this.#value(i, span, this.#event);
      if (value !== undefined) all.push({ key: name, value: dimensionAttribute(value, maxLength) });
    });
    return all;
  };

  #value(i: number, span: Span, event: Attributes): AnyValue | undefined {
    const { name } = this.#options.dimensions[i];
    let value = attribute(span.attributes, name);
    if (value === undefined && event.length > 0) value = attribute(event, name);
    return value === undefined ? this.#fallbacks[i] : value;
  }

  #builtIn(name: BuiltIn, span: Span): string {
    switch (name) {
      case 'service.name':
        return this.#service;
      case 'span.name':
        return dimensionText(span.name, this.#options.maxLength);
      case 'span.kind':
        return KINDS[span.kind] ?? '';
      case 'status.code':
        return STATUSES[span.status.code] ?? '';
    }
  }
}
