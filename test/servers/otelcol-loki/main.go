// An OpenTelemetry Collector of OTLP in, batches, and its exporter that pushes to Loki, as its own builder would write it.
package main

import (
	"log"

	"github.com/open-telemetry/opentelemetry-collector-contrib/exporter/lokiexporter"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/debugexporter"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/batchprocessor"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
)

func factories() (otelcol.Factories, error) {
	var all otelcol.Factories
	var err error
	if all.Receivers, err = receiver.MakeFactoryMap(otlpreceiver.NewFactory()); err != nil {
		return all, err
	}
	if all.Processors, err = processor.MakeFactoryMap(batchprocessor.NewFactory()); err != nil {
		return all, err
	}
	all.Exporters, err = exporter.MakeFactoryMap(debugexporter.NewFactory(), lokiexporter.NewFactory())
	return all, err
}

func main() {
	info := component.BuildInfo{Command: "otelcol", Description: "OpenTelemetry Collector with its Loki exporter, to compare with", Version: "0.96.0"}
	if err := otelcol.NewCommand(otelcol.CollectorSettings{BuildInfo: info, Factories: factories}).Execute(); err != nil {
		log.Fatal(err)
	}
}
