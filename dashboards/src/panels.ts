import { BigValueColorMode, BigValueGraphMode, GraphGradientMode, LegendDisplayMode, LegendPlacement, ReduceDataOptionsBuilder, SortOrder, TooltipDisplayMode, VisibilityMode, VizLegendOptionsBuilder, VizTooltipOptionsBuilder } from '@grafana/grafana-foundation-sdk/common';
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';
import { ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';
import type { GridPos, Threshold } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

/** Whatever Prometheus the viewer chose; the console shows its own. */
export const prometheus: DataSourceRef = { type: 'prometheus', uid: '${datasource}' };

export interface Curve {
  readonly expr: string;
  readonly legend: string;
  /** Show exemplars, which lead to traces. */
  readonly exemplars?: boolean;
}

export interface PanelText {
  readonly title: string;
  readonly description: string;
  /** One of Grafana's unit ids. */
  readonly unit: string;
  readonly place: GridPos;
}

const refId = (index: number): string => String.fromCharCode(65 + index);

/** Lines over time. */
export function timeseries(text: PanelText, curves: readonly Curve[], options: { readonly max?: number } = {}): TimeseriesBuilder {
  const panel = new TimeseriesBuilder()
    .title(text.title).description(text.description).unit(text.unit).gridPos(text.place).datasource(prometheus)
    .min(0).lineWidth(1.5).fillOpacity(8).gradientMode(GraphGradientMode.Opacity).showPoints(VisibilityMode.Never)
    .legend(new VizLegendOptionsBuilder().displayMode(LegendDisplayMode.List).placement(LegendPlacement.Bottom).showLegend(true).calcs([]))
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .targets(curves.map((curve, index) => rangeQuery(curve, refId(index))));
  if (options.max !== undefined) panel.axisSoftMax(options.max);
  return panel;
}

/** One large number, the newest, over a faint line; `steps` colour it. */
export function stat(text: PanelText, expr: string, steps: readonly Threshold[]): StatBuilder {
  return new StatBuilder()
    .title(text.title).description(text.description).unit(text.unit).gridPos(text.place).datasource(prometheus)
    .graphMode(BigValueGraphMode.Area).colorMode(BigValueColorMode.Value)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('').values(false))
    .thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([...steps]))
    .targets([rangeQuery({ expr, legend: text.title }, 'A')]);
}

function rangeQuery(curve: Curve, id: string): DataqueryBuilder {
  const query = new DataqueryBuilder().datasource(prometheus).refId(id).expr(curve.expr).legendFormat(curve.legend).range();
  return curve.exemplars === true ? query.exemplar(true) : query;
}

/** A query at the end of the range alone, whose labels become a table's columns. */
export function tableQuery(expr: string, index: number): DataqueryBuilder {
  return new DataqueryBuilder().datasource(prometheus).refId(refId(index)).expr(expr).instant().format(PromQueryFormat.Table);
}
