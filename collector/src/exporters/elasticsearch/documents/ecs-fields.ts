import type { Resource } from '@signalbox/signals/model/resource';
import type { Attributes } from '@signalbox/signals/model/attributes';
import type { DocumentFields } from './document-fields.js';

/** Names that the Elastic Common Schema has for attributes of resources, where they differ from OpenTelemetry's. */
const OF_RESOURCES: ReadonlyMap<string, string> = new Map([
  ['service.instance.id', 'service.node.name'],
  ['deployment.environment', 'service.environment'],
  ['deployment.environment.name', 'service.environment'],
  ['telemetry.sdk.language', 'service.language.name'],
  ['cloud.platform', 'cloud.service.name'],
  ['container.image.tags', 'container.image.tag'],
  ['host.name', 'host.hostname'],
  ['host.arch', 'host.architecture'],
  ['process.parent_pid', 'process.parent.pid'],
  ['process.executable.name', 'process.title'],
  ['process.executable.path', 'process.executable'],
  ['process.command_line', 'process.args'],
  ['process.runtime.name', 'service.runtime.name'],
  ['process.runtime.version', 'service.runtime.version'],
  ['os.name', 'host.os.name'],
  ['os.type', 'host.os.platform'],
  ['os.description', 'host.os.full'],
  ['os.version', 'host.os.version'],
  ['faas.instance', 'faas.id'],
  ['faas.trigger', 'faas.trigger.type'],
  ['k8s.deployment.name', 'kubernetes.deployment.name'],
  ['k8s.namespace.name', 'kubernetes.namespace'],
  ['k8s.node.name', 'kubernetes.node.name'],
  ['k8s.pod.name', 'kubernetes.pod.name'],
  ['k8s.pod.uid', 'kubernetes.pod.uid'],
  ['k8s.replicaset.name', 'kubernetes.replicaset.name'],
  ['k8s.statefulset.name', 'kubernetes.statefulset.name'],
  ['k8s.daemonset.name', 'kubernetes.daemonset.name'],
  ['k8s.job.name', 'kubernetes.job.name'],
  ['k8s.cronjob.name', 'kubernetes.cronjob.name'],
  ['k8s.container.name', 'kubernetes.container.name'],
  ['k8s.cluster.name', 'orchestrator.cluster.name'],
]);

/** The same for attributes of records, spans and their events. */
const OF_ITEMS: ReadonlyMap<string, string> = new Map([
  ['event.name', 'event.action'],
  ['exception.message', 'error.message'],
  ['exception.stacktrace', 'error.stack_trace'],
  ['exception.type', 'error.type'],
  ['exception.escaped', 'event.error.exception.handled'],
]);

/** Kinds of operating systems, as ECS counts them, by OpenTelemetry's `os.type`. */
const OS_TYPES: Readonly<Record<string, string>> = { windows: 'windows', linux: 'linux', darwin: 'macos', aix: 'unix', hpux: 'unix', solaris: 'unix' };

export function ecsResource(fields: DocumentFields, resource: Resource): DocumentFields {
  fields.attributes(resource.attributes, (name) => OF_RESOURCES.get(name) ?? name);
  const text = (key: string): string => {
    const value = resource.attributes.find((each) => each.key === key)?.value;
    return typeof value === 'string' ? value : '';
  };
  const osType = text('os.type');
  if (Object.hasOwn(OS_TYPES, osType)) fields.string('host.os.type', OS_TYPES[osType] ?? '');
  const language = text('telemetry.sdk.language');
  const sdk = text('telemetry.sdk.name') || 'otlp';
  return fields.string('agent.name', language === '' ? sdk : `${sdk}/${language}`).string('agent.version', text('telemetry.sdk.version'));
}

/** Attributes of a scope, record, span, event or point. */
export function ecsAttributes(fields: DocumentFields, attributes: Attributes): DocumentFields {
  return fields.attributes(attributes, (name) => OF_ITEMS.get(name) ?? name);
}
