/** What goes wrong in this shop, and how often: shares of the checkouts, 0 to 1. */

/** Checkouts that the payment provider takes its time for. */
export const SLOW_SHARE = 0.05;
/** How long it then takes, at least and at most. */
export const SLOW_MS = [800, 1_500] as const;
/** How long it takes otherwise. */
export const USUAL_MS = [15, 60] as const;

/** Checkouts that the payment provider declines. */
export const DECLINED_SHARE = 0.03;
export const DECLINE_REASONS = ['insufficient funds', 'card expired', 'limit exceeded'] as const;
