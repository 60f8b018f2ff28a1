import type { KeyValue } from '@signalbox/signals/model/attributes';
import type { DetectorName, ResourceDetectionConfig } from './config.js';
import type { Machine } from './machine.js';

type Found = readonly KeyValue[];
type Detector = (machine: Machine, config: ResourceDetectionConfig) => Found;

export const detectors: Readonly<Record<DetectorName, Detector>> = { env: fromEnvironment, system: fromSystem, docker: fromContainer, k8s: fromKubernetes };

function list(entries: Readonly<Record<string, string | null | undefined>>): Found {
  return Object.entries(entries).flatMap(([key, value]) => (value === null || value === undefined || value === '' ? [] : [{ key, value }]));
}

/** `key=value,key=value` with percent escapes; what is not of that form makes all of it void (OpenTelemetry resource SDK). */
function fromEnvironment({ env }: Machine): Found {
  const text = env['OTEL_RESOURCE_ATTRIBUTES'] || env['OTEL_RESOURCE'] || '';
  const found = new Map<string, string>();
  for (const pair of text.split(',')) {
    if (pair.trim() === '') continue;
    const at = pair.indexOf('=');
    const value = at < 1 ? null : unescaped(pair.slice(at + 1).trim());
    if (value === null) {
      found.clear();
      break;
    }
    found.set(pair.slice(0, at).trim(), value);
  }
  if (env['OTEL_SERVICE_NAME']) found.set('service.name', env['OTEL_SERVICE_NAME']);
  return [...found].map(([key, value]) => ({ key, value }));
}

function unescaped(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: 'x86', arm: 'arm32', arm64: 'arm64', ppc64: 'ppc64', s390x: 's390x' };

function fromSystem(machine: Machine, { system }: ResourceDetectionConfig): Found {
  const name = system.hostname_sources.map((source) => (source === 'os' ? machine.hostname : fullName(machine))).find((found) => found !== null);
  return list({
    'host.name': name,
    'host.id': (machine.read('/etc/machine-id') ?? machine.read('/var/lib/dbus/machine-id'))?.trim(),
    'host.arch': ARCHITECTURES[machine.arch] ?? machine.arch,
    'os.type': machine.platform === 'win32' ? 'windows' : machine.platform,
    'os.version': machine.release,
    'os.description': prettyName(machine.read('/etc/os-release')),
  });
}

function prettyName(osRelease: string | null): string | null {
  return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(osRelease ?? '')?.[1] ?? null;
}

/** The first name with a dot on the machine's line of /etc/hosts. */
function fullName({ hostname, read }: Machine): string | null {
  if (hostname.includes('.')) return hostname;
  for (const line of (read('/etc/hosts') ?? '').split('\n')) {
    const [, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    const full = names.find((name) => name.startsWith(`${hostname}.`));
    if (full && names.some((name) => name === hostname || name === full)) return full;
  }
  return null;
}

const CONTAINER_ID = /(?:^|[^0-9a-f])([0-9a-f]{64})(?:[^0-9a-f]|$)/;

/** By /proc/self/cgroup, and where that shows nothing (cgroup v2) by what is mounted out of the container's own folder. */
function fromContainer({ read }: Machine): Found {
  const cgroup = (read('/proc/self/cgroup') ?? '').split('\n').map((line) => CONTAINER_ID.exec(line.slice(line.lastIndexOf('/')))?.[1]).find((id) => id !== undefined);
  const mounted = (read('/proc/self/mountinfo') ?? '').split('\n').filter((line) => /\/(?:hostname|hosts|resolv\.conf)\s/.test(line)).map((line) => /\/(?:containers|sandboxes|overlay-containers|docker)\/([0-9a-f]{64})\//.exec(line)?.[1]).find((id) => id !== undefined);
  return list({ 'container.id': cgroup ?? mounted });
}

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** What a pod knows of itself: names that the downward API puts into the environment, and the service account's files. */
function fromKubernetes(machine: Machine): Found {
  const { env, read } = machine;
  if (!env['KUBERNETES_SERVICE_HOST']) return [];
  const first = (...names: string[]): string | undefined => names.map((name) => env[name]).find((value) => value);
  return list({
    'k8s.namespace.name': first('K8S_NAMESPACE_NAME', 'K8S_NAMESPACE', 'POD_NAMESPACE', 'KUBERNETES_NAMESPACE') ?? read(`${ACCOUNT}/namespace`)?.trim(),
    'k8s.pod.name': first('K8S_POD_NAME', 'POD_NAME', 'KUBERNETES_POD_NAME') ?? machine.hostname,
    'k8s.pod.uid': first('K8S_POD_UID', 'POD_UID') ?? podUid(read('/proc/self/mountinfo')),
    'k8s.node.name': first('K8S_NODE_NAME', 'NODE_NAME', 'KUBERNETES_NODE_NAME'),
    'k8s.container.name': first('K8S_CONTAINER_NAME', 'CONTAINER_NAME'),
    'k8s.cluster.name': first('K8S_CLUSTER_NAME', 'CLUSTER_NAME'),
  });
}

function podUid(mountinfo: string | null): string | null {
  return /\/pods\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\//.exec(mountinfo ?? '')?.[1] ?? null;
}
