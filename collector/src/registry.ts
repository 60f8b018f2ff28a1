import type { Registry } from './component.js';
import { loki } from './exporters/loki/index.js';
import { prometheusremotewrite } from './exporters/prometheusremotewrite/index.js';
import { otlp as otlpReceiver } from './receivers/otlp/index.js';

/** Every component of this package; a program may add its own. */
export function builtinRegistry(): Registry {
  return {
    receivers: [otlpReceiver],
    processors: [],
    exporters: [prometheusremotewrite, loki],
  };
}
