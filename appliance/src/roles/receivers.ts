import type { Authenticator, Clock, Intake, Logger, Metrics, Receiver, Registry, ScrapedMetadata } from '@signalbox/collector/component';
import type { ReceiverPlan } from '@signalbox/collector/pipeline/graph';
import type { Endpoint } from '../launcher/messages.js';
import type { LocalPort, MountScope } from '../local/local-port.js';

export interface ReceiversOptions {
  readonly registry: Registry;
  readonly intake: Intake & { from(origin: string): Intake };
  readonly local: LocalPort;
  readonly auth: Authenticator;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly logger: Logger & { child(name: string): Logger };
  readonly dataDir: string;
  readonly journalId: string;
}

interface RunningReceiver {
  readonly plan: ReceiverPlan;
  readonly receiver: Receiver;
  readonly mounts: MountScope;
}

/** The receivers that run; a change of plan touches those alone that differ. */
export class Receivers {
  private running: readonly RunningReceiver[] = [];

  constructor(private readonly options: ReceiversOptions) {}

  get endpoints(): readonly Endpoint[] {
    return this.running.flatMap(({ receiver }) => receiver.endpoints());
  }

  /** Stops what is not in the plans, starts what is new or different. When one cannot start, what ran before runs again. */
  async change(plans: readonly ReceiverPlan[]): Promise<void> {
    const before = this.running;
    const same = (plan: ReceiverPlan): RunningReceiver | undefined => before.find((each) => identity(each.plan) === identity(plan));
    const kept = plans.flatMap((plan) => same(plan) ?? []);
    const gone = before.filter((each) => !kept.includes(each));
    await Promise.all(gone.map((each) => end(each)));
    this.running = kept;
    try {
      for (const plan of plans) if (!same(plan)) await this.begin(plan);
    } catch (error) {
      await Promise.all(this.running.filter((each) => !kept.includes(each)).map((each) => end(each)));
      this.running = kept;
      for (const { plan } of gone) await this.begin(plan);
      throw error;
    }
  }

  /** What is scraped, by tenant. */
  targets(): Readonly<Record<string, { readonly activeTargets: readonly object[]; readonly droppedTargets: readonly object[] }>> {
    const byTenant = new Map<string, { activeTargets: object[]; droppedTargets: object[] }>();
    for (const { receiver } of this.running) {
      const scraped = receiver.targets?.();
      if (!scraped) continue;
      const sum = byTenant.get(scraped.tenant) ?? { activeTargets: [], droppedTargets: [] };
      byTenant.set(scraped.tenant, { activeTargets: [...sum.activeTargets, ...scraped.activeTargets], droppedTargets: [...sum.droppedTargets, ...scraped.droppedTargets] });
    }
    return Object.fromEntries(byTenant);
  }

  /** What the targets of all that scrape say of their metrics. */
  scrapedMetadata(): readonly ScrapedMetadata[] {
    return this.running.flatMap(({ receiver }) => receiver.scrapedMetadata?.() ?? []);
  }

  /** Lets requests in flight end. */
  async stop(): Promise<void> {
    await Promise.all(this.running.map((each) => end(each)));
    this.running = [];
  }

  private async begin(plan: ReceiverPlan): Promise<void> {
    const { registry, intake, local, logger, auth, clock, metrics, dataDir, journalId } = this.options;
    const factory = registry.receivers.find((candidate) => candidate.type === plan.type);
    if (!factory) throw new Error(`the registry has no receiver of the type '${plan.type}'`);
    const mounts = local.scope();
    const receiver = factory.create(plan.config, { id: plan.id, logger: logger.child(plan.id), clock, metrics, dataDir, journalId, intake: intake.from(plan.id), mounts, auth, signals: plan.signals });
    try {
      await receiver.start();
    } catch (error) {
      mounts.release();
      throw error;
    }
    this.running = [...this.running, { plan, receiver, mounts }];
  }
}

async function end({ receiver, mounts }: RunningReceiver): Promise<void> {
  mounts.release();
  await receiver.shutdown();
}

function identity({ id, source, signals }: ReceiverPlan): string {
  return JSON.stringify([id, source, signals]);
}
