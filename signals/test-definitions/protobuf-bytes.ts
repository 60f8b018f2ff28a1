/** Protobuf written by hand, for messages that no encoder makes. */

export function varint(value: number): Buffer {
  if (value < 0x80) return Buffer.of(value);
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Buffer.from([...bytes, rest]);
}

/** A length-delimited field: a message, a string or bytes. */
export function field(number: number, ...content: (Buffer | string)[]): Buffer {
  const bytes = Buffer.concat(content.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

export function uint(number: number, value: number): Buffer {
  return Buffer.concat([varint(number * 8), varint(value)]);
}

export function fixed64(number: number, value: bigint | number): Buffer {
  const bytes = Buffer.alloc(8);
  if (typeof value === 'bigint') bytes.writeBigUInt64LE(value);
  else bytes.writeDoubleLE(value);
  return Buffer.concat([varint(number * 8 + 1), bytes]);
}

/** An ExportTraceServiceRequest with one span that has valid ids and these fields. */
export function spanRequest(...fields: Buffer[]): Buffer {
  return field(1, field(2, field(2, field(1, Buffer.alloc(16, 0xab)), field(2, Buffer.alloc(8, 0xcd)), ...fields)));
}

/** An ExportLogsServiceRequest with one record of these fields. */
export function logRequest(...fields: Buffer[]): Buffer {
  return field(1, field(2, field(2, ...fields)));
}

/** An ExportMetricsServiceRequest with one metric of these fields. */
export function metricRequest(...fields: Buffer[]): Buffer {
  return field(1, field(2, field(2, ...fields)));
}

/** A KeyValue under the field number given; `value` is an AnyValue's content. */
export function keyValue(number: number, key: string, ...value: Buffer[]): Buffer {
  return field(number, field(1, key), field(2, ...value));
}
