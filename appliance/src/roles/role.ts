import type { MetricsSnapshot } from '@signalbox/collector/telemetry/metrics';
import type { Endpoint, RoleStart, RoleStatus } from '../launcher/messages.js';

export interface RoleContext extends RoleStart {
  /** The listener is told whenever a role's state, endpoints or metrics changed. */
  onRoles(listener: (roles: readonly RoleStatus[]) => void): void;
}

/** What runs in one process. */
export interface Role {
  /** Settles with what listens once it can be used. */
  start(): Promise<readonly Endpoint[]>;
  stop(): Promise<void>;
  /**
   * Takes over another configuration while it runs, and answers what listens then; 'restart' where it cannot without a new process.
   * When it throws, what was there before goes on.
   */
  reload(config: RoleStart['config'], authRequired: boolean): Promise<readonly Endpoint[] | 'restart'>;
  metrics(): MetricsSnapshot;
}
