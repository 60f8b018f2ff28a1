package org.elasticsearch.plugins;

import java.util.ArrayList;
import java.util.List;

import org.elasticsearch.action.admin.cluster.node.info.PluginsAndModules;
import org.elasticsearch.env.Environment;

/** Plugins named by class, from the class path, instead of those of an installation's modules and plugins folders. */
public final class ClassPathPlugins extends PluginsService {

    private final List<LoadedPlugin> loaded = new ArrayList<>();

    public ClassPathPlugins(Environment environment, PluginsLoader loader, List<String> classNames) {
        super(environment.settings(), environment.configDir(), loader);
        for (String name : classNames) {
            loaded.add(load(name, environment));
        }
        loadExtensions(loaded);
    }

    private LoadedPlugin load(String name, Environment environment) {
        try {
            Class<? extends Plugin> type = Class.forName(name).asSubclass(Plugin.class);
            Plugin plugin = loadPlugin(type, environment.settings(), environment.configDir());
            return new LoadedPlugin(ServerVersion.describe(name), plugin, type.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("no plugin " + name + " on the class path", e);
        }
    }

    @Override
    protected List<LoadedPlugin> plugins() {
        return loaded;
    }

    @Override
    public PluginsAndModules info() {
        return new PluginsAndModules(List.of(), loaded.stream().map(LoadedPlugin::descriptor).toList());
    }
}
