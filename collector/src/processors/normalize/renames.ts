import type { AnyValue } from '@signalbox/signals/model/attributes';

/** An attribute under its name of before. */
export interface AttributeRename {
  readonly from: string;
  /** By the kind of span where it depends: `client` for client and producer spans, `server` for all else. */
  readonly to: string | { readonly client: string; readonly server: string };
  /** The version of the conventions that has the new name first. */
  readonly since: string;
  /** Where values have new names as well. */
  readonly values?: Readonly<Record<string, string>>;
}

const DATABASES = { mssql: 'microsoft.sql_server', oracle: 'oracle.db', db2: 'ibm.db2', dynamodb: 'aws.dynamodb', redshift: 'aws.redshift', spanner: 'gcp.spanner', hanadb: 'sap.hana', maxdb: 'sap.maxdb', informix: 'ibm.informix', netezza: 'ibm.netezza', adabas: 'softwareag.adabas', firebird: 'firebirdsql', intersystems_cache: 'intersystems.cache', cosmosdb: 'azure.cosmosdb' };
const TRANSPORTS = { ip_tcp: 'tcp', ip_udp: 'udp', 'IP.TCP': 'tcp', 'IP.UDP': 'udp' };

const both = (from: string, to: string, since: string): AttributeRename => ({ from, to, since });

/**
 * Names of attributes that the OpenTelemetry semantic conventions have replaced: its changelog, its migration guides for HTTP
 * (1.21 to 1.23), databases (1.24 to 1.28, stable in 1.33), messaging, and the deprecated entries of its attribute registry, as of
 * version 1.37. Order counts: where two old names have become one, the first that is there gives its value.
 */
export const ATTRIBUTE_RENAMES: readonly AttributeRename[] = [
  // HTTP
  both('http.method', 'http.request.method', '1.21.0'), both('http.status_code', 'http.response.status_code', '1.21.0'), both('http.scheme', 'url.scheme', '1.21.0'), both('http.url', 'url.full', '1.21.0'),
  both('http.request_content_length', 'http.request.body.size', '1.21.0'), both('http.response_content_length', 'http.response.body.size', '1.21.0'), both('http.resend_count', 'http.request.resend_count', '1.21.0'),
  both('http.user_agent', 'user_agent.original', '1.19.0'), both('http.client_ip', 'client.address', '1.21.0'), both('http.server_name', 'server.address', '1.20.0'), both('http.flavor', 'network.protocol.version', '1.20.0'),
  // Network
  { from: 'net.peer.name', to: { client: 'server.address', server: 'client.address' }, since: '1.21.0' }, { from: 'net.peer.port', to: { client: 'server.port', server: 'client.port' }, since: '1.21.0' },
  both('net.host.name', 'server.address', '1.21.0'), both('net.host.port', 'server.port', '1.21.0'), both('net.sock.peer.addr', 'network.peer.address', '1.22.0'), both('net.sock.peer.port', 'network.peer.port', '1.22.0'),
  both('net.sock.host.addr', 'network.local.address', '1.22.0'), both('net.sock.host.port', 'network.local.port', '1.22.0'), both('net.peer.ip', 'network.peer.address', '1.13.0'), both('net.host.ip', 'network.local.address', '1.13.0'),
  both('net.protocol.name', 'network.protocol.name', '1.21.0'), both('net.protocol.version', 'network.protocol.version', '1.21.0'), both('net.app.protocol.name', 'network.protocol.name', '1.20.0'), both('net.app.protocol.version', 'network.protocol.version', '1.20.0'),
  { from: 'net.transport', to: 'network.transport', since: '1.21.0', values: TRANSPORTS }, both('net.host.connection.type', 'network.connection.type', '1.21.0'), both('net.host.connection.subtype', 'network.connection.subtype', '1.21.0'),
  both('net.host.carrier.name', 'network.carrier.name', '1.21.0'), both('net.host.carrier.mcc', 'network.carrier.mcc', '1.21.0'), both('net.host.carrier.mnc', 'network.carrier.mnc', '1.21.0'), both('net.host.carrier.icc', 'network.carrier.icc', '1.21.0'),
  // Databases
  { from: 'db.system', to: 'db.system.name', since: '1.30.0', values: DATABASES }, both('db.statement', 'db.query.text', '1.25.0'), both('db.operation', 'db.operation.name', '1.25.0'), both('db.name', 'db.namespace', '1.25.0'),
  both('db.redis.database_index', 'db.namespace', '1.28.0'), both('db.sql.table', 'db.collection.name', '1.25.0'), both('db.mongodb.collection', 'db.collection.name', '1.25.0'), both('db.cassandra.table', 'db.collection.name', '1.25.0'), both('db.cosmosdb.container', 'db.collection.name', '1.25.0'),
  both('db.elasticsearch.cluster.name', 'db.namespace', '1.27.0'), both('db.cassandra.page_size', 'cassandra.page.size', '1.30.0'), both('db.cassandra.consistency_level', 'cassandra.consistency.level', '1.30.0'), both('db.cassandra.coordinator.id', 'cassandra.coordinator.id', '1.30.0'),
  both('db.elasticsearch.node.name', 'elasticsearch.node.name', '1.30.0'),
  // Messaging
  both('messaging.destination', 'messaging.destination.name', '1.17.0'), both('messaging.temp_destination', 'messaging.destination.temporary', '1.17.0'), both('messaging.message_id', 'messaging.message.id', '1.17.0'), both('messaging.conversation_id', 'messaging.message.conversation_id', '1.17.0'),
  both('messaging.protocol', 'network.protocol.name', '1.17.0'), both('messaging.protocol_version', 'network.protocol.version', '1.17.0'), both('messaging.message_payload_size_bytes', 'messaging.message.body.size', '1.17.0'), both('messaging.message.payload_size_bytes', 'messaging.message.body.size', '1.22.0'),
  both('messaging.client_id', 'messaging.client.id', '1.26.0'), both('messaging.consumer_id', 'messaging.client.id', '1.17.0'), both('messaging.kafka.client_id', 'messaging.client.id', '1.21.0'), both('messaging.kafka.consumer_group', 'messaging.consumer.group.name', '1.17.0'), both('messaging.kafka.consumer.group', 'messaging.consumer.group.name', '1.27.0'),
  both('messaging.rocketmq.client_group', 'messaging.consumer.group.name', '1.27.0'), both('messaging.kafka.message_key', 'messaging.kafka.message.key', '1.17.0'), both('messaging.kafka.partition', 'messaging.destination.partition.id', '1.17.0'), both('messaging.kafka.destination.partition', 'messaging.destination.partition.id', '1.26.0'),
  both('messaging.kafka.message.offset', 'messaging.kafka.offset', '1.27.0'), both('messaging.kafka.tombstone', 'messaging.kafka.message.tombstone', '1.17.0'), both('messaging.rabbitmq.routing_key', 'messaging.rabbitmq.destination.routing_key', '1.17.0'),
  // Code, deployment, and others
  both('code.function', 'code.function.name', '1.30.0'), both('code.filepath', 'code.file.path', '1.30.0'), both('code.lineno', 'code.line.number', '1.30.0'), both('code.column', 'code.column.number', '1.30.0'),
  both('deployment.environment', 'deployment.environment.name', '1.27.0'), both('telemetry.auto.version', 'telemetry.distro.version', '1.22.0'), both('gen_ai.system', 'gen_ai.provider.name', '1.37.0'), both('gen_ai.usage.prompt_tokens', 'gen_ai.usage.input_tokens', '1.27.0'), both('gen_ai.usage.completion_tokens', 'gen_ai.usage.output_tokens', '1.27.0'),
  both('faas.execution', 'faas.invocation_id', '1.19.0'), both('faas.id', 'cloud.resource_id', '1.19.0'), both('system.processes.status', 'system.process.status', '1.22.0'), both('system.network.state', 'network.connection.state', '1.31.0'),
];

export interface MetricRename {
  readonly from: string;
  readonly to: string;
  readonly since: string;
}

const metric = (from: string, to: string, since: string): MetricRename => ({ from, to, since });

/** Metrics that have a new name with the same unit, type and meaning. Those whose unit changed (`http.server.duration`, milliseconds) are not among them: the same numbers would say something else. */
export const METRIC_RENAMES: readonly MetricRename[] = [
  metric('http.server.request.size', 'http.server.request.body.size', '1.21.0'), metric('http.server.response.size', 'http.server.response.body.size', '1.21.0'), metric('http.client.request.size', 'http.client.request.body.size', '1.21.0'), metric('http.client.response.size', 'http.client.response.body.size', '1.21.0'),
  metric('db.client.connections.usage', 'db.client.connection.count', '1.26.0'), metric('db.client.connections.idle.max', 'db.client.connection.idle.max', '1.26.0'), metric('db.client.connections.idle.min', 'db.client.connection.idle.min', '1.26.0'), metric('db.client.connections.max', 'db.client.connection.max', '1.26.0'),
  metric('db.client.connections.pending_requests', 'db.client.connection.pending_requests', '1.26.0'), metric('db.client.connections.timeouts', 'db.client.connection.timeouts', '1.26.0'),
  metric('process.runtime.jvm.memory.usage', 'jvm.memory.used', '1.22.0'), metric('process.runtime.jvm.memory.committed', 'jvm.memory.committed', '1.22.0'), metric('process.runtime.jvm.memory.limit', 'jvm.memory.limit', '1.22.0'), metric('process.runtime.jvm.memory.usage_after_last_gc', 'jvm.memory.used_after_last_gc', '1.22.0'), metric('process.runtime.jvm.memory.init', 'jvm.memory.init', '1.22.0'),
  metric('jvm.memory.usage', 'jvm.memory.used', '1.22.0'), metric('jvm.memory.usage_after_last_gc', 'jvm.memory.used_after_last_gc', '1.22.0'), metric('process.runtime.jvm.threads.count', 'jvm.thread.count', '1.22.0'), metric('process.runtime.jvm.classes.loaded', 'jvm.class.loaded', '1.22.0'), metric('process.runtime.jvm.classes.unloaded', 'jvm.class.unloaded', '1.22.0'),
  metric('process.runtime.jvm.classes.current_loaded', 'jvm.class.count', '1.22.0'), metric('process.runtime.jvm.cpu.utilization', 'jvm.cpu.recent_utilization', '1.22.0'), metric('process.runtime.jvm.system.cpu.load_1m', 'jvm.system.cpu.load_1m', '1.22.0'), metric('process.runtime.jvm.system.cpu.utilization', 'jvm.system.cpu.utilization', '1.22.0'),
  metric('process.runtime.jvm.buffer.usage', 'jvm.buffer.memory.used', '1.22.0'), metric('process.runtime.jvm.buffer.limit', 'jvm.buffer.memory.limit', '1.22.0'), metric('process.runtime.jvm.buffer.count', 'jvm.buffer.count', '1.22.0'),
  metric('system.processes.count', 'system.process.count', '1.22.0'), metric('system.processes.created', 'system.process.created', '1.22.0'), metric('system.network.connections', 'system.network.connection.count', '1.31.0'), metric('process.open_file_descriptors', 'process.open_file_descriptor.count', '1.23.0'), metric('process.threads', 'process.thread.count', '1.23.0'),
];

/** The newest version of the conventions that the tables know. */
export const CURRENT = '1.37.0';
export const CURRENT_SCHEMA_URL = `https://opentelemetry.io/schemas/${CURRENT}`;

export function renamedValue(value: AnyValue, values: AttributeRename['values']): AnyValue {
  return typeof value === 'string' && values && Object.hasOwn(values, value) ? values[value] : value;
}
