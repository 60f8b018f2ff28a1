import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@signalbox/collector/component';
import { createLogger } from '@signalbox/collector/telemetry/logger';
import { ConfigWatch } from './config-watch.js';
import type { Endpoint, RoleName, RoleStart, RoleStatus, Settle, Settled } from './messages.js';
import { prepareDataDirectory } from '../settings/data-directory.js';
import { RoleProcess } from './role-process.js';

/** Receivers stop first, so that what they acknowledged last can still be stored and delivered. */
const STOP_ORDER: readonly RoleName[] = ['receive', 'deliver', 'serve'];
/** The deliver role joins them when some exporter besides the store is used. */
const ALWAYS: readonly RoleName[] = ['receive', 'serve'];
const STOP_GRACE_MS = 10_000;
/** Roles that crash start again; so long one is waited for that can check a configuration. */
const CHECK_WITHIN_MS = 30_000;
const CHECK_AGAIN_MS = 100;
/** Between two messages to the serve role about the others. */
const TELL_EVERY_MS = 200;

export interface LauncherOptions {
  /** These alone; null for all that the configuration needs. */
  readonly roles: readonly RoleName[] | null;
  readonly configFile: string | null;
  readonly dataDir: string;
  /** Unix milliseconds. */
  readonly startedAtMs: number;
}

/** Starts the roles as processes, restarts what crashes, and tells the serve role how the others are. */
export class Launcher {
  readonly #roles = new Map<RoleName, RoleProcess>();
  #logger: Logger = createLogger({ name: 'launcher' });
  #tell: NodeJS.Timeout | null = null;
  #whenReady: ((endpoints: readonly Endpoint[]) => void) | null = null;
  #whenFatal: (message: string) => void = () => undefined;
  #begun = false;
  readonly #stopping = new AbortController();
  #settled: Settled | null = null;
  #watch: ConfigWatch | null = null;
  #reloading: Promise<void> = Promise.resolve();

  constructor(readonly options: LauncherOptions) {}

  get status(): readonly RoleStatus[] {
    return [...this.#roles.values()].map((r) => r.status);
  }

  /**
   * Settles with all endpoints once every role is ready; rejects when the configuration has mistakes or a role can never run.
   * Later crashes are handled in silence. The roles load their code while the first of them checks the configuration.
   */
  start(): Promise<readonly Endpoint[]> {
    return new Promise((resolve, reject) => {
      this.#whenReady = resolve;
      this.#whenFatal = (message) => reject(new Error(message));
      for (const role of this.options.roles ?? ALWAYS) this.#add(role);
      this.#begin().catch(reject);
    });
  }

  /** Reads the configuration again; with mistakes in it, or where a part of it cannot run, what runs goes on. */
  reload(): Promise<void> {
    this.#reloading = this.#reloading.then(() => this.#reload()).catch((error: unknown) => {
      this.#logger.error(`the configuration was not taken over; what ran before goes on:\n${error instanceof Error ? error.message : String(error)}`, { code: 'SBX_CONFIG_RELOAD' });
    });
    return this.#reloading;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#watch?.close();
    await this.#reloading;
    if (this.#tell) clearTimeout(this.#tell);
    for (const name of STOP_ORDER) await this.#roles.get(name)?.stop(STOP_GRACE_MS);
  }

  #add(role: RoleName): RoleProcess {
    const added = new RoleProcess(role, {
      logger: () => this.#logger,
      onChange: () => this.#changed(),
      onFatal: (message) => this.#whenFatal(message),
    });
    this.#roles.set(role, added);
    added.spawn();
    return added;
  }

  async #begin(): Promise<void> {
    const settled = await this.#settle();
    prepareDataDirectory(this.options.dataDir);
    if (this.options.roles === null && settled.needsDelivery) this.#add('deliver');
    this.#begun = true;
    for (const [role, process] of this.#roles) process.begin(this.#startOf(role, settled));
    const { configFile } = this.options;
    if (configFile !== null) this.#watch = new ConfigWatch(configFile, () => void this.reload());
  }

  async #settle(): Promise<Settled> {
    const { configFile, dataDir } = this.options;
    const settled = await this.#check({ type: 'settle', configFile, dataDir });
    this.#logger = createLogger({ name: 'launcher', ...settled.logging });
    for (const warning of settled.warnings) this.#logger.warn(warning);
    this.#settled = settled;
    return settled;
  }

  /** Any role can do it; where one ends meanwhile, another is asked. */
  async #check(what: Settle): Promise<Settled> {
    for (const begun = performance.now(); ; await sleep(CHECK_AGAIN_MS)) {
      const running = [...this.#roles.values()].find((role) => role.status.pid !== null);
      const settled = await running?.settle(what);
      if (settled) return settled;
      if (this.#stopping.signal.aborted || performance.now() - begun > CHECK_WITHIN_MS) throw new Error('no role runs that could check the configuration');
    }
  }

  async #reload(): Promise<void> {
    const before = this.#settled;
    const settled = await this.#settle();
    if (before !== null && before.config.text === settled.config.text && before.authRequired === settled.authRequired) {
      this.#logger.info('the configuration is the same as before');
      return;
    }
    const done: string[] = [];
    for (const [role, process] of this.#roles) {
      if (role === 'deliver' && !settled.needsDelivery && this.options.roles === null) {
        await process.stop(STOP_GRACE_MS);
        this.#roles.delete(role);
        done.push(`${role} stopped`);
      } else done.push(`${role} ${await process.reload(this.#startOf(role, settled), STOP_GRACE_MS, this.#stopping.signal)}`);
    }
    if (this.options.roles === null && settled.needsDelivery && !this.#roles.has('deliver')) {
      this.#add('deliver').begin(this.#startOf('deliver', settled));
      done.push('deliver started');
    }
    this.#changed();
    this.#logger.info(`the configuration was taken over: ${done.join(', ')}`);
  }

  #startOf(role: RoleName, settled: Settled): RoleStart {
    return { type: 'start', role, dataDir: this.options.dataDir, config: settled.config, authRequired: settled.authRequired, startedAtMs: this.options.startedAtMs };
  }

  #changed(): void {
    const status = this.status;
    if (this.#begun && this.#whenReady && status.every((s) => s.state === 'ready')) {
      // Whoever reads that all is ready may ask for the status at once.
      this.#tellRoles();
      this.#whenReady(status.flatMap((s) => s.endpoints));
      this.#whenReady = null;
    }
    this.#tell ??= setTimeout(() => {
      this.#tell = null;
      this.#tellRoles();
    }, TELL_EVERY_MS);
  }

  #tellRoles(): void {
    this.#roles.get('serve')?.send({ type: 'roles', roles: this.status });
  }
}
