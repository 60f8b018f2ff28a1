package org.elasticsearch.plugins;

import java.util.Collection;
import java.util.List;
import java.util.Set;

import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.metadata.DataStream;
import org.elasticsearch.cluster.metadata.MetadataDataStreamsService;
import org.elasticsearch.cluster.metadata.MetadataIndexTemplateService;
import org.elasticsearch.cluster.metadata.ProjectMetadata;
import org.elasticsearch.common.settings.Settings;

/** What version 9 calls otherwise than version 8. */
final class ServerVersion {

    static PluginDescriptor describe(String name) {
        return new PluginDescriptor(name, name, "test", "test", "21", name, null, List.of(), false, false, false, false,
            PluginDescriptor.DeploymentTarget.ALL);
    }

    static Collection<DataStream> dataStreams(ClusterState state) {
        return project(state).dataStreams().values();
    }

    static String templateOf(ClusterState state, String name) {
        return MetadataIndexTemplateService.findV2Template(project(state), name, false);
    }

    static ClusterState delete(ClusterState state, Set<DataStream> streams, Settings settings) {
        return MetadataDataStreamsService.deleteDataStreams(state.projectState(project(state).id()), streams, settings);
    }

    @SuppressWarnings("deprecation")
    private static ProjectMetadata project(ClusterState state) {
        return state.metadata().getProject();
    }
}
