import { strict as assert } from 'node:assert';
import { detachedPlace } from '../../config/place.js';
import { batchOf, testContext } from '../../exporters/testing/context.js';
import { frozen, plain, span, traces } from '../editing/fixture.test.js';
import { resourcedetection } from './index.js';
import type { Machine } from './machine.js';
import { ResourceDetectionProcessor } from './processor.js';

const ID = '0123456789abcdef'.repeat(4);
const machine = (env: Record<string, string>, files: Record<string, string> = {}): Machine => ({ env, read: (path) => files[path] ?? null, hostname: 'web-1', platform: 'linux', release: '6.1.0', arch: 'x64' });
const found = (raw: unknown, on: Machine): Record<string, unknown> => plain(new ResourceDetectionProcessor(resourcedetection.parseConfig(raw, detachedPlace('test')), testContext(), on).found);

describe('processors/resourcedetection', () => {
  it('reads the environment as the specification has it', () => {
    assert.deepEqual(found({}, machine({ OTEL_RESOURCE_ATTRIBUTES: 'a=b, service.name=x ,c=d%2Ce' })), { a: 'b', 'service.name': 'x', c: 'd,e' });
    assert.deepEqual(found({}, machine({ OTEL_RESOURCE_ATTRIBUTES: 'service.name=x', OTEL_SERVICE_NAME: 'y' })), { 'service.name': 'y' });
    for (const wrong of ['a', 'a=b,=c', 'a=%zz', ',', '']) assert.deepEqual(found({}, machine({ OTEL_RESOURCE_ATTRIBUTES: wrong })), {});
  });

  it('describes the machine', () => {
    const files = { '/etc/machine-id': 'abc\n', '/etc/os-release': 'NAME=x\nPRETTY_NAME="Debian 13"\n', '/etc/hosts': '127.0.0.1 localhost\n10.0.0.1 web-1.example.com web-1\n' };
    assert.deepEqual(found({ detectors: ['system'] }, machine({}, files)), { 'host.name': 'web-1.example.com', 'host.id': 'abc', 'host.arch': 'amd64', 'os.type': 'linux', 'os.version': '6.1.0', 'os.description': 'Debian 13' });
    assert.equal(found({ detectors: ['host'], system: { hostname_sources: ['os'] } }, machine({}, files))['host.name'], 'web-1');
    assert.equal(found({ detectors: ['system'] }, machine({}))['host.name'], 'web-1');
  });

  const containers: [string, string, string][] = [
    ['/proc/self/cgroup', `12:cpu:/docker/${ID}\n`, 'cgroup v1'],
    ['/proc/self/cgroup', `0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-${ID}.scope\n`, 'systemd'],
    ['/proc/self/mountinfo', `1 2 0:1 / / rw\n713 700 8:1 /var/lib/docker/containers/${ID}/hostname /etc/hostname rw - ext4 /dev/sda rw\n`, 'cgroup v2, docker'],
    ['/proc/self/mountinfo', `713 700 8:1 /containers/overlay-containers/${ID}/userdata/hosts /etc/hosts rw - ext4 x rw\n`, 'cgroup v2, podman'],
  ];
  for (const [path, text, name] of containers) it(`finds the container by ${name}`, () => assert.deepEqual(found({ detectors: ['docker'] }, machine({}, { [path]: text, ...(path === '/proc/self/mountinfo' && { '/proc/self/cgroup': '0::/\n' }) })), { 'container.id': ID }));
  it('finds no container where there is none', () => assert.deepEqual(found({ detectors: ['docker'] }, machine({}, { '/proc/self/cgroup': '0::/user.slice\n', '/proc/self/mountinfo': '1 2 8:1 / / rw\n' })), {}));

  it('describes a pod', () => {
    const files = { '/var/run/secrets/kubernetes.io/serviceaccount/namespace': 'shop', '/proc/self/mountinfo': '1 2 8:1 /var/lib/kubelet/pods/0b0e8ef0-1111-2222-3333-444455556666/etc-hosts /etc/hosts rw\n' };
    assert.deepEqual(found({ detectors: ['k8s'] }, machine({ KUBERNETES_SERVICE_HOST: '10.0.0.1', K8S_NODE_NAME: 'n1' }, files)), { 'k8s.namespace.name': 'shop', 'k8s.pod.name': 'web-1', 'k8s.pod.uid': '0b0e8ef0-1111-2222-3333-444455556666', 'k8s.node.name': 'n1' });
    assert.deepEqual(found({ detectors: ['k8s'] }, machine({}, files)), {});
  });

  it('adds what it found, over or under what is there', () => {
    const env = machine({ OTEL_RESOURCE_ATTRIBUTES: 'service.name=found,env=prod' });
    const batch = frozen(batchOf('default', traces([span()])));
    for (const [override, name] of [[true, 'found'], [false, 'shop']] as const) {
      const { batch: left } = new ResourceDetectionProcessor(resourcedetection.parseConfig({ override }, detachedPlace('test')), testContext(), env).process(batch);
      assert.ok(left.parts[0].data.signal === 'traces');
      assert.deepEqual(plain(left.parts[0].data.traces.resourceSpans[0].resource!.attributes), { 'service.name': name, env: 'prod' });
    }
  });

  it('works on the machine at hand, and stops at its timeout', () => {
    resourcedetection.create(resourcedetection.parseConfig({ detectors: ['env', 'system', 'docker', 'k8s'] }, detachedPlace('test')), testContext());
    let nowMs = 0;
    const context = testContext({ clock: { nowNs: () => 0n, monotonicMs: () => (nowMs += 1000) } });
    const late = new ResourceDetectionProcessor(resourcedetection.parseConfig({ detectors: ['env', 'system'], timeout: '1s' }, detachedPlace('test')), context, machine({ OTEL_SERVICE_NAME: 'x' }));
    assert.deepEqual(plain(late.found), { 'service.name': 'x' });
    assert.throws(() => resourcedetection.parseConfig({ detectors: ['dockr'], timeout: 5 }, detachedPlace('test')), /Did you mean 'docker'[\s\S]*needs a unit/);
  });
});
