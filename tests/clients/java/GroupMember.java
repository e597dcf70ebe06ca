import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Members of groups, one thread each, on Kafka's own client; commands and events as in member_event.ts. */
public final class GroupMember implements Runnable, ConsumerRebalanceListener {
    private static final Map<String, String> ASSIGNORS = Map.of(
        "range", "org.apache.kafka.clients.consumer.RangeAssignor",
        "roundrobin", "org.apache.kafka.clients.consumer.RoundRobinAssignor",
        "cooperative", "org.apache.kafka.clients.consumer.CooperativeStickyAssignor");

    private final String name;
    private final String topic;
    private final String forward;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final KafkaProducer<byte[], byte[]> producer;
    private final Thread thread = new Thread(this);
    /** Handled, and not committed yet. */
    private final Map<TopicPartition, OffsetAndMetadata> uncommitted = new HashMap<>();
    private volatile boolean leaving;

    public static void main(String[] args) throws Exception {
        Map<String, GroupMember> members = new ConcurrentHashMap<>();
        var in = new BufferedReader(new InputStreamReader(System.in));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ");
            if (words[0].equals("join")) {
                members.put(words[1], new GroupMember(args[0], words));
            } else {
                members.remove(words[1]).leave();
            }
        }
        for (GroupMember member : members.values()) member.leave();
        for (GroupMember member : members.values()) member.thread.join();
    }

    private GroupMember(String bootstrap, String[] words) {
        name = words[1];
        topic = words[3];
        forward = words[6].equals("-") ? null : words[6];
        Map<String, Object> config = new HashMap<>(Map.of(
            "bootstrap.servers", bootstrap,
            "client.id", name,
            "group.id", words[2],
            "enable.auto.commit", false,
            "auto.offset.reset", "earliest",
            "fetch.max.wait.ms", 100,
            "max.poll.records", 200));
        if (words[4].equals("consumer")) {
            config.put("group.protocol", "consumer");
        } else {
            config.put("partition.assignment.strategy", ASSIGNORS.get(words[4]));
            config.put("session.timeout.ms", 6_000);
            config.put("heartbeat.interval.ms", 500);
        }
        if (!words[5].equals("-")) config.put("group.instance.id", words[5]);
        consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        producer = forward == null ? null : new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrap, "linger.ms", 0),
            new ByteArraySerializer(), new ByteArraySerializer());
        thread.start();
    }

    private void leave() {
        leaving = true;
    }

    @Override
    public void run() {
        consumer.subscribe(List.of(topic), this);
        while (!leaving) {
            try {
                process(consumer.poll(Duration.ofMillis(100)));
                commit();
            } catch (CommitFailedException | TimeoutException error) {
                // What was not committed is read again by whoever has the partition next.
                tell("error", "\"message\":" + quote(error.toString()));
                rewind();
            } catch (KafkaException error) {
                tell("error", "\"message\":" + quote("fatal: " + error));
                break;
            }
        }
        consumer.close();
        if (producer != null) producer.close();
        tell("left", null);
    }

    private void process(ConsumerRecords<byte[], byte[]> records) {
        for (TopicPartition partition : records.partitions()) {
            List<ConsumerRecord<byte[], byte[]>> found = records.records(partition);
            forward(found);
            long first = found.get(0).offset();
            long next = found.get(found.size() - 1).offset() + 1;
            if (next - first != found.size()) throw new IllegalStateException("offsets " + first + " to " + next);
            tell("processed", "\"partition\":%d,\"first\":%d,\"next\":%d".formatted(partition.partition(), first, next));
            uncommitted.put(partition, new OffsetAndMetadata(next));
        }
    }

    private void commit() {
        if (uncommitted.isEmpty()) return;
        try {
            consumer.commitSync(uncommitted);
        } catch (RebalanceInProgressException error) {
            // Said between a rebalance's two rounds; after them it is heard.
            return;
        }
        uncommitted.forEach((partition, offset) ->
            tell("committed", "\"partition\":%d,\"offset\":%d".formatted(partition.partition(), offset.offset())));
        uncommitted.clear();
    }

    private void forward(List<ConsumerRecord<byte[], byte[]>> records) {
        if (producer == null) return;
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (var found : records) sent.add(producer.send(new ProducerRecord<>(forward, found.partition(), found.key(), found.value())));
        try {
            for (var one : sent) one.get();
        } catch (Exception error) {
            throw new KafkaException(error);
        }
    }

    /** Back to what is committed: a failed commit must not let the records be passed over. */
    private void rewind() {
        uncommitted.clear();
        try {
            var committed = consumer.committed(consumer.assignment());
            committed.forEach((partition, offset) -> {
                if (!consumer.assignment().contains(partition)) return;
                if (offset == null) consumer.seekToBeginning(List.of(partition));
                else consumer.seek(partition, offset.offset());
            });
        } catch (TimeoutException error) {
            tell("error", "\"message\":" + quote(error.toString()));
        }
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> added) {
        tell("owned", "\"generation\":%d,\"partitions\":%s".formatted(
            consumer.groupMetadata().generationId(), list(consumer.assignment())));
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
        try {
            commit();
        } catch (KafkaException error) {
            tell("error", "\"message\":" + quote(error.toString()));
        }
        uncommitted.keySet().removeAll(revoked);
        tell("revoked", "\"partitions\":" + list(revoked));
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> lost) {
        uncommitted.keySet().removeAll(lost);
        tell("lost", "\"partitions\":" + list(lost));
    }

    private static String list(Collection<TopicPartition> partitions) {
        return partitions.stream().map(one -> String.valueOf(one.partition())).collect(Collectors.joining(",", "[", "]"));
    }

    private void tell(String event, String fields) {
        Instant now = Instant.now();
        String line = "{\"event\":\"%s\",\"member\":\"%s\",\"atMs\":%d.%03d%s}".formatted(event, name,
            now.toEpochMilli(), now.getNano() / 1_000 % 1_000, fields == null ? "" : "," + fields);
        System.out.println(line);
    }

    private static String quote(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "'").replaceAll("\\s+", " ") + '"';
    }
}
