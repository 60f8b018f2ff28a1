import { Discovery } from '../targets/discovery.js';
import { Relabeling } from '../targets/relabel.js';
import { ScrapeLoop, type LoopContext } from './scrape-loop.js';
import { targetOf, type Target } from '../targets/target.js';
import type { LabelMap } from '../targets/relabel.js';

/** Targets of one scrape config: scraped as long as they are discovered. */
export class ScrapePool {
  readonly #loop: LoopContext;
  readonly #discovery: Discovery;
  readonly #relabeling: Relabeling;
  readonly #loops = new Map<string, ScrapeLoop>();
  #dropped: readonly LabelMap[] = [];
  #timer: NodeJS.Timeout | null = null;
  #refreshing: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(loop: LoopContext) {
    this.#loop = loop;
    this.#discovery = new Discovery(loop.config, loop.context.logger);
    this.#relabeling = new Relabeling(loop.config.relabel_configs);
  }

  get name(): string {
    return this.#loop.config.job_name;
  }

  get loops(): readonly ScrapeLoop[] {
    return [...this.#loops.values()];
  }

  /** Labels of what relabelling dropped. */
  get dropped(): readonly LabelMap[] {
    return this.#dropped;
  }

  async start(): Promise<void> {
    await this.#refresh();
    const { refreshMs } = this.#discovery;
    if (refreshMs !== null) this.#schedule(refreshMs);
  }

  /** @param gone the config is gone, not the program */
  async stop(gone = false): Promise<void> {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
    await this.#refreshing;
    await Promise.all([...this.#loops.values()].map((loop) => loop.stop(gone)));
    this.#loops.clear();
    this.#loop.client.close();
  }

  #schedule(refreshMs: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#refreshing = this.#refresh().finally(() => this.#schedule(refreshMs));
    }, refreshMs);
  }

  async #refresh(): Promise<void> {
    const { config, log } = this.#loop;
    const targets = new Map<string, Target>();
    const dropped: LabelMap[] = [];
    for (const { group, source } of await this.#discovery.groups()) {
      for (const address of group.targets) {
        const target = targetOf(group, address, source, config, this.#relabeling);
        if ('url' in target) targets.set(target.key, target);
        else if (target.error === null) dropped.push(target.discovered);
        else log.warn(`target ${config.job_name}`, `a target of ${config.job_name} cannot be scraped: ${target.error}`, { job: config.job_name, address });
      }
    }
    this.#dropped = dropped;
    if (config.target_limit > 0 && targets.size > config.target_limit) {
      log.warn(`limit ${config.job_name}`, `${config.job_name} has ${targets.size} targets, more than target_limit (${config.target_limit}): none is scraped`, { job: config.job_name });
      targets.clear();
    }
    if (this.#stopped) return;
    const gone = [...this.#loops].filter(([key]) => !targets.has(key));
    for (const [key] of gone) this.#loops.delete(key);
    await Promise.all(gone.map(([, loop]) => loop.stop(true)));
    for (const [key, target] of targets) {
      if (this.#loops.has(key)) continue;
      const loop = new ScrapeLoop(target, this.#loop);
      this.#loops.set(key, loop);
      loop.start();
    }
  }
}
