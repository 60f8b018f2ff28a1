import { strict as assert } from 'node:assert';
import { ConfigErrors, formatMistake, type ConfigMistake } from '@signalbox/collector/config/error';
import { deliverySchema } from '@signalbox/collector/delivery/settings';
import { foreignSettings } from '@signalbox/collector/config/foreign';
import { detachedPlace } from '@signalbox/collector/config/place';
import { schemasAt } from '@signalbox/collector/config/schema-walk';
import { serviceGraphSchema } from '@signalbox/collector/connectors/servicegraph/config';
import { spanMetricsSchema } from '@signalbox/collector/connectors/spanmetrics/config';
import { debugSchema } from '@signalbox/collector/exporters/debug/config';
import { elasticsearchSchema } from '@signalbox/collector/exporters/elasticsearch/config';
import { fileSchema } from '@signalbox/collector/exporters/file/config';
import { kafkaSchema } from '@signalbox/collector/exporters/kafka/config';
import { otlpHttpSchema, otlpSchema } from '@signalbox/collector/exporters/otlp/config';
import { prometheusRemoteWriteSchema } from '@signalbox/collector/exporters/prometheusremotewrite/config';
import { filterSchema } from '@signalbox/collector/processors/filter/config';
import { redactionSchema } from '@signalbox/collector/processors/redaction/config';
import { resourceDetectionSchema } from '@signalbox/collector/processors/resourcedetection/config';
import { tailSamplingSchema } from '@signalbox/collector/processors/tail_sampling/schema';
import { transformSchema } from '@signalbox/collector/processors/transform/config';
import { filelogSchema } from '@signalbox/collector/receivers/filelog/config';
import { hostMetricsSchema } from '@signalbox/collector/receivers/hostmetrics/config';
import { kafkaReceiverSchema } from '@signalbox/collector/receivers/kafka/config';
import { otlpReceiverSchema } from '@signalbox/collector/receivers/otlp/config';
import { prometheusReceiverSchema } from '@signalbox/collector/receivers/prometheus/config';
import { remoteWriteReceiverSchema } from '@signalbox/collector/receivers/prometheusremotewrite/config';
import { syslogSchema } from '@signalbox/collector/receivers/syslog/config';
import { zipkinReceiverSchema } from '@signalbox/collector/receivers/zipkin/config';
import { parseConfiguration, type Configuration } from '../../appliance/src/settings/configuration.js';

type Schema = Parameters<typeof schemasAt>[0];

const CLIENT_TLS = 'insecure insecure_skip_verify ca_file ca_pem cert_file cert_pem key_file key_pem server_name_override include_system_ca_certs_pool min_version max_version cipher_suites curve_preferences reload_interval tpm';
const SERVER_TLS = 'cert_file cert_pem key_file key_pem ca_file ca_pem client_ca_file client_ca_file_reload min_version max_version cipher_suites curve_preferences reload_interval tpm';
const HTTP_CLIENT = `endpoint proxy_url headers auth read_buffer_size write_buffer_size max_idle_conns max_idle_conns_per_host max_conns_per_host idle_conn_timeout disable_keep_alives http2_read_idle_timeout http2_ping_timeout cookies middlewares ${below('tls', CLIENT_TLS)}`;
const HTTP_SERVER = `endpoint max_request_body_size include_metadata response_headers compression_algorithms read_header_timeout read_timeout write_timeout idle_timeout keep_alives_enabled auth cors middlewares ${below('tls', SERVER_TLS)}`;
const KAFKA = `brokers client_id protocol_version resolve_canonical_bootstrap_servers_only conn_idle_timeout metadata auth.sasl.username auth.sasl.password auth.sasl.mechanism auth.sasl.version auth.sasl.aws_msk auth.plain_text auth.kerberos auth.tls ${below('tls', CLIENT_TLS)}`;

/** The settings that the documentation of the OpenTelemetry Collector's components of the same name lists. */
const DOCUMENTED: Readonly<Record<string, readonly [schema: Schema, settings: string]>> = {
  'every exporter': [deliverySchema, `timeout batcher ${below('retry_on_failure', 'enabled initial_interval max_interval max_elapsed_time multiplier randomization_factor')} ${below('sending_queue', 'enabled num_consumers queue_size sizer storage block_on_overflow wait_for_result batch')}`],
  'receivers.otlp': [otlpReceiverSchema, [
    below('protocols.grpc', `endpoint transport max_recv_msg_size_mib max_concurrent_streams read_buffer_size write_buffer_size include_metadata auth middlewares ${below('tls', SERVER_TLS)} ${below('keepalive.server_parameters', 'max_connection_idle max_connection_age max_connection_age_grace time timeout')} ${below('keepalive.enforcement_policy', 'min_time permit_without_stream')}`),
    below('protocols.http', `${HTTP_SERVER} traces_url_path metrics_url_path logs_url_path ${below('cors', 'allowed_origins allowed_headers exposed_headers max_age')}`),
  ].join(' ')],
  'receivers.prometheus': [prometheusReceiverSchema, `trim_metric_suffixes use_start_time_metric start_time_metric_regex report_extra_scrape_metrics target_allocator api_server ${below('config', 'global scrape_configs scrape_config_files rule_files alerting remote_write')} ${below('config.global', 'convert_classic_histograms_to_nhcb always_scrape_classic_histograms scrape_native_histograms')} ${below('config.scrape_configs.0', 'job_name scrape_interval scrape_timeout metrics_path scheme params honor_labels honor_timestamps basic_auth authorization oauth2 tls_config proxy_url follow_redirects enable_http2 relabel_configs metric_relabel_configs static_configs file_sd_configs kubernetes_sd_configs dns_sd_configs http_sd_configs consul_sd_configs ec2_sd_configs sample_limit label_limit target_limit body_size_limit scrape_protocols fallback_scrape_protocol scrape_native_histograms convert_classic_histograms_to_nhcb always_scrape_classic_histograms metric_name_validation_scheme keep_dropped_targets')}`],
  'receivers.prometheusremotewrite': [remoteWriteReceiverSchema, HTTP_SERVER],
  'receivers.zipkin': [zipkinReceiverSchema, `${HTTP_SERVER} parse_string_tags`],
  'receivers.filelog': [filelogSchema, `include exclude exclude_older_than start_at force_flush_period encoding preserve_leading_whitespaces preserve_trailing_whitespaces include_file_name include_file_path include_file_name_resolved include_file_path_resolved include_file_owner_name include_file_owner_group_name include_file_record_number poll_interval fingerprint_size initial_buffer_size max_log_size max_concurrent_files max_batches delete_after_read acquire_fs_lock attributes resource operators storage header.pattern header.metadata_operators retry_on_failure ordering_criteria compression polls_to_archive ${below('multiline', 'line_start_pattern line_end_pattern omit_pattern')}`],
  'receivers.syslog': [syslogSchema, `protocol location allow_skip_pri_header enable_octet_counting max_octets non_transparent_framing_trailer operators on_error retry_on_failure storage ${below('tcp', `listen_address max_log_size tls add_attributes one_log_per_packet encoding multiline`)} ${below('udp', 'listen_address max_log_size add_attributes one_log_per_packet encoding multiline async')}`],
  'receivers.hostmetrics': [hostMetricsSchema, `collection_interval initial_delay root_path metadata_collection_interval ${below('scrapers', `cpu.metrics load.metrics load.cpu_average memory.metrics paging.metrics processes.metrics system.metrics ${below('disk', 'metrics include exclude')} ${below('filesystem', 'metrics include_devices exclude_devices include_fs_types exclude_fs_types include_mount_points exclude_mount_points include_virtual_filesystems')} ${below('network', 'metrics include exclude')} ${below('process', 'metrics include exclude mute_process_all_errors mute_process_name_error mute_process_exe_error mute_process_io_error mute_process_user_error mute_process_cgroup_error scrape_process_delay')}`)}`],
  'receivers.kafka': [kafkaReceiverSchema, `${KAFKA} group_id group_instance_id group_rebalance_strategy initial_offset session_timeout heartbeat_interval min_fetch_size max_fetch_size max_fetch_wait max_partition_fetch_size autocommit message_marking header_extraction error_backoff telemetry rack_id use_leader_epoch ${['traces', 'logs', 'metrics'].map((signal) => below(signal, 'topic topics exclude_topics encoding')).join(' ')}`],
  'exporters.otlp': [otlpSchema, `endpoint headers auth compression compression_params keepalive wait_for_ready balancer_name authority read_buffer_size write_buffer_size middlewares ${below('tls', CLIENT_TLS)}`],
  'exporters.otlphttp': [otlpHttpSchema, `${HTTP_CLIENT} traces_endpoint metrics_endpoint logs_endpoint encoding compression compression_params`],
  'exporters.prometheusremotewrite': [prometheusRemoteWriteSchema, `${HTTP_CLIENT} namespace add_metric_suffixes external_labels resource_to_telemetry_conversion.enabled target_info.enabled export_created_metric remote_write_queue.enabled remote_write_queue.queue_size remote_write_queue.num_consumers wal max_batch_size_bytes max_batch_request_parallelism protobuf_message send_metadata disable_scope_info`],
  'exporters.elasticsearch': [elasticsearchSchema, `${HTTP_CLIENT} endpoints cloudid user password api_key index logs_index metrics_index traces_index logs_dynamic_index metrics_dynamic_index traces_dynamic_index logs_dynamic_id logs_dynamic_pipeline logstash_format pipeline num_workers flush retry discover telemetry include_source_on_error metadata_keys mapping.mode mapping.allowed_modes mapping.dedup mapping.dedot compression`],
  'exporters.kafka': [kafkaSchema, `${KAFKA} topic_from_attribute include_metadata_keys record_headers record_partitioner partition_traces_by_id partition_metrics_by_resource_attributes partition_logs_by_resource_attributes partition_logs_by_trace_id ${below('producer', 'max_message_bytes required_acks compression compression_params flush_max_messages allow_auto_topic_creation linger')} ${['traces', 'logs', 'metrics'].map((signal) => below(signal, 'topic encoding topic_from_metadata_key message_key_from_metadata_key')).join(' ')}`],
  'exporters.file': [fileSchema, 'path append create_directory directory_permissions format encoding compression flush_interval group_by rotation.max_megabytes rotation.max_days rotation.max_backups rotation.localtime'],
  'exporters.debug': [debugSchema, 'verbosity sampling_initial sampling_thereafter use_internal_logger output_paths'],
  'processors.filter': [filterSchema, 'error_mode traces.span traces.spanevent metrics.metric metrics.datapoint logs.log_record spans metrics.include metrics.exclude logs.include logs.exclude'],
  'processors.transform': [transformSchema, 'error_mode trace_statements metric_statements log_statements flatten_data'],
  'processors.redaction': [redactionSchema, 'allow_all_keys allowed_keys ignored_keys blocked_key_patterns blocked_values allowed_values redact_all_types hash_function summary url_sanitizer db_sanitizer'],
  'processors.resourcedetection': [resourceDetectionSchema, 'detectors override timeout attributes refresh_interval system.hostname_sources system.resource_attributes docker.resource_attributes ec2 ecs eks gcp azure aks openshift heroku consul'],
  'processors.tail_sampling': [tailSamplingSchema, 'decision_wait num_traces expected_new_traces_per_sec decision_cache.sampled_cache_size decision_cache.non_sampled_cache_size sample_on_first_match policies block_on_overflow decision_wait_after_root_received maximum_trace_size_bytes'],
  'connectors.spanmetrics': [spanMetricsSchema, 'namespace dimensions calls_dimensions exclude_dimensions dimensions_cache_size histogram.disable histogram.unit histogram.dimensions histogram.explicit.buckets histogram.exponential.max_size exemplars.enabled exemplars.max_per_data_point events.enabled events.dimensions aggregation_temporality metrics_flush_interval metrics_expiration metric_timestamp_cache_size resource_metrics_key_attributes resource_metrics_cache_size aggregation_cardinality_limit add_resource_attributes include_instrumentation_scope'],
  'connectors.servicegraph': [serviceGraphSchema, 'latency_histogram_buckets exponential_histogram_max_size dimensions store.ttl store.max_items cache_loop store_expiration_loop virtual_node_peer_attributes virtual_node_extra_label metrics_flush_interval metrics_exporter database_name_attributes'],
};

function below(prefix: string, settings: string): string {
  return settings.split(' ').map((setting) => `${prefix}.${setting}`).join(' ');
}

const PIPELINE = 'service: { pipelines: { logs: { receivers: [otlp], exporters: [otlphttp] } } }';

function load(text: string): Configuration {
  return parseConfiguration({ text, file: 'collector.yaml' }, {});
}

function mistakesOf(text: string): readonly ConfigMistake[] {
  try {
    load(text);
  } catch (error) {
    assert.ok(error instanceof ConfigErrors, String(error));
    return error.mistakes;
  }
  return [];
}

describe('contract: configurations of the OpenTelemetry Collector', () => {
  for (const [component, [schema, settings]] of Object.entries(DOCUMENTED)) {
    it(`every documented setting of ${component} is known`, () => {
      const unknown = settings.split(' ').filter((setting) => schemasAt(schema, setting.split('.')).length === 0);
      assert.deepEqual(unknown, []);
    });
  }

  it('a configuration as it stands in many places runs, and what it has without effect is named', () => {
    const { warnings, exporters } = load(`
extensions:
  health_check: { endpoint: 0.0.0.0:13133 }
  pprof:
  zpages:
  basicauth/cloud: { client_auth: { username: "12345", password: secret } }
  bearertokenauth: { token: abc }
receivers:
  otlp: { protocols: { grpc: { endpoint: 127.0.0.1:4317, include_metadata: true }, http: { endpoint: 127.0.0.1:4318, cors: { allowed_origins: ["http://*"] } } } }
  hostmetrics:
    collection_interval: 30s
    scrapers:
      cpu: { metrics: { system.cpu.utilization: { enabled: true } } }
      memory:
      load: { cpu_average: true }
      filesystem: { exclude_mount_points: { mount_points: [/dev/*], match_type: strict }, exclude_fs_types: { fs_types: [autofs], match_type: strict } }
      network:
      processes:
      process: { mute_process_name_error: true }
  filelog: { include: [/var/log/pods/*/*/*.log], start_at: end, include_file_path: true, storage: file_storage, retry_on_failure: { enabled: true }, operators: [{ type: container, id: container-parser }] }
processors:
  batch: { timeout: 1s, send_batch_size: 1024 }
  memory_limiter: { check_interval: 1s, limit_percentage: 80 }
  resourcedetection: { detectors: [env, system], system: { hostname_sources: [os], resource_attributes: { host.id: { enabled: false } } } }
exporters:
  otlphttp: { endpoint: "https://otlp.example.org/otlp", auth: { authenticator: basicauth/cloud }, sending_queue: { enabled: true, queue_size: 5000, batch: { flush_timeout: 1s } } }
  otlp: { endpoint: "tempo:4317", tls: { insecure: true }, auth: { authenticator: bearertokenauth }, keepalive: { time: 30s } }
  prometheusremotewrite: { endpoint: "http://prometheus:9090/api/v1/write", add_metric_suffixes: false, resource_to_telemetry_conversion: { enabled: true }, protobuf_message: prometheus.WriteRequest }
  debug: { verbosity: normal, sampling_initial: 5, sampling_thereafter: 200 }
service:
  extensions: [health_check, pprof, zpages, basicauth/cloud, bearertokenauth]
  telemetry: { logs: { level: WARN, encoding: json }, metrics: { level: detailed, readers: [{ pull: { exporter: { prometheus: { host: 0.0.0.0, port: 8888 } } } }] } }
  pipelines:
    traces: { receivers: [otlp], processors: [memory_limiter, resourcedetection, batch], exporters: [otlp, debug] }
    logs: { receivers: [otlp, filelog], processors: [memory_limiter, batch], exporters: [otlphttp] }
    metrics: { receivers: [otlp, hostmetrics], processors: [memory_limiter, batch], exporters: [prometheusremotewrite] }
`);
    assert.deepEqual(warnings.map(({ code, path }) => (assert.equal(code, 'SBX_CONFIG_BUILT_IN'), path)), [
      'extensions.health_check', 'extensions.pprof', 'extensions.zpages', 'receivers.otlp.protocols.grpc.include_metadata', 'receivers.hostmetrics.scrapers.process.mute_process_name_error',
      'receivers.filelog.storage', 'receivers.filelog.retry_on_failure', 'processors.batch', 'processors.memory_limiter',
      'exporters.otlphttp.sending_queue.enabled', 'exporters.otlphttp.sending_queue.queue_size', 'exporters.otlphttp.sending_queue.batch', 'exporters.otlp.keepalive',
      'exporters.debug.sampling_initial', 'exporters.debug.sampling_thereafter', 'service.telemetry.metrics',
    ]);
    const settings = Object.fromEntries(exporters.map(({ id, config }) => [id, config])) as Record<string, { auth?: unknown; version?: string }>;
    assert.deepEqual(settings['otlphttp']?.auth, { username: '12345', password: 'secret' });
    assert.deepEqual(settings['otlp']?.auth, { bearer_token: 'abc' });
    assert.equal(settings['prometheusremotewrite']?.version, 'v1');
  });

  const REFUSED: readonly (readonly [what: string, text: string, ...says: readonly RegExp[]])[] = [
    ['another discovery', `receivers: { prometheus: { config: { scrape_configs: [{ job_name: a, kubernetes_sd_configs: [{ role: pod }] }] } }, otlp: }\nexporters: { otlphttp: { endpoint: "http://a" } }\n${PIPELINE}`, /:1:\d+ receivers\.prometheus\.config\.scrape_configs\[0\]\.kubernetes_sd_configs: .*file_sd_configs.*SBX_CONFIG_UNSUPPORTED/],
    ['who may send', `receivers: { otlp: { protocols: { http: { auth: { authenticator: basicauth } } } } }\nexporters: { otlphttp: { endpoint: "http://a" } }\n${PIPELINE}`, /protocols\.http\.auth: .*signalbox token create/],
    ['the filter of before', `receivers: { otlp: }\nprocessors: { filter: { metrics: { exclude: { match_type: strict, metric_names: [a] } } } }\nexporters: { otlphttp: { endpoint: "http://a" } }\n${PIPELINE}`, /filter\.metrics\.exclude: .*OTTL/],
    ['an ingest pipeline', `receivers: { otlp: }\nexporters: { elasticsearch: { endpoint: "http://a", pipeline: x }, otlphttp: { endpoint: "http://a" } }\n${PIPELINE}`, /elasticsearch\.pipeline: .*index\.default_pipeline/],
    ['a cloud that is asked', `receivers: { otlp: }\nprocessors: { resourcedetection: { detectors: [ec2], ec2: { tags: [a] } } }\nexporters: { otlphttp: { endpoint: "http://a" } }\n${PIPELINE}`, /detectors\[0\]: one of: env, system/, /resourcedetection\.ec2: .*OTEL_RESOURCE_ATTRIBUTES/],
    ['OAuth', `receivers: { otlp: }\nextensions: { oauth2client: { client_id: a } }\nexporters: { otlphttp: { endpoint: "http://a", auth: { authenticator: oauth2client } } }\n${PIPELINE}`, /extensions\.oauth2client: .*bearer_token_file/, /auth\.authenticator: .*basicauth or bearertokenauth/],
    ['an authenticator that is not there', `receivers: { otlp: }\nextensions: { basicauth/a: { client_auth: { username: u, password: p } } }\nexporters: { otlphttp: { endpoint: "http://a", auth: { authenticator: basicauth/b } } }\n${PIPELINE}`, /auth\.authenticator: there is no extension 'basicauth\/b'.*Did you mean 'basicauth\/a'.*SBX_CONFIG_UNDEFINED_COMPONENT/],
    ['an authenticator without its secret', `receivers: { otlp: }\nextensions: { bearertokenauth: { scheme: Token } }\nexporters: { otlphttp: { endpoint: "http://a", auth: { authenticator: bearertokenauth } } }\n${PIPELINE}`, /bearertokenauth: give token or filename/, /bearertokenauth\.scheme: only Bearer/],
    ['ciphers', `receivers: { otlp: }\nexporters: { otlphttp: { endpoint: "http://a", tls: { cipher_suites: [A] } } }\n${PIPELINE}`, /tls\.cipher_suites: .*--tls-cipher-list/],
  ];
  for (const [what, text, ...says] of REFUSED) {
    it(`says what to do instead: ${what}`, () => {
      const found = mistakesOf(text).filter(({ severity }) => severity === 'error').map(formatMistake);
      assert.equal(found.length, says.length, found.join('\n'));
      says.forEach((pattern, i) => assert.match(found[i]!, pattern));
    });
  }

  it('components are known under the names that the Collector has given them since', () => {
    const { receivers, processors, connectors, exporters, pipelines } = load(`
receivers: { otlp: , file_log/a: { include: [/x/*.log] }, host_metrics: }
processors: { resource_detection: , cumulative_to_delta: }
connectors: { span_metrics: , service_graph: }
exporters: { otlp_grpc: { endpoint: "a:4317" }, otlp_http/b: { endpoint: "http://b" }, prometheus_remote_write: { endpoint: "http://c" } }
service:
  pipelines:
    traces: { receivers: [otlp], processors: [resource_detection], exporters: [otlp_grpc, span_metrics, service_graph] }
    logs: { receivers: [file_log/a], exporters: [otlp_http/b] }
    metrics: { receivers: [host_metrics, span_metrics, service_graph], processors: [cumulative_to_delta], exporters: [prometheus_remote_write] }
`);
    assert.deepEqual([...receivers, ...processors, ...connectors, ...exporters].map(({ id, type }) => `${id}: ${type}`), [
      'otlp: otlp', 'file_log/a: filelog', 'host_metrics: hostmetrics', 'resource_detection: resourcedetection', 'cumulative_to_delta: cumulativetodelta', 'span_metrics: spanmetrics', 'service_graph: servicegraph',
      'otlp_grpc: otlp', 'otlp_http/b: otlphttp', 'prometheus_remote_write: prometheusremotewrite',
    ]);
    assert.equal(pipelines.length, 3);
  });

  it('a setting without a value, or unknown to both, is treated as before', () => {
    assert.deepEqual(foreignSettings(otlpSchema, { keepalive: null, wait_for_ready: undefined, nonsense: 1 }, detachedPlace('test')), []);
    assert.match(mistakesOf(`receivers: { otlp: }\nexporters: { otlphttp: { endpoint: "http://a", coookies: {} } }\n${PIPELINE}`).map(formatMistake).join(), /unknown key 'coookies'/);
  });
});
