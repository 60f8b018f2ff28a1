import { TableSortByFieldStateBuilder } from '@grafana/grafana-foundation-sdk/common';
import { DashboardBuilder, DashboardCursorSync, DatasourceVariableBuilder, QueryVariableBuilder, RowBuilder, VariableRefresh, VariableSort } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import * as units from '@grafana/grafana-foundation-sdk/units';
import { clientQuantile, databaseQuantile, errorShare, requestRate, routeLabels, serverQuantile, servicesQuery } from './metrics.js';
import { prometheus, stat, tableQuery, timeseries } from './panels.js';

const green = { value: null, color: 'green' };

/** Rate, errors and duration of the services, from what the instrumentation of their HTTP and RPC servers measures. */
export function servicesDashboard(): Dashboard {
  return new DashboardBuilder('Services')
    .uid('signalbox-services')
    .description('Rate, errors and duration of the services, and of what they call')
    .tags(['signalbox', 'services'])
    .time({ from: 'now-30m', to: 'now' })
    .refresh('30s')
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
    .withVariable(new QueryVariableBuilder('service').label('Service').datasource(prometheus).query(servicesQuery)
      .refresh(VariableRefresh.OnTimeRangeChanged).sort(VariableSort.AlphabeticalAsc)
      .multi(true).includeAll(true).allValue('.+').current({ selected: true, text: ['All'], value: ['$__all'] }))
    .withRow(new RowBuilder('Requests served').gridPos({ x: 0, y: 0, w: 24, h: 1 }))
    .withPanel(stat({ title: 'Requests', description: 'Requests answered a second', unit: units.RequestsPerSecond, place: { x: 0, y: 1, w: 6, h: 4 } },
      requestRate(''), [{ value: null, color: 'blue' }]))
    .withPanel(stat({ title: 'Failed', description: 'Share of requests that failed by the server\'s fault: a status of 500 and above, or an RPC with an error of the server', unit: units.PercentUnit, place: { x: 6, y: 1, w: 6, h: 4 } },
      errorShare(''), [green, { value: 0.01, color: 'orange' }, { value: 0.05, color: 'red' }]))
    .withPanel(stat({ title: 'Median', description: 'Half of the requests are answered within this time', unit: units.Seconds, place: { x: 12, y: 1, w: 6, h: 4 } },
      serverQuantile(0.5), [green, { value: 0.5, color: 'orange' }, { value: 2, color: 'red' }]))
    .withPanel(stat({ title: '95th percentile', description: '95 of 100 requests are answered within this time', unit: units.Seconds, place: { x: 18, y: 1, w: 6, h: 4 } },
      serverQuantile(0.95), [green, { value: 1, color: 'orange' }, { value: 5, color: 'red' }]))
    .withPanel(timeseries({ title: 'Request rate', description: 'Requests answered a second, by service', unit: units.RequestsPerSecond, place: { x: 0, y: 5, w: 8, h: 8 } },
      [{ expr: requestRate(' by (job)'), legend: '{{job}}' }]))
    .withPanel(timeseries({ title: 'Error share', description: 'Share of requests that failed by the server\'s fault, by service', unit: units.PercentUnit, place: { x: 8, y: 5, w: 8, h: 8 } },
      [{ expr: errorShare(' by (job)'), legend: '{{job}}' }], { max: 0.05 }))
    .withPanel(timeseries({ title: 'Duration', description: 'Time to answer, all chosen services together; dots are requests whose trace is at hand', unit: units.Seconds, place: { x: 16, y: 5, w: 8, h: 8 } },
      [{ expr: serverQuantile(0.5), legend: 'p50' }, { expr: serverQuantile(0.95), legend: 'p95' }, { expr: serverQuantile(0.99), legend: 'p99', exemplars: true }]))
    .withPanel(timeseries({ title: '95th percentile by service', description: '95 of 100 requests are answered within this time', unit: units.Seconds, place: { x: 0, y: 13, w: 8, h: 9 } },
      [{ expr: serverQuantile(0.95, 'job'), legend: '{{job}}' }]))
    .withPanel(routes())
    .withRow(new RowBuilder('What the services wait for').gridPos({ x: 0, y: 22, w: 24, h: 1 }))
    .withPanel(timeseries({ title: 'Outgoing HTTP, 95th percentile', description: 'By the calling service and the server that it calls', unit: units.Seconds, place: { x: 0, y: 23, w: 12, h: 8 } },
      [{ expr: clientQuantile(0.95, 'job', 'server_address', 'server_port'), legend: '{{job}} → {{server_address}}:{{server_port}}' }]))
    .withPanel(timeseries({ title: 'Databases, 95th percentile', description: 'By the calling service and the operation', unit: units.Seconds, place: { x: 12, y: 23, w: 12, h: 8 } },
      [{ expr: databaseQuantile(0.95, 'job', 'db_operation_name'), legend: '{{job}} {{db_operation_name}}' }]))
    .build();
}

function routes(): TableBuilder {
  const by = ` by (${routeLabels.join(', ')})`;
  return new TableBuilder()
    .title('Routes').description('Each route over the last minutes of the range').gridPos({ x: 8, y: 13, w: 16, h: 9 }).datasource(prometheus)
    .targets([requestRate(by), errorShare(by), serverQuantile(0.5, ...routeLabels), serverQuantile(0.95, ...routeLabels)].map(tableQuery))
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        indexByName: { job: 0, http_request_method: 1, http_route: 2, 'Value #A': 3, 'Value #B': 4, 'Value #C': 5, 'Value #D': 6 },
        renameByName: { job: 'Service', http_request_method: 'Method', http_route: 'Route', 'Value #A': 'Rate', 'Value #B': 'Failed', 'Value #C': 'p50', 'Value #D': 'p95' },
      },
    })
    .sortBy([new TableSortByFieldStateBuilder().displayName('Rate').desc(true)])
    .overrideByName('Rate', [{ id: 'unit', value: units.RequestsPerSecond }])
    .overrideByName('Failed', [{ id: 'unit', value: units.PercentUnit }])
    .overrideByName('p50', [{ id: 'unit', value: units.Seconds }])
    .overrideByName('p95', [{ id: 'unit', value: units.Seconds }]);
}
