import { z } from 'zod';
import { duration } from '../../config/duration.js';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';

export const DETECTORS = ['env', 'system', 'docker', 'k8s'] as const;
export type DetectorName = (typeof DETECTORS)[number];

export const resourceDetectionSchema = z.strictObject({
  detectors: z
    .array(z.enum([...DETECTORS, 'host', 'container', 'kubernetes']))
    .default(['env'])
    .describe('In order; an attribute that an earlier one found stands. `env`: OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME. `system` (or `host`): name, id, architecture, operating system. `docker` (or `container`): the id of the container. `k8s` (or `kubernetes`): pod, namespace, node, from the environment and the service account.'),
  override: z.boolean().default(true).describe('What is found replaces what the resource has.'),
  timeout: duration({ minMs: 1, maxMs: 60_000 }).prefault('5s').describe('After this detectors that have not begun are left out.'),
  system: z.strictObject({ hostname_sources: z.array(z.enum(['dns', 'os', 'cname', 'lookup'])).default(['dns', 'os']).describe('`os`: the name that the machine has. The others: its full name as /etc/hosts has it, where it has one; no name server is asked.') }).prefault({}),
});

export type ResourceDetectionConfig = z.output<typeof resourceDetectionSchema>;

export function parseResourceDetectionConfig(raw: unknown, place: ConfigPlace): ResourceDetectionConfig {
  return parseSection(resourceDetectionSchema, raw, place);
}
