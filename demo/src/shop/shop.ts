import { Child } from './child.js';
import { telemetryEnv } from './environment.js';
import type { WarningTally } from './warning-tally.js';

const STOP_TIMEOUT_MS = 4_000;

/**
 * storefront ──gRPC──▶ orders ──HTTP──▶ payments
 *     │                  └────HTTP──▶ inventory ──SQL──▶ database
 *     └────────────────────HTTP──────────▲
 *
 * Each is a process of its own; all but the database are started with the agent.
 */
export class Shop {
  /** Fails when one of the processes ends without being asked to. */
  readonly died: Promise<never>;
  readonly #otlpUrl: string;
  readonly #tally: WarningTally;
  readonly #children: Child[] = [];
  #reportDeath: (error: Error) => void = () => {};
  #stopping = false;

  constructor(otlpUrl: string, tally: WarningTally) {
    this.#otlpUrl = otlpUrl;
    this.#tally = tally;
    this.died = new Promise((_resolve, reject) => (this.#reportDeath = reject));
    this.died.catch(() => {});
  }

  /** Starts each after those that it calls. Answers the storefront's URL. */
  async start(): Promise<string> {
    const [database, paymentsUrl] = await Promise.all([this.#start('database'), this.#startService('payments')]);
    const inventoryUrl = await this.#startService('inventory', { DATABASE_URL: database });
    const orders = await this.#startService('orders', { INVENTORY_URL: inventoryUrl, PAYMENTS_URL: paymentsUrl });
    return this.#startService('storefront', { ORDERS_ADDRESS: orders, INVENTORY_URL: inventoryUrl });
  }

  /** The services first, then the database that one of them uses. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const isDatabase = (child: Child): boolean => child.name === 'database';
    await Promise.all(this.#children.filter((child) => !isDatabase(child)).map((child) => child.stop(STOP_TIMEOUT_MS)));
    await Promise.all(this.#children.filter(isDatabase).map((child) => child.stop(STOP_TIMEOUT_MS)));
  }

  #startService(name: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
    return this.#start(name, ['--import', import.meta.resolve('@signalbox/agent/register')], { ...telemetryEnv(name, this.#otlpUrl), ...env });
  }

  #start(name: string, execArgv: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<string> {
    if (this.#stopping) return Promise.reject(new Error('the demo is being stopped'));
    const module = new URL(`../${name}/main.js`, import.meta.url);
    const onLine = (line: string): void => { if (!this.#tally.take(name, line)) process.stdout.write(`${line}\n`); };
    const child = new Child({ name, module, execArgv, env: { ...process.env, ...env }, onLine }, (error) => this.#reportDeath(error));
    this.#children.push(child);
    return child.ready;
  }
}
