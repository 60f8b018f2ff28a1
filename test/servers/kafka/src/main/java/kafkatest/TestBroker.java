package kafkatest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.common.Uuid;

/**
 * One KRaft node on loopback, broker and controller at once. Arguments: folder, port of the broker, port of the controller. A
 * folder that is new is formatted; one that is not is started on again.
 */
public final class TestBroker {
  private TestBroker() {}

  public static void main(String[] args) throws IOException {
    Path folder = Files.createDirectories(Path.of(args[0])).toAbsolutePath();
    Path settings = folder.resolve("server.properties");
    Path logs = folder.resolve("logs");
    Files.write(settings, settings(logs, args[1], args[2]));
    if (!Files.exists(logs.resolve("meta.properties"))) {
      int code = kafka.tools.StorageTool.execute(
          new String[] {"format", "--cluster-id", Uuid.randomUuid().toString(), "--config", settings.toString()}, System.out);
      if (code != 0) System.exit(code);
    }
    kafka.Kafka.main(new String[] {settings.toString()});
  }

  private static List<String> settings(Path logs, String port, String controllerPort) {
    return List.of(
        "process.roles=broker,controller",
        "node.id=1",
        "controller.quorum.voters=1@127.0.0.1:" + controllerPort,
        "listeners=PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort,
        "advertised.listeners=PLAINTEXT://127.0.0.1:" + port,
        "controller.listener.names=CONTROLLER",
        "log.dirs=" + logs,
        "num.partitions=3",
        "message.max.bytes=4194304",
        "auto.create.topics.enable=true",
        // One node cannot hold three copies.
        "offsets.topic.replication.factor=1",
        "offsets.topic.num.partitions=1",
        "transaction.state.log.replication.factor=1",
        "transaction.state.log.min.isr=1",
        "transaction.state.log.num.partitions=1",
        "share.coordinator.state.topic.replication.factor=1",
        "share.coordinator.state.topic.min.isr=1",
        "group.initial.rebalance.delay.ms=0");
  }
}
