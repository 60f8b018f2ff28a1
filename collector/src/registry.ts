import type { Registry } from './component.js';
import { servicegraph } from './connectors/servicegraph/index.js';
import { spanmetrics } from './connectors/spanmetrics/index.js';
import { debug } from './exporters/debug/index.js';
import { elasticsearch } from './exporters/elasticsearch/index.js';
import { file } from './exporters/file/index.js';
import { kafka } from './exporters/kafka/index.js';
import { loki } from './exporters/loki/index.js';
import { otlp, otlphttp } from './exporters/otlp/index.js';
import { prometheusremotewrite } from './exporters/prometheusremotewrite/index.js';
import { webhook } from './exporters/webhook/index.js';
import { logparser } from './processors/logparser/index.js';
import { filelog } from './receivers/filelog/index.js';
import { syslog } from './receivers/syslog/index.js';
import { hostmetrics } from './receivers/hostmetrics/index.js';
import { attributes } from './processors/attributes/index.js';
import { cumulativetodelta } from './processors/cumulativetodelta/index.js';
import { deltatocumulative } from './processors/deltatocumulative/index.js';
import { filter } from './processors/filter/index.js';
import { normalize } from './processors/normalize/index.js';
import { probabilisticSampler } from './processors/probabilistic_sampler/index.js';
import { redaction } from './processors/redaction/index.js';
import { resource } from './processors/resource/index.js';
import { resourcedetection } from './processors/resourcedetection/index.js';
import { tailSampling } from './processors/tail_sampling/index.js';
import { transform } from './processors/transform/index.js';
import { loki as lokiReceiver } from './receivers/loki/index.js';
import { kafka as kafkaReceiver } from './receivers/kafka/index.js';
import { otlp as otlpReceiver } from './receivers/otlp/index.js';
import { prometheus } from './receivers/prometheus/index.js';
import { prometheusremotewrite as prometheusremotewriteReceiver } from './receivers/prometheusremotewrite/index.js';
import { zipkin } from './receivers/zipkin/index.js';

/** Every component of this package; a program may add its own. */
export function builtinRegistry(): Registry {
  return {
    receivers: [otlpReceiver, kafkaReceiver, filelog, syslog, hostmetrics, prometheus, prometheusremotewriteReceiver, lokiReceiver, zipkin],
    processors: [filter, transform, attributes, resource, resourcedetection, redaction, normalize, probabilisticSampler, cumulativetodelta, deltatocumulative, logparser],
    samplers: [tailSampling],
    connectors: [spanmetrics, servicegraph],
    exporters: [otlp, otlphttp, prometheusremotewrite, loki, elasticsearch, kafka, webhook, debug, file],
  };
}
