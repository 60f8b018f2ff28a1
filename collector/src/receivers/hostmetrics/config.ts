import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { duration } from '../../config/duration.js';
import { ConfigError, mistakeAt } from '../../config/error.js';
import { withoutEffect } from '../../config/foreign.js';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';
import { nearestName } from '../../config/nearest.js';
import { compileRegexp } from '../../parsing/regexp.js';
import { HOST_METRICS } from './metric-names.js';

/** Names to take or to leave, as the Collector writes it: `{ devices: [sda], match_type: strict }`. */
function names(key: 'devices' | 'interfaces' | 'mount_points' | 'fs_types' | 'names') {
  return z.strictObject({ [key]: z.array(z.string()).default([]), match_type: z.enum(['strict', 'regexp']).default('strict') } as { [K in typeof key]: z.ZodDefault<z.ZodArray<z.ZodString>> } & { match_type: z.ZodDefault<z.ZodEnum<{ strict: 'strict'; regexp: 'regexp' }>> }).optional();
}

const metrics = z.record(z.string(), z.strictObject({ enabled: z.boolean() })).default({}).describe('Metrics to leave out, or to add: `{ system.cpu.utilization: { enabled: true } }`.');
const plain = z.strictObject({ metrics });
const MUTED = withoutEffect('what may not be read of a process is left out without a word.');
const schema = z.strictObject({
  collection_interval: duration({ minMs: 100 }).default(15_000).describe('How often the host is read.'),
  initial_delay: duration().default(1000).describe('Before the first time.'),
  root_path: z.string().default('/').refine((path) => isAbsolute(path), { error: 'expected an absolute path' }).describe("Where the host's file system is, seen from here: `/hostfs` in a container."),
  scrapers: z
    .strictObject({
      cpu: plain.optional(),
      load: z.strictObject({ metrics, cpu_average: z.boolean().default(false).describe('Whether the load is divided by the number of processors.') }).optional(),
      memory: plain.optional(),
      paging: plain.optional(),
      system: plain.optional(),
      disk: z.strictObject({ metrics, include: names('devices'), exclude: names('devices') }).optional(),
      filesystem: z.strictObject({ metrics, include_mount_points: names('mount_points'), exclude_mount_points: names('mount_points'), include_devices: names('devices'), exclude_devices: names('devices'), include_fs_types: names('fs_types'), exclude_fs_types: names('fs_types'), include_virtual_filesystems: z.boolean().default(false) }).optional(),
      network: z.strictObject({ metrics, include: names('interfaces'), exclude: names('interfaces') }).optional(),
      tcp: plain.optional(),
      pressure: plain.optional(),
      processes: plain.optional(),
      process: z.strictObject({ metrics, include: names('names'), exclude: names('names'), mute_process_all_errors: MUTED, mute_process_name_error: MUTED, mute_process_exe_error: MUTED, mute_process_io_error: MUTED, mute_process_user_error: MUTED, mute_process_cgroup_error: MUTED, scrape_process_delay: withoutEffect('processes that are there when the host is read are read.'), max_processes: z.int().min(1).default(500).describe('Those with most memory, if there are more.') }).optional(),
    })
    .optional()
    .describe('What is read; without it, all but `process`.'),
  metadata_collection_interval: withoutEffect('no events of entities are made.'),
  resource: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}).describe('Attributes of the resource, beside `host.name` and `os.type`.'),
  tenant: z.string().min(1).default('default').describe('Whose the metrics are.'),
});

export { schema as hostMetricsSchema };
export type HostMetricsConfig = z.output<typeof schema>;
export type Scrapers = NonNullable<HostMetricsConfig['scrapers']>;
export type NameFilter = { readonly match_type: 'strict' | 'regexp' } & { readonly [key: string]: unknown };

/** @throws ConfigError */
export function parseConfig(raw: unknown, place: ConfigPlace): HostMetricsConfig {
  const config = parseSection(schema, raw, place);
  const scrapers = config.scrapers ?? parseSection(schema.shape.scrapers.unwrap(), { cpu: {}, load: {}, memory: {}, paging: {}, system: {}, disk: {}, filesystem: {}, network: {}, tcp: {}, pressure: {}, processes: {} }, place.child('scrapers'));
  if (Object.keys(scrapers).length === 0) throw new ConfigError([mistakeAt(place.child('scrapers'), 'SBX_CONFIG_MISSING', 'name at least one scraper.')]);
  for (const [scraper, settings] of Object.entries(scrapers)) {
    for (const [key, filter] of Object.entries(settings ?? {})) {
      try {
        if (key === 'metrics') warnOfUnknown(filter as Readonly<Record<string, unknown>>, place.child('scrapers').child(scraper).child(key));
        else if (typeof filter === 'object') nameTest(filter as NameFilter);
      } catch (error) {
        throw new ConfigError([mistakeAt(place.child('scrapers').child(scraper).child(key), 'SBX_CONFIG_BAD_VALUE', `${error instanceof Error ? error.message : String(error)}.`)]);
      }
    }
  }
  return { ...config, scrapers };
}

/** What is to be added or left out under a name that there is not. */
function warnOfUnknown(named: Readonly<Record<string, unknown>>, place: ConfigPlace): void {
  for (const name of Object.keys(named)) {
    if (HOST_METRICS.includes(name)) continue;
    const nearest = nearestName(name, HOST_METRICS);
    place.child(name).warn?.(`has no effect: there is no metric '${name}'${nearest === null ? '' : `; did you mean '${nearest}'?`}`);
  }
}

/** Whether a name is among those listed; null for no list. @throws Error for a broken expression */
export function nameTest(filter: NameFilter | undefined): ((name: string) => boolean) | null {
  const listed = filter && Object.values(filter).find(Array.isArray);
  if (!filter || !listed || listed.length === 0) return null;
  const texts = listed.map(String);
  if (filter.match_type === 'strict') return (name) => texts.includes(name);
  const patterns = texts.map(compileRegexp);
  return (name) => patterns.some((pattern) => pattern.test(name));
}

/** Both lists at once. */
export function chosen(include: NameFilter | undefined, exclude: NameFilter | undefined): (name: string) => boolean {
  const [taken, left] = [nameTest(include), nameTest(exclude)];
  return (name) => (taken === null || taken(name)) && (left === null || !left(name));
}
