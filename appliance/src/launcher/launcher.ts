import type { Logger } from '@signalbox/collector/component';
import type { Endpoint, RoleName, RoleStart, RoleStatus } from './messages.js';
import { RoleProcess } from './role-process.js';

/** Receivers stop first, so that what they acknowledged last can still be stored and delivered. */
const STOP_ORDER: readonly RoleName[] = ['receive', 'deliver', 'serve'];
const STOP_GRACE_MS = 10_000;
/** Between two messages to the serve role about the others. */
const TELL_EVERY_MS = 200;

export interface LauncherOptions {
  readonly roles: readonly RoleName[];
  readonly start: Omit<RoleStart, 'role' | 'type'>;
  readonly logger: Logger;
}

/** Starts the roles as processes, restarts what crashes, and tells the serve role how the others are. */
export class Launcher {
  readonly #roles = new Map<RoleName, RoleProcess>();
  #tell: NodeJS.Timeout | null = null;
  #whenReady: ((endpoints: readonly Endpoint[]) => void) | null = null;
  #whenFatal: ((message: string) => void) | null = null;

  constructor(readonly options: LauncherOptions) {
    for (const role of options.roles) {
      this.#roles.set(role, new RoleProcess(role, {
        start: { type: 'start', role, ...options.start },
        logger: options.logger,
        onChange: () => this.#changed(),
        onFatal: (message) => this.#whenFatal?.(message),
      }));
    }
  }

  get status(): readonly RoleStatus[] {
    return [...this.#roles.values()].map((r) => r.status);
  }

  /** Settles with all endpoints once every role is ready; rejects when one can never be. Later crashes are handled in silence. */
  start(): Promise<readonly Endpoint[]> {
    return new Promise((resolve, reject) => {
      this.#whenReady = resolve;
      this.#whenFatal = (message) => reject(new Error(message));
      for (const role of this.#roles.values()) role.start();
    });
  }

  async stop(): Promise<void> {
    if (this.#tell) clearTimeout(this.#tell);
    for (const name of STOP_ORDER) await this.#roles.get(name)?.stop(STOP_GRACE_MS);
  }

  #changed(): void {
    const status = this.status;
    if (this.#whenReady && status.every((s) => s.state === 'ready')) {
      this.#whenReady(status.flatMap((s) => s.endpoints));
      this.#whenReady = null;
    }
    this.#tell ??= setTimeout(() => {
      this.#tell = null;
      this.#roles.get('serve')?.send({ type: 'roles', roles: this.status });
    }, TELL_EVERY_MS);
  }
}
