import { DECLINED_SHARE, SLOW_SHARE } from './shares.js';

/** Places in the console and its APIs, below the console's URL. */
const PLACES = {
  failing: '/traces?service=storefront&errors=1',
  slow: '/traces?service=storefront&min=800ms',
  dashboard: '/dashboards/signalbox-services',
  declinedLines: '/loki/api/v1/query_range',
  warnings: '/logs?query=%7Bseverity%3D~%22warn%7Cerror%22%7D',
} as const;

/** What to look at first, line by line. */
export function firstLook(consoleUrl: string, rate: number): string {
  const base = consoleUrl.replace(/\/+$/, '');
  const percent = (share: number): string => `${Math.round(share * 100)} %`;
  return `
The shop is open: storefront, orders, payments and inventory, ${rate} checkouts a second.
  ${percent(DECLINED_SHARE)} of the checkouts fail. Find out why: ${base}${PLACES.failing}
  ${percent(SLOW_SHARE)} are slow. Find out where: ${base}${PLACES.slow}
  Rate, errors, duration of the services: ${base}${PLACES.dashboard}
  What its services warn of: ${base}${PLACES.warnings}
  The reasons by curl: curl -sG ${base}${PLACES.declinedLines} --data-urlencode 'query={service_name="payments"} |= "declined"'
  Ctrl-C ends it.
`;
}
