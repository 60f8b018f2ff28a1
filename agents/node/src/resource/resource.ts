import { randomUUID } from 'node:crypto';
import { arch, hostname, type as osType } from 'node:os';
import { basename } from 'node:path';
import type { Attributes } from '@opentelemetry/api';
import type { Resource, ResourceDetector } from '@opentelemetry/resources';
import { defaultResource, detectResources, envDetector, hostDetector, osDetector, processDetector, resourceFromAttributes, serviceInstanceIdDetector } from '@opentelemetry/resources';
import type { Application } from './application.js';
import { containerId } from './container.js';

const DETECTORS: Readonly<Record<string, ResourceDetector>> = {
  env: envDetector, host: hostDetector, os: osDetector, process: processDetector, serviceinstance: serviceInstanceIdDetector,
};

/**
 * What this process is, in OpenTelemetry's semantic conventions. OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES go
 * before everything; package.json gives name and version where they are silent. The command line is left out: people
 * pass secrets there. OTEL_NODE_RESOURCE_DETECTORS chooses OpenTelemetry's detectors instead of ours.
 */
export function createResource(application: Application, agentVersion: string, detectors: readonly string[]): Resource {
  const own = defaultResource()
    .merge(resourceFromAttributes(serviceAttributes(application)))
    .merge(resourceFromAttributes({ 'telemetry.distro.name': 'signalbox-agent', 'telemetry.distro.version': agentVersion }));
  if (detectors.length === 0) {
    return own.merge(resourceFromAttributes(environmentAttributes())).merge(detectResources({ detectors: [envDetector] }));
  }
  if (detectors.includes('none')) return own;
  const names = detectors.includes('all') ? Object.keys(DETECTORS) : detectors;
  const chosen = names.flatMap((name) => DETECTORS[name] ?? []).filter((detector) => detector !== envDetector);
  const last = names.includes('env') ? [envDetector] : [];
  return own.merge(detectResources({ detectors: [...chosen, ...last] }));
}

function serviceAttributes({ name, version }: Application): Attributes {
  return { ...(name === undefined ? {} : { 'service.name': name }), ...(version === undefined ? {} : { 'service.version': version }) };
}

function environmentAttributes(): Attributes {
  const container = containerId();
  return {
    'service.instance.id': randomUUID(),
    'host.name': hostname(),
    'host.arch': archName(),
    'os.type': osName(),
    'process.pid': process.pid,
    'process.executable.name': basename(process.execPath),
    'process.runtime.name': 'nodejs',
    'process.runtime.version': process.versions.node,
    ...(container === undefined ? {} : { 'container.id': container }),
  };
}

/** Node's names in those of the convention (host.arch). */
function archName(): string {
  return { x64: 'amd64', ia32: 'x86', arm: 'arm32', ppc: 'ppc32' }[arch()] ?? arch();
}

/** Likewise (os.type). */
function osName(): string {
  const name = osType().toLowerCase();
  return name === 'windows_nt' ? 'windows' : name;
}
