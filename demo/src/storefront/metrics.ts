import { Histogram } from 'prom-client';

export function createCheckoutDuration(): Histogram<'outcome'> {
  return new Histogram({
    name: 'checkout_duration_seconds',
    help: 'How long customers wait for their checkout',
    labelNames: ['outcome'],
    buckets: [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  });
}
