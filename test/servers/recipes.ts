import { join } from 'node:path';

/** How a server is built. */
export type Build =
  /** Packages of the recipe's own go.mod, by name of the executable. */
  | { readonly kind: 'go'; readonly packages: Readonly<Record<string, string>> }
  /** A collector put together by the OpenTelemetry Collector's builder from builder.yaml. */
  | { readonly kind: 'otelcol'; readonly builder: string }
  /** Jars and classes of the recipe's own pom.xml, with properties of it set. */
  | { readonly kind: 'maven'; readonly properties?: Readonly<Record<string, string>> };

export interface Recipe {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
  readonly build: Build;
  /** What the first build takes on two cores, for people who wait. */
  readonly takes: string;
  /** Only there to be compared with. */
  readonly peer: boolean;
}

function recipe(name: string, version: string, build: Build, takes: string, peer = false, folder = name): Recipe {
  return { name, version, folder: join(import.meta.dirname, folder), build, takes, peer };
}

/** The version of Elasticsearch before the newest. */
const ELASTICSEARCH_8 = '8.19.21';

export const RECIPES: readonly Recipe[] = [
  recipe('prometheus', '3.15.0', {
    kind: 'go',
    packages: { prometheus: 'github.com/prometheus/prometheus/cmd/prometheus', promtool: 'github.com/prometheus/prometheus/cmd/promtool' },
  }, '5 minutes, 4 GiB of Go\'s caches'),
  recipe('alertmanager', '0.31.1', { kind: 'go', packages: { alertmanager: 'github.com/prometheus/alertmanager/cmd/alertmanager' } }, '2 minutes'),
  recipe('loki', '3.7.8', {
    kind: 'go',
    packages: { loki: 'github.com/grafana/loki/v3/cmd/loki', logcli: 'github.com/grafana/loki/v3/cmd/logcli' },
  }, '8 minutes, 2.5 GiB of Go\'s caches'),
  recipe('elasticsearch', '9.5.3', { kind: 'maven' }, '20 seconds, 70 MB'),
  recipe('elasticsearch-8', ELASTICSEARCH_8, {
    kind: 'maven', properties: { 'elasticsearch.version': ELASTICSEARCH_8, 'elasticsearch.major': '8' },
  }, '20 seconds, 70 MB', false, 'elasticsearch'),
  recipe('kafka', '4.3.1', { kind: 'maven' }, '10 seconds, 65 MB'),
  recipe('otelcol', '0.159.0', { kind: 'otelcol', builder: 'go.opentelemetry.io/collector/cmd/builder@v0.159.0' }, '3 minutes', true),
  // The newer ones of its exporters need modules that cannot be obtained together.
  recipe('otelcol-elasticsearch', '0.120.0', { kind: 'otelcol', builder: 'go.opentelemetry.io/collector/cmd/builder@v0.120.0' }, '3 minutes', true),
  // Later ones of its exporter that pushes, and the builder of its time, cannot be obtained.
  recipe('otelcol-loki', '0.96.0', { kind: 'go', packages: { 'otelcol-loki': '.' } }, '3 minutes', true),
  recipe('jaeger', '1.76.0', { kind: 'go', packages: { jaeger: 'github.com/jaegertracing/jaeger/cmd/jaeger' } }, '5 minutes, 3.5 GiB of Go\'s caches', true),
];

export function findRecipe(name: string): Recipe {
  const found = RECIPES.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no recipe for '${name}'; there are: ${RECIPES.map((each) => each.name).join(', ')}`);
  return found;
}
