import type { ComponentKind } from './components.js';

const BY_OTLP = 'let a Collector beside it take it, and send it on by OTLP to the receiver otlp';
const SEVERAL = 'name the receiver in several pipelines, each with a filter of its own: each pipeline has all that its receivers bring';

/** Components that people bring from the OpenTelemetry Collector and that are not here: what does their work instead. */
const INSTEAD: Readonly<Record<ComponentKind, Readonly<Record<string, string>>>> = {
  receiver: {
    jaeger: "Jaeger's clients of today speak OTLP: let them send to the receiver otlp; for old ones, " + BY_OTLP,
    opencensus: 'its libraries have been replaced by those of OpenTelemetry; for old ones, ' + BY_OTLP,
    prometheus_simple: 'the receiver prometheus scrapes (config: scrape_configs)',
    docker_stats: BY_OTLP,
    fluentforward: 'let Fluent Bit send by its output opentelemetry to the receiver otlp, or by its output loki to the receiver loki',
    influxdb: 'let Telegraf send by its output opentelemetry to the receiver otlp',
    journald: 'let journald hand its lines to a syslog daemon, and take them with the receiver syslog',
    k8s_cluster: BY_OTLP,
    k8s_events: BY_OTLP,
    k8sobjects: BY_OTLP,
    kubeletstats: BY_OTLP,
    statsd: 'let a statsd_exporter take them, and scrape it with the receiver prometheus',
    tcplog: 'the receiver syslog takes lines over TCP, the receiver filelog those of files',
    udplog: 'the receiver syslog takes messages over UDP, the receiver filelog lines of files',
    windowseventlog: BY_OTLP,
  },
  processor: {
    groupbytrace: 'tail_sampling waits for all spans of a trace by itself; take it out',
    k8sattributes: 'resourcedetection with the detector k8s tells the own pod; let applications name theirs in OTEL_RESOURCE_ATTRIBUTES',
    metricstransform: 'the processor transform changes metrics (metric_statements)',
    span: 'the processor transform sets names and attributes of spans: set(span.name, "…")',
    schema: 'the processor normalize gives attributes the names of today',
    routing: SEVERAL,
  },
  connector: {
    count: 'spanmetrics counts spans and, with events: { enabled: true }, their events',
    exceptions: 'spanmetrics counts span events (events: { enabled: true, dimensions: [{ name: exception.type }] })',
    failover: 'a destination that is down is waited for, with all that it has not had on disk',
    forward: SEVERAL,
    roundrobin: 'one exporter sends several batches at once (sending_queue: num_consumers)',
    routing: SEVERAL,
  },
  exporter: {
    jaeger: 'Jaeger takes OTLP: the exporter otlp, to its port 4317',
    logging: 'it is called debug now',
    nop: 'a pipeline that ends in nothing can be left out',
    opensearch: 'let a Collector beside it take it by OTLP (exporter otlp), and send it on',
    prometheus: 'prometheusremotewrite sends to Prometheus; one that scrapes gets what the store keeps at /prometheus/federate of the query port (serve.endpoint)',
    zipkin: 'let a Collector beside it take it by OTLP (exporter otlp), and send it on',
  },
};

/** What to do instead of a component of that type, or null where that is not known. */
export function insteadOf(kind: ComponentKind, type: string): string | null {
  const known = INSTEAD[kind];
  return Object.hasOwn(known, type) ? known[type]! : null;
}
