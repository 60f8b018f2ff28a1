import type { MetricsSnapshot } from '@signalbox/collector/telemetry/metrics';

export type RoleName = 'receive' | 'deliver' | 'serve';

export interface Endpoint {
  readonly protocol: string;
  readonly address: string;
  /** TLS is spoken there. */
  readonly tls?: boolean;
  /** Of console and APIs: hosts that requests may name besides loopback's (`serve.allowed_hosts`). */
  readonly allowedHosts?: readonly string[];
}

/** What a role is started with, as the first message over IPC. */
export interface RoleStart {
  readonly type: 'start';
  readonly role: RoleName;
  readonly dataDir: string;
  /** Text and name of the configuration, read once, so that all roles run the same. */
  readonly config: { readonly text: string; readonly file: string };
  /** Tokens are demanded. */
  readonly authRequired: boolean;
  /** Unix milliseconds at which the launcher started. */
  readonly startedAtMs: number;
}

/** Asks a role to read and check the configuration, for the launcher stays as small as it can. */
export interface Settle {
  readonly type: 'settle';
  readonly configFile: string | null;
  readonly dataDir: string;
}

/** What the launcher needs to know of a configuration without mistakes. */
export interface Settled {
  readonly config: RoleStart['config'];
  readonly authRequired: boolean;
  /** Some exporter besides the store is used. */
  readonly needsDelivery: boolean;
  readonly warnings: readonly string[];
  readonly logging: { readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly format?: 'json' | 'text' };
}

/** Another configuration, checked, for a role that runs. */
export interface Reload {
  readonly type: 'reload';
  readonly config: RoleStart['config'];
  readonly authRequired: boolean;
}

export type ToRole = Settle | RoleStart | Reload | { readonly type: 'stop' } | { readonly type: 'roles'; readonly roles: readonly RoleStatus[] };

export type FromRole =
  | { readonly type: 'settled'; readonly settled: Settled }
  /** The configuration has mistakes; the role, which runs another, goes on. */
  | { readonly type: 'unsettled'; readonly message: string }
  /** What became of a reload: null where the role must be started anew. */
  | { readonly type: 'reloaded'; readonly endpoints: readonly Endpoint[] | null }
  | { readonly type: 'not-reloaded'; readonly message: string }
  | { readonly type: 'ready'; readonly endpoints: readonly Endpoint[] }
  /** The role cannot run; another try would fail in the same way when `fatal`. */
  | { readonly type: 'failed'; readonly message: string; readonly fatal: boolean }
  | { readonly type: 'metrics'; readonly metrics: MetricsSnapshot };

export type RoleState = 'starting' | 'ready' | 'restarting' | 'stopped';

/** What the launcher tells the serve role of each role, for health, status and metrics. */
export interface RoleStatus {
  readonly role: RoleName;
  readonly state: RoleState;
  readonly pid: number | null;
  /** How often it was started again after a crash. */
  readonly restarts: number;
  readonly lastFailure: string | null;
  /** Unix milliseconds of the last change of state. */
  readonly sinceMs: number;
  readonly endpoints: readonly Endpoint[];
  readonly metrics: MetricsSnapshot | null;
}
