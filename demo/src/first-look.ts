import { DECLINED_SHARE, SLOW_SHARE } from './shares.js';

/** Places in the console and its APIs, below the console's URL. */
const PLACES = {
  failing: '/traces?service=storefront&errors=1',
  slow: '/traces?service=storefront&min=800ms',
  dashboard: '/dashboards/signalbox-services',
  declinedLines: '/loki/api/v1/query_range',
} as const;

/** What to look at first, line by line. */
export function firstLook(consoleUrl: string, rate: number): string {
  const base = consoleUrl.replace(/\/+$/, '');
  const percent = (share: number): string => `${Math.round(share * 100)} %`;
  return `
The shop is open: storefront, orders, payments and inventory, ${rate} checkouts a second. Warnings and errors follow below.
  ${percent(DECLINED_SHARE)} of the checkouts fail. Find out why: ${base}${PLACES.failing}
  ${percent(SLOW_SHARE)} are slow. Find out where: ${base}${PLACES.slow}
  Rate, errors, duration of the services: ${base}${PLACES.dashboard}
  The reasons by curl: curl -sG ${base}${PLACES.declinedLines} --data-urlencode 'query={service_name="payments"} |= "declined"'
  Ctrl-C ends it.

`;
}
