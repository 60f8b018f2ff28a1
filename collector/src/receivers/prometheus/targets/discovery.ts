import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Logger } from '../../../component.js';
import { staticConfigSchema, type ScrapeConfig, type StaticConfig } from '../config.js';

export interface DiscoveredGroup {
  readonly group: StaticConfig;
  /** The file that it stands in; null for one of the configuration. */
  readonly source: string | null;
}

const fileSchema = z.array(staticConfigSchema);

/** The groups of one scrape config: the static ones, and those of files, which are looked at again and again. */
export class Discovery {
  readonly #config: ScrapeConfig;
  readonly #logger: Logger;
  readonly #files = new Map<string, { readonly stamp: string; readonly groups: readonly DiscoveredGroup[] }>();

  constructor(config: ScrapeConfig, logger: Logger) {
    this.#config = config;
    this.#logger = logger;
  }

  /** How often files are to be looked at; null without files. */
  get refreshMs(): number | null {
    const intervals = this.#config.file_sd_configs.map(({ refresh_interval }) => refresh_interval);
    return intervals.length === 0 ? null : Math.min(...intervals);
  }

  /** Reads what has changed. A file that cannot be read leaves what was known of it, as in Prometheus. */
  async groups(): Promise<readonly DiscoveredGroup[]> {
    const paths = new Set((await Promise.all(this.#config.file_sd_configs.flatMap(({ files }) => files.map(matches)))).flat());
    for (const known of this.#files.keys()) if (!paths.has(known)) this.#files.delete(known);
    for (const path of [...paths].sort()) await this.#read(path);
    return [...this.#config.static_configs.map((group) => ({ group, source: null })), ...[...this.#files.values()].flatMap(({ groups }) => groups)];
  }

  async #read(path: string): Promise<void> {
    try {
      const { mtimeMs, size, ino } = await stat(path);
      const stamp = `${mtimeMs}:${size}:${ino}`;
      if (this.#files.get(path)?.stamp === stamp) return;
      const text = await readFile(path, 'utf8');
      const groups = fileSchema.parse(/\.json$/i.test(path) ? JSON.parse(text) : parse(text) ?? []);
      this.#files.set(path, { stamp, groups: groups.map((group) => ({ group, source: path })) });
    } catch (error) {
      this.#logger.warn(`the file of targets ${path} cannot be used: ${error instanceof Error ? error.message : String(error)}`, { code: 'SBX_SCRAPE_TARGETS_FILE', job: this.#config.job_name });
    }
  }
}

/** `*` may stand in the last part of a path. */
async function matches(pattern: string): Promise<string[]> {
  const name = basename(pattern);
  if (!name.includes('*')) return [pattern];
  const regex = new RegExp(`^${name.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('[^/]*')}$`);
  try {
    return (await readdir(dirname(pattern))).filter((file) => regex.test(file)).map((file) => join(dirname(pattern), file));
  } catch {
    return [];
  }
}
