package org.elasticsearch.plugins;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.apache.lucene.util.Version;
import org.elasticsearch.Build;
import org.elasticsearch.ResourceAlreadyExistsException;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.admin.indices.create.AutoCreateAction;
import org.elasticsearch.action.admin.indices.create.CreateIndexRequest;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.ClusterStateUpdateTask;
import org.elasticsearch.cluster.metadata.DataStream;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.regex.Regex;
import org.elasticsearch.index.IndexNotFoundException;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestChannel;
import org.elasticsearch.rest.RestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestResponse;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.xcontent.XContentBuilder;

/**
 * What tests need of two modules that are not published: GET and HEAD of the root, and GET, PUT and DELETE of
 * _data_stream. Only the REST layer is ours; behind it stands the server's own code.
 */
public final class DataStreamRest extends RestPlugin {

    private ClusterService cluster;

    @Override
    public Collection<?> createComponents(PluginServices services) {
        cluster = services.clusterService();
        return List.of();
    }

    @Override
    Collection<RestHandler> handlers() {
        return List.of(
            route(RestRequest.Method.GET, "/", (request, channel, client) -> root(channel)),
            route(RestRequest.Method.HEAD, "/", (request, channel, client) -> root(channel)),
            route(RestRequest.Method.GET, "/_data_stream", this::list),
            route(RestRequest.Method.GET, "/_data_stream/{name}", this::list),
            route(RestRequest.Method.PUT, "/_data_stream/{name}", this::create),
            route(RestRequest.Method.DELETE, "/_data_stream/{name}", this::delete)
        );
    }

    private void root(RestChannel channel) throws IOException {
        Build build = Build.current();
        Map<String, Object> version = new LinkedHashMap<>();
        version.put("number", build.qualifiedVersion());
        version.put("build_flavor", build.flavor());
        version.put("build_hash", build.hash());
        version.put("build_date", build.date());
        version.put("build_snapshot", build.isSnapshot());
        version.put("lucene_version", Version.LATEST.toString());
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("name", cluster.getNodeName());
        body.put("cluster_name", cluster.getClusterName().value());
        body.put("cluster_uuid", cluster.state().metadata().clusterUUID());
        body.put("version", version);
        body.put("tagline", "You Know, for Search");
        answer(channel, body);
    }

    private void list(RestRequest request, RestChannel channel, NodeClient client) throws IOException {
        String pattern = request.param("name", "*");
        List<Object> streams = new ArrayList<>();
        for (DataStream stream : matching(pattern)) {
            streams.add(describe(stream));
        }
        if (streams.isEmpty() && pattern.contains("*") == false) {
            acknowledge(channel).onFailure(new IndexNotFoundException(pattern));
        } else {
            answer(channel, Map.of("data_streams", streams));
        }
    }

    private Map<String, Object> describe(DataStream stream) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("name", stream.getName());
        out.put("timestamp_field", Map.of("name", "@timestamp"));
        List<Object> indices = new ArrayList<>();
        stream.getIndices().forEach(index -> indices.add(Map.of("index_name", index.getName(), "index_uuid", index.getUUID())));
        out.put("indices", indices);
        out.put("generation", stream.getGeneration());
        out.put("status", "GREEN");
        String template = ServerVersion.templateOf(cluster.state(), stream.getName());
        if (template != null) {
            out.put("template", template);
        }
        out.put("hidden", stream.isHidden());
        out.put("system", stream.isSystem());
        return out;
    }

    private void create(RestRequest request, RestChannel channel, NodeClient client) {
        String name = request.param("name");
        if (matching(name).isEmpty()) {
            client.execute(AutoCreateAction.INSTANCE, new CreateIndexRequest(name).requireDataStream(true), acknowledge(channel));
        } else {
            acknowledge(channel).onFailure(new ResourceAlreadyExistsException("data_stream [" + name + "] already exists"));
        }
    }

    private void delete(RestRequest request, RestChannel channel, NodeClient client) {
        String pattern = request.param("name");
        List<DataStream> streams = matching(pattern);
        ActionListener<Object> listener = acknowledge(channel);
        if (streams.isEmpty() && pattern.contains("*") == false) {
            listener.onFailure(new IndexNotFoundException(pattern));
            return;
        }
        cluster.submitUnbatchedStateUpdateTask("delete data streams", new ClusterStateUpdateTask() {
            @Override
            public ClusterState execute(ClusterState state) {
                return ServerVersion.delete(state, new HashSet<>(streams), cluster.getSettings());
            }

            @Override
            public void onFailure(Exception e) {
                listener.onFailure(e);
            }

            @Override
            public void clusterStateProcessed(ClusterState before, ClusterState after) {
                listener.onResponse(null);
            }
        });
    }

    private List<DataStream> matching(String pattern) {
        return ServerVersion.dataStreams(cluster.state()).stream()
            .filter(stream -> Regex.simpleMatch(pattern.split(","), stream.getName()))
            .sorted(Comparator.comparing(DataStream::getName))
            .toList();
    }

    private interface Handler {
        void handle(RestRequest request, RestChannel channel, NodeClient client) throws Exception;
    }

    private static RestHandler route(RestRequest.Method method, String path, Handler handler) {
        return new BaseRestHandler() {
            @Override
            public String getName() {
                return "test_" + method + path;
            }

            @Override
            public List<Route> routes() {
                return List.of(new Route(method, path));
            }

            @Override
            protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client) {
                // Parameters that nobody reads are an error, and so is a body that nobody takes.
                request.params().keySet().forEach(request::param);
                request.content();
                return channel -> handler.handle(request, channel, client);
            }
        };
    }

    private static void answer(RestChannel channel, Object body) throws IOException {
        XContentBuilder builder = channel.newBuilder();
        builder.value(body);
        channel.sendResponse(new RestResponse(RestStatus.OK, builder));
    }

    private static <T> ActionListener<T> acknowledge(RestChannel channel) {
        return new ActionListener<>() {
            @Override
            public void onResponse(T ignored) {
                try {
                    answer(channel, Map.of("acknowledged", true));
                } catch (IOException e) {
                    onFailure(e);
                }
            }

            @Override
            public void onFailure(Exception e) {
                try {
                    channel.sendResponse(new RestResponse(channel, e));
                } catch (IOException x) {
                    throw new IllegalStateException(x);
                }
            }
        };
    }
}
