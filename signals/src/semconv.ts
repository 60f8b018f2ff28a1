/**
 * Names of OpenTelemetry's semantic conventions that this project reads or writes
 * (https://opentelemetry.io/docs/specs/semconv/, version 1.37), with the older names that senders still use.
 */

// Resource
export const SERVICE_NAME = 'service.name';
export const SERVICE_NAMESPACE = 'service.namespace';
export const SERVICE_VERSION = 'service.version';
export const SERVICE_INSTANCE_ID = 'service.instance.id';
export const DEPLOYMENT_ENVIRONMENT_NAME = 'deployment.environment.name';
/** Before 1.27. */
export const DEPLOYMENT_ENVIRONMENT_OLD = 'deployment.environment';
export const HOST_NAME = 'host.name';
export const PROCESS_PID = 'process.pid';
export const K8S_NAMESPACE_NAME = 'k8s.namespace.name';
export const K8S_POD_NAME = 'k8s.pod.name';
export const CONTAINER_NAME = 'container.name';
export const TELEMETRY_SDK_LANGUAGE = 'telemetry.sdk.language';
export const TELEMETRY_SDK_NAME = 'telemetry.sdk.name';
export const TELEMETRY_SDK_VERSION = 'telemetry.sdk.version';

// HTTP and URLs
export const HTTP_REQUEST_METHOD = 'http.request.method';
export const HTTP_RESPONSE_STATUS_CODE = 'http.response.status_code';
export const HTTP_ROUTE = 'http.route';
export const URL_FULL = 'url.full';
export const URL_PATH = 'url.path';
export const URL_QUERY = 'url.query';
export const URL_SCHEME = 'url.scheme';
export const USER_AGENT_ORIGINAL = 'user_agent.original';
/** Before 1.23. */
export const HTTP_METHOD_OLD = 'http.method';
export const HTTP_STATUS_CODE_OLD = 'http.status_code';
export const HTTP_URL_OLD = 'http.url';
export const HTTP_TARGET_OLD = 'http.target';

// Network
export const CLIENT_ADDRESS = 'client.address';
export const SERVER_ADDRESS = 'server.address';
export const SERVER_PORT = 'server.port';
export const NETWORK_PEER_ADDRESS = 'network.peer.address';
export const NETWORK_PEER_PORT = 'network.peer.port';
export const NETWORK_PROTOCOL_NAME = 'network.protocol.name';
export const NETWORK_PROTOCOL_VERSION = 'network.protocol.version';
export const PEER_SERVICE = 'peer.service';

// RPC
export const RPC_SYSTEM = 'rpc.system';
export const RPC_SERVICE = 'rpc.service';
export const RPC_METHOD = 'rpc.method';
export const RPC_GRPC_STATUS_CODE = 'rpc.grpc.status_code';

// Databases
export const DB_SYSTEM_NAME = 'db.system.name';
export const DB_NAMESPACE = 'db.namespace';
export const DB_COLLECTION_NAME = 'db.collection.name';
export const DB_OPERATION_NAME = 'db.operation.name';
export const DB_QUERY_TEXT = 'db.query.text';
/** Before 1.28. */
export const DB_SYSTEM_OLD = 'db.system';
export const DB_NAME_OLD = 'db.name';
export const DB_STATEMENT_OLD = 'db.statement';
export const DB_CONNECTION_STRING_OLD = 'db.connection_string';

// Messaging
export const MESSAGING_SYSTEM = 'messaging.system';
export const MESSAGING_DESTINATION_NAME = 'messaging.destination.name';
export const MESSAGING_OPERATION_NAME = 'messaging.operation.name';

// Errors and exceptions
export const ERROR_TYPE = 'error.type';
/** Name of the span event that records an exception. */
export const EXCEPTION_EVENT = 'exception';
export const EXCEPTION_TYPE = 'exception.type';
export const EXCEPTION_MESSAGE = 'exception.message';
export const EXCEPTION_STACKTRACE = 'exception.stacktrace';

// Logs
export const LOG_FILE_NAME = 'log.file.name';
export const LOG_FILE_PATH = 'log.file.path';
export const LOG_RECORD_ORIGINAL = 'log.record.original';

// Metrics
export const HTTP_SERVER_REQUEST_DURATION = 'http.server.request.duration';
export const HTTP_CLIENT_REQUEST_DURATION = 'http.client.request.duration';
