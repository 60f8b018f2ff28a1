/**
 * An OTLP AnyValue (opentelemetry/proto/common/v1/common.proto).
 *
 * | OTLP            | here                 |
 * |-----------------|----------------------|
 * | string_value    | string               |
 * | bool_value      | boolean              |
 * | int_value       | bigint (signed 64)   |
 * | double_value    | number               |
 * | bytes_value     | Uint8Array           |
 * | array_value     | readonly AnyValue[]  |
 * | kvlist_value    | KeyValueList         |
 * | nothing set     | null                 |
 *
 * Integers are bigint, so that 1 and 1.0 stay apart.
 */
export type AnyValue = string | boolean | bigint | number | Uint8Array | readonly AnyValue[] | KeyValueList | null;

export interface KeyValue {
  readonly key: string;
  readonly value: AnyValue;
}

/** Attributes in the order received; a key that was sent twice stands twice. */
export type Attributes = readonly KeyValue[];

/** An OTLP kvlist_value. A class, so that it is told from an array. */
export class KeyValueList {
  constructor(readonly entries: Attributes) {}
}
