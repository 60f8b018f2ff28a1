import type { Logger } from '@signalbox/collector/component';
import { createLogger } from '@signalbox/collector/telemetry/logger';
import type { Endpoint, RoleName, RoleStatus } from './messages.js';
import { RoleProcess } from './role-process.js';

/** Receivers stop first, so that what they acknowledged last can still be stored and delivered. */
const STOP_ORDER: readonly RoleName[] = ['receive', 'deliver', 'serve'];
/** The deliver role joins them when some exporter besides the store is used. */
const ALWAYS: readonly RoleName[] = ['receive', 'serve'];
const STOP_GRACE_MS = 10_000;
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

  async stop(): Promise<void> {
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
    const { configFile, dataDir, startedAtMs } = this.options;
    const first = this.#roles.values().next().value!;
    const settled = await first.settle({ type: 'settle', configFile, dataDir });
    this.#logger = createLogger({ name: 'launcher', level: settled.logLevel });
    for (const warning of settled.warnings) this.#logger.warn(warning);
    if (this.options.roles === null && settled.needsDelivery) this.#add('deliver');
    this.#begun = true;
    for (const [role, process] of this.#roles) process.begin({ type: 'start', role, dataDir, config: settled.config, authRequired: settled.authRequired, startedAtMs });
  }

  #changed(): void {
    const status = this.status;
    if (this.#begun && this.#whenReady && status.every((s) => s.state === 'ready')) {
      this.#whenReady(status.flatMap((s) => s.endpoints));
      this.#whenReady = null;
    }
    this.#tell ??= setTimeout(() => {
      this.#tell = null;
      this.#roles.get('serve')?.send({ type: 'roles', roles: this.status });
    }, TELL_EVERY_MS);
  }
}
