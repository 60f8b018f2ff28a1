// `npm run generate -w @signalbox/dashboards`: writes json/ anew from the dashboards' source.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dashboardsDirectory } from './directory.js';
import { dashboardJson, dashboards } from './generated.js';

for (const { file, dashboard } of dashboards()) {
  await writeFile(join(dashboardsDirectory(), file), dashboardJson(dashboard));
  console.log(`wrote ${file}`);
}
