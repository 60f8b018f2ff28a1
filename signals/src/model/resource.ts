import type { Attributes } from './attributes.js';

export interface Resource {
  readonly attributes: Attributes;
  readonly droppedAttributesCount: number;
}

/** InstrumentationScope. */
export interface Scope {
  readonly name: string;
  readonly version: string;
  readonly attributes: Attributes;
  readonly droppedAttributesCount: number;
}
