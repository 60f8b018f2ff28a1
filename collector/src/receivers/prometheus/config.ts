import { z } from 'zod';
import { byteSize } from '../../config/bytes.js';
import { duration } from '../../config/duration.js';
import { ConfigError, mistakeAt } from '../../config/error.js';
import { allRefused, refused, withoutEffect } from '../../config/foreign.js';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';
import { compileAnchored } from './targets/relabel.js';

const MIB = 2 ** 20;
const TEXT_PROTOCOLS = ['PrometheusText0.0.4', 'PrometheusText1.0.0', 'OpenMetricsText0.0.1', 'OpenMetricsText1.0.0'] as const;
const PREFERRED: readonly TextProtocol[] = ['OpenMetricsText1.0.0', 'OpenMetricsText0.0.1', 'PrometheusText1.0.0', 'PrometheusText0.0.4'];
const regex = z.string().default('(.*)').refine(isRegex, { error: 'is no regular expression (RE2)' });

const relabelConfig = z
  .strictObject({
    source_labels: z.array(z.string()).default([]),
    separator: z.string().default(';'),
    target_label: z.string().optional(),
    regex,
    modulus: z.int().min(1).optional(),
    replacement: z.string().default('$1'),
    action: z.preprocess((value) => (typeof value === 'string' ? value.toLowerCase() : value), z.enum(['replace', 'keep', 'drop', 'keepequal', 'dropequal', 'hashmod', 'labelmap', 'labeldrop', 'labelkeep', 'lowercase', 'uppercase'])).default('replace'),
  })
  .refine(({ action, target_label }) => target_label !== undefined || !['replace', 'hashmod', 'keepequal', 'dropequal', 'lowercase', 'uppercase'].includes(action), { error: 'this action needs target_label' })
  .refine(({ action, modulus }) => action !== 'hashmod' || modulus !== undefined, { error: 'hashmod needs modulus' });

/** Labels as pairs: a label may be called like a setting, such as `endpoint`, and must not be taken for one. */
const staticConfig = z.strictObject({ targets: z.array(z.string().min(1)), labels: z.record(z.string(), z.string()).default({}).transform((labels) => Object.entries(labels)) });
const labelText = z.union([z.string(), z.array(z.string())]).transform((value) => (typeof value === 'string' ? [value] : value));

const protocols = z.array(z.enum(['PrometheusProto', ...TEXT_PROTOCOLS])).min(1).refine((list) => list.some((each) => each !== 'PrometheusProto'), { error: `names no text format; those that are read: ${TEXT_PROTOCOLS.join(', ')}` });
const limits = {
  body_size_limit: byteSize({ min: 0 }).optional().describe('Of one answer, decompressed; 0 for none. Without a value anywhere: 64MiB.'),
  sample_limit: z.int().min(0).optional().describe('Samples of one scrape after relabelling; beyond it the scrape fails. 0: none.'),
  label_limit: z.int().min(0).optional().describe('Labels of a series; 0: none.'),
  label_name_length_limit: z.int().min(0).optional().describe('Characters; 0: none.'),
  label_value_length_limit: z.int().min(0).optional().describe('Characters; 0: none.'),
  target_limit: z.int().min(0).optional().describe('Targets of one job; beyond it all of them fail. 0: none.'),
};
const histograms = {
  convert_classic_histograms_to_nhcb: z.boolean().optional().describe('Whether classic histograms become native ones with custom buckets. Without a value anywhere: `false`.'),
  always_scrape_classic_histograms: z.boolean().optional().describe('Whether the classic series are kept beside those. Without a value anywhere: `false`.'),
};
/** What holds where neither the scrape config nor `global` says anything. */
const FALLBACKS = { convert_classic_histograms_to_nhcb: false, always_scrape_classic_histograms: false, body_size_limit: 64 * MIB, sample_limit: 0, label_limit: 0, label_name_length_limit: 0, label_value_length_limit: 0, target_limit: 0 };

const DISCOVERY = 'let what knows the targets write them into a file, and name that in file_sd_configs; it is read again when it changes.';
/** Prometheus' discoveries besides files. */
const DISCOVERIES = allRefused(
  'azure consul digitalocean dns docker dockerswarm ec2 eureka gce hetzner http ionos kubernetes kuma lightsail linode marathon nerve nomad openstack ovhcloud puppetdb scaleway serverset triton uyuni vultr'.split(' ').map((name) => `${name}_sd_configs`),
  DISCOVERY,
);
const OTHER_CLIENTS = {
  oauth2: refused('let what renews the token write it into a file: authorization: { credentials_file: FILE }.'),
  proxy_url: refused('targets are asked directly.'),
  proxy_from_environment: refused('targets are asked directly.'),
  proxy_connect_header: refused('targets are asked directly.'),
  no_proxy: withoutEffect('targets are asked directly.'),
  enable_http2: withoutEffect('HTTP/1.1 is spoken.'),
  bearer_token: refused('write it as authorization: { credentials: … }.'),
  bearer_token_file: refused('write it as authorization: { credentials_file: … }.'),
  scrape_failure_log_file: withoutEffect('failures are in the log, and in the series `up`.'),
};

const scrapeConfig = z.strictObject({
  job_name: z.string().min(1).describe('The `job` label, and the name of the pool.'),
  scrape_interval: duration({ minMs: 1 }).optional().describe('Default: that of `global`.'),
  scrape_timeout: duration({ minMs: 1 }).optional().describe('Default: that of `global`, at most the interval.'),
  metrics_path: z.string().startsWith('/').default('/metrics'),
  scheme: z.enum(['http', 'https']).default('http'),
  params: z.record(z.string(), labelText).default({}).describe('Parameters of the URL.'),
  honor_labels: z.boolean().default(false).describe("Whether a target's own labels win over `job`, `instance` and those of its configuration."),
  honor_timestamps: z.boolean().default(true).describe('Whether times that a target writes are taken.'),
  track_timestamps_staleness: z.boolean().default(false).describe('Whether series with times of their own get stale markers.'),
  ...limits,
  ...histograms,
  follow_redirects: z.boolean().default(true),
  enable_compression: z.boolean().default(true).describe('Whether targets may answer with gzip.'),
  fallback_scrape_protocol: z.enum(TEXT_PROTOCOLS).default('PrometheusText0.0.4').describe('What an answer is whose content type says nothing known.'),
  scrape_protocols: protocols.optional().describe('Formats that targets are asked for, the best first. Default: that of `global`, else OpenMetrics before text.'),
  keep_dropped_targets: withoutEffect('what relabelling drops is counted, not listed.'),
  metric_name_validation_scheme: withoutEffect('names of any letters are taken.'),
  metric_name_escaping_scheme: withoutEffect('targets are asked for names as they are.'),
  scrape_classic_histograms: withoutEffect('text has no native histograms.'),
  scrape_native_histograms: withoutEffect('text has no native histograms.'),
  native_histogram_bucket_limit: withoutEffect('text has no native histograms.'),
  native_histogram_min_bucket_factor: withoutEffect('text has no native histograms.'),
  basic_auth: z.strictObject({ username: z.string().default(''), password: z.string().optional(), password_file: z.string().optional() }).optional(),
  authorization: z.strictObject({ type: z.string().default('Bearer'), credentials: z.string().optional(), credentials_file: z.string().optional() }).optional(),
  http_headers: z.record(z.string(), z.strictObject({ values: z.array(z.string()).default([]), files: z.array(z.string()).default([]) })).default({}).describe('Further headers.'),
  tls_config: z
    .strictObject({ ca_file: z.string().optional(), cert_file: z.string().optional(), key_file: z.string().optional(), server_name: z.string().optional(), insecure_skip_verify: z.boolean().default(false), min_version: z.enum(['TLS12', 'TLS13']).default('TLS12') })
    .prefault({}),
  static_configs: z.array(staticConfig).default([]),
  file_sd_configs: z.array(z.strictObject({ files: z.array(z.string().regex(/\.(json|ya?ml)$/i, 'expected a file name that ends in .json, .yml or .yaml')).min(1), refresh_interval: duration({ minMs: 10 }).default(5000).describe('How often the files are looked at.') })).default([]),
  ...DISCOVERIES,
  ...OTHER_CLIENTS,
  relabel_configs: z.array(relabelConfig).default([]),
  metric_relabel_configs: z.array(relabelConfig).default([]),
});

const schema = z.strictObject({
  target_allocator: refused(DISCOVERY),
  api_server: withoutEffect('targets are shown at /prometheus/api/v1/targets of the query port (serve.endpoint).'),
  trim_metric_suffixes: refused('names stay what the target calls them; the processor transform changes them where a pipeline needs it.'),
  use_start_time_metric: withoutEffect('samples stay what they are; no start times are made.'),
  start_time_metric_regex: withoutEffect('samples stay what they are; no start times are made.'),
  report_extra_scrape_metrics: withoutEffect('the series scrape_timeout_seconds and the like are not made.'),
  tenant: z.string().min(1).default('default').describe('The tenant that scraped samples belong to.'),
  config: z.strictObject({
    global: z
      .strictObject({
        scrape_interval: duration({ minMs: 1 }).default(15_000),
        scrape_timeout: duration({ minMs: 1 }).default(10_000),
        external_labels: z.record(z.string(), z.string()).default({}).describe('Labels of every series that does not have them.'),
        ...limits,
        ...histograms,
        scrape_native_histograms: withoutEffect('text has no native histograms.'),
        scrape_protocols: protocols.optional().describe('Formats that targets are asked for, the best first. Default: OpenMetrics before text.'),
        scrape_failure_log_file: withoutEffect('failures are in the log, and in the series `up`.'),
        evaluation_interval: withoutEffect('rules are not evaluated here.'),
        query_log_file: withoutEffect('queries are not answered here.'),
        keep_dropped_targets: withoutEffect('what relabelling drops is counted, not listed.'),
        metric_name_validation_scheme: withoutEffect('names of any letters are taken.'),
        metric_name_escaping_scheme: withoutEffect('targets are asked for names as they are.'),
      })
      .prefault({}),
    scrape_configs: z.array(scrapeConfig).default([]),
    scrape_config_files: refused('write the jobs here: scrape_configs.'),
    rule_files: refused('rules are not evaluated here; let Prometheus do it.'),
    alerting: refused('rules are not evaluated here; let Prometheus do it.'),
    remote_write: refused('name the destination as an exporter: prometheusremotewrite.'),
    remote_read: refused('queries are answered from the store.'),
    storage: withoutEffect('it is the store that keeps samples.'),
    tracing: withoutEffect('there are no traces of Signalbox itself.'),
    otlp: withoutEffect('the store has these settings: store.otlp.'),
    runtime: withoutEffect('it is of another language.'),
  }),
});

export type RelabelConfig = z.output<typeof relabelConfig>;
export type StaticConfig = z.output<typeof staticConfig>;
export type TextProtocol = (typeof TEXT_PROTOCOLS)[number];
/** With what `global` says where it says nothing itself. */
export interface ScrapeConfig extends Omit<z.output<typeof scrapeConfig>, keyof typeof FALLBACKS | 'scrape_protocols'>, Readonly<typeof FALLBACKS> {
  readonly scrape_interval: number;
  readonly scrape_timeout: number;
  readonly scrape_protocols: readonly TextProtocol[];
}
export interface PrometheusReceiverConfig {
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly externalLabels: readonly (readonly [name: string, value: string])[];
  readonly tenant: string;
}
export { schema as prometheusReceiverSchema, staticConfig as staticConfigSchema };

/** @throws ConfigError */
export function parseConfig(raw: unknown, place: ConfigPlace): PrometheusReceiverConfig {
  const { config, tenant } = parseSection(schema, raw, place);
  const at = (i: number): ConfigPlace => place.child('config').child('scrape_configs').child(String(i));
  const mistakes = config.scrape_configs.flatMap((scrape, i) => {
    const interval = scrape.scrape_interval ?? config.global.scrape_interval;
    const found = [];
    if (config.scrape_configs.findIndex(({ job_name }) => job_name === scrape.job_name) !== i) found.push(mistakeAt(at(i), 'SBX_CONFIG_BAD_VALUE', `the job_name '${scrape.job_name}' is taken by another scrape config.`));
    if (scrape.scrape_timeout !== undefined && scrape.scrape_timeout > interval) found.push(mistakeAt(at(i), 'SBX_CONFIG_BAD_VALUE', 'scrape_timeout is longer than scrape_interval.'));
    if (scrape.basic_auth && scrape.authorization) found.push(mistakeAt(at(i), 'SBX_CONFIG_BAD_VALUE', 'give one of basic_auth and authorization.'));
    return found;
  });
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return {
    tenant,
    externalLabels: Object.entries(config.global.external_labels),
    scrapeConfigs: config.scrape_configs.map((scrape) => {
      const scrape_interval = scrape.scrape_interval ?? config.global.scrape_interval;
      const inherited = Object.fromEntries(Object.entries(FALLBACKS).map(([name, fallback]) => [name, scrape[name as keyof typeof FALLBACKS] ?? config.global[name as keyof typeof FALLBACKS] ?? fallback])) as typeof FALLBACKS;
      const scrape_protocols = (scrape.scrape_protocols ?? config.global.scrape_protocols ?? PREFERRED).filter((each) => each !== 'PrometheusProto');
      return { ...scrape, ...inherited, scrape_protocols, scrape_interval, scrape_timeout: scrape.scrape_timeout ?? Math.min(config.global.scrape_timeout, scrape_interval) };
    }),
  };
}

function isRegex(text: string): boolean {
  try {
    compileAnchored(text);
    return true;
  } catch {
    return false;
  }
}
