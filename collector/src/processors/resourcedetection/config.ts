import { z } from 'zod';
import { duration } from '../../config/duration.js';
import { allRefused, refused, withoutEffect } from '../../config/foreign.js';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';

export const DETECTORS = ['env', 'system', 'docker', 'k8s'] as const;
export type DetectorName = (typeof DETECTORS)[number];

/** Attributes not to add, as the OpenTelemetry Collector writes it: `{ host.id: { enabled: false } }`. */
const wanted = () => z.record(z.string(), z.strictObject({ enabled: z.boolean() })).default({}).describe('Attributes that are not to be added: `{ host.id: { enabled: false } }`.');

const CLOUD = 'no metadata service is asked; set what is known of the machine in OTEL_RESOURCE_ATTRIBUTES, and take the detector env.';
const CLOUDS = allRefused('aks akamai azure consul digitalocean dynatrace ec2 ecs eks elastic_beanstalk gcp heroku hetzner k8snode kubeadm lambda nova openshift oraclecloud scaleway upcloud vultr'.split(' '), CLOUD);

export const resourceDetectionSchema = z.strictObject({
  detectors: z
    .array(z.enum([...DETECTORS, 'host', 'container', 'kubernetes']))
    .default(['env'])
    .describe('In order; an attribute that an earlier one found stands. `env`: OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME. `system` (or `host`): name, id, architecture, operating system. `docker` (or `container`): the id of the container. `k8s` (or `kubernetes`): pod, namespace, node, from the environment and the service account.'),
  override: z.boolean().default(true).describe('What is found replaces what the resource has.'),
  timeout: duration({ minMs: 1, maxMs: 60_000 }).prefault('5s').describe('After this detectors that have not begun are left out.'),
  ...CLOUDS,
  attributes: refused('take out what is not wanted with the processor resource (action: delete).'),
  refresh_interval: withoutEffect('it is looked once, at the start.'),
  docker: z.strictObject({ resource_attributes: wanted() }).prefault({}),
  system: z.strictObject({ resource_attributes: wanted(),  hostname_sources: z.array(z.enum(['dns', 'os', 'cname', 'lookup'])).default(['dns', 'os']).describe('`os`: the name that the machine has. The others: its full name as /etc/hosts has it, where it has one; no name server is asked.') }).prefault({}),
});

export type ResourceDetectionConfig = z.output<typeof resourceDetectionSchema>;

export function parseResourceDetectionConfig(raw: unknown, place: ConfigPlace): ResourceDetectionConfig {
  return parseSection(resourceDetectionSchema, raw, place);
}
