package org.elasticsearch.plugins;

import java.util.Collection;
import java.util.List;
import java.util.Set;

import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.metadata.DataStream;
import org.elasticsearch.cluster.metadata.MetadataDataStreamsService;
import org.elasticsearch.cluster.metadata.MetadataIndexTemplateService;
import org.elasticsearch.common.settings.Settings;

/** What version 8 calls otherwise than version 9. */
final class ServerVersion {

    static PluginDescriptor describe(String name) {
        return new PluginDescriptor(name, name, "test", "test", "21", name, null, List.of(), false, false, false, false);
    }

    static Collection<DataStream> dataStreams(ClusterState state) {
        return state.metadata().dataStreams().values();
    }

    static String templateOf(ClusterState state, String name) {
        return MetadataIndexTemplateService.findV2Template(state.metadata(), name, false);
    }

    static ClusterState delete(ClusterState state, Set<DataStream> streams, Settings settings) {
        return MetadataDataStreamsService.deleteDataStreams(state, streams, settings);
    }
}
