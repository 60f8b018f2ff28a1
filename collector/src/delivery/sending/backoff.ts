export interface BackoffSettings {
  readonly initial_interval: number;
  readonly max_interval: number;
  readonly multiplier: number;
  readonly randomization_factor: number;
}

/**
 * Milliseconds to wait before attempt `failures + 1`: growing by the multiplier up to the maximum, varied by the random share on
 * both sides, and never less than the destination asked for. `random` is from 0 to 1.
 */
export function backoffMs(failures: number, settings: BackoffSettings, askedMs: number | undefined, random: number): number {
  const grown = Math.min(settings.max_interval, settings.initial_interval * settings.multiplier ** Math.min(failures - 1, 64));
  const varied = grown * (1 + settings.randomization_factor * (2 * random - 1));
  return Math.max(Math.min(varied, settings.max_interval), askedMs ?? 0);
}
