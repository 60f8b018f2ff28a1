import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Targets to scrape: any path is one, of so many series whose values move with each scrape. Says its port. */
const series = Number(process.argv[2]);
const heads = Array.from({ length: series }, (_, i) => {
  const family = `bench_metric_${Math.floor(i / 20)}_total`;
  return `${i % 20 === 0 ? `# HELP ${family} A counter of the benchmark.\n# TYPE ${family} counter\n` : ''}${family}{method="GET",path="/api/v1/resource/${i % 20}",status="${200 + (i % 5)}",zone="eu-west-${i % 3}"} `;
});
let scrapes = 0;
const server = createServer((_request, response) => {
  scrapes++;
  let body = '';
  for (let i = 0; i < series; i++) body += `${heads[i]}${(scrapes * 7 + i * 13) % 1_000_003}\n`;
  response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(body);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
process.on('SIGTERM', () => server.close().closeAllConnections());
