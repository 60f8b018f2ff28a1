package org.elasticsearch.node;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.plugins.ClassPathPlugins;
import org.elasticsearch.plugins.PluginsLoader;
import org.elasticsearch.plugins.PluginsService;

/**
 * One Elasticsearch node on 127.0.0.1 without an installation around it. In this package because the server hides what is
 * needed to put a node together.
 *
 * Arguments: the node's home directory and its HTTP port. Prints READY once it serves.
 */
public final class TestNode {

    private static final List<String> PLUGINS = List.of(
        "org.elasticsearch.transport.netty4.Netty4Plugin",
        "org.elasticsearch.plugins.DataStreamRest"
    );

    public static void main(String[] args) throws Exception {
        Path home = Files.createDirectories(Path.of(args[0])).toAbsolutePath();
        Node node = create(home, args[1]);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node)));
        node.start();
        System.out.println("READY");
        Thread.currentThread().join();
    }

    private static Node create(Path home, String port) throws Exception {
        Settings settings = Settings.builder()
            .put("path.home", home)
            .put("cluster.name", "signalbox-test")
            .put("node.name", "test")
            .put("discovery.type", "single-node")
            .put("network.host", "127.0.0.1")
            .put("http.type", "netty4")
            .put("http.port", port)
            .put("transport.type", "netty4")
            .put("transport.port", "0")
            .put("cluster.routing.allocation.disk.threshold_enabled", false)
            .build();
        LogConfigurator.configureWithoutConfig(Settings.builder().put("logger.level", "WARN").build());
        LogConfigurator.configureESLogging();
        Path config = Files.createDirectories(home.resolve("config"));
        Environment environment = InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), config, () -> "test");
        PluginsLoader none = PluginsLoader.createPluginsLoader(Set.of(), Set.of(), Map.of(), false);
        return new Node(NodeConstruction.prepareConstruction(environment, none, new NodeServiceProvider() {
            @Override
            PluginsService newPluginService(Environment initial, PluginsLoader loader) {
                return new ClassPathPlugins(initial, loader, PLUGINS);
            }
        }, true));
    }

    private static void close(Node node) {
        try {
            node.close();
            node.awaitClose(5, TimeUnit.SECONDS);
        } catch (Exception e) {
            System.err.println("closing: " + e);
        }
    }
}
