import type { StreamLabels } from './stream-labels.js';

export interface StreamLimits {
  readonly max_label_names_per_series: number;
  readonly max_label_name_length: number;
  readonly max_label_value_length: number;
}

/** Why a stream is not taken, in Loki's words (pkg/distributor/validator.go); null where it is. Lengths are in bytes; `service_name` comes on top. */
export function streamProblem(labels: StreamLabels, limits: StreamLimits): string | null {
  const names = labels.filter(([name]) => name !== 'service_name').length;
  if (names > limits.max_label_names_per_series) return `entry for stream '${textOf(labels)}' has ${names} label names; limit ${limits.max_label_names_per_series}`;
  for (const [name, value] of labels) {
    if (Buffer.byteLength(name) > limits.max_label_name_length) return `stream '${textOf(labels)}' has label name too long: '${name}'`;
    if (Buffer.byteLength(value) > limits.max_label_value_length) return `stream '${textOf(labels)}' has label value too long: '${value}'`;
  }
  return null;
}

function textOf(labels: StreamLabels): string {
  return `{${labels.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')}}`;
}
