import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes and reads files of records with Apache Kafka's own client; arguments as in record_program.ts. */
public final class RecordClient {
    private static final Duration IDLE_LIMIT = Duration.ofSeconds(30);

    public static void main(String[] args) throws Exception {
        if (args[0].equals("write")) {
            write(args[1], args[2], args[3], Path.of(args[4]));
            return;
        }
        for (int i = 2; i < args.length; i += 3) {
            read(args[1], args[i], args[i + 1].split(","), Path.of(args[i + 2]));
        }
    }

    private static void write(String bootstrap, String topic, String codec, Path file) throws Exception {
        Map<String, Object> config = Map.of(
            "bootstrap.servers", bootstrap,
            "acks", "all",
            "enable.idempotence", true,
            "compression.type", codec,
            "linger.ms", 5,
            "delivery.timeout.ms", 60_000);
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        List<Long> offsets = new ArrayList<>();
        try (var producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
             var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            while (hasNext(in)) {
                int partition = in.readInt();
                offsets.add(in.readLong());
                long timestamp = in.readLong();
                byte[] key = readBytes(in);
                byte[] value = readBytes(in);
                List<Header> headers = new ArrayList<>();
                for (int left = in.readInt(); left > 0; left--) {
                    String name = new String(readBytes(in), StandardCharsets.UTF_8);
                    headers.add(new RecordHeader(name, readBytes(in)));
                }
                sent.add(producer.send(new ProducerRecord<>(topic, partition, timestamp, key, value, headers)));
            }
            producer.flush();
        }
        for (int i = 0; i < sent.size(); i++) {
            long offset = sent.get(i).get().offset();
            if (offset != offsets.get(i)) {
                throw new IllegalStateException("offset " + offset + " acknowledged, expected " + offsets.get(i));
            }
        }
    }

    private static void read(String bootstrap, String topic, String[] counts, Path file) throws IOException {
        Map<String, Object> config = Map.of(
            "bootstrap.servers", bootstrap,
            "enable.auto.commit", false,
            "auto.offset.reset", "none",
            // At each partition's end one fetch is left waiting, and the next partition's waits behind it.
            "fetch.max.wait.ms", 20,
            "check.crcs", true);
        try (var consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
             var out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
            for (int partition = 0; partition < counts.length; partition++) {
                TopicPartition assigned = new TopicPartition(topic, partition);
                consumer.assign(List.of(assigned));
                consumer.seek(assigned, 0);
                readPartition(consumer, Integer.parseInt(counts[partition]), out);
            }
        }
    }

    private static void readPartition(KafkaConsumer<byte[], byte[]> consumer, int count, DataOutputStream out)
            throws IOException {
        long giveUpAt = System.nanoTime() + IDLE_LIMIT.toNanos();
        for (int seen = 0; seen < count; ) {
            for (ConsumerRecord<byte[], byte[]> found : consumer.poll(Duration.ofSeconds(1))) {
                if (seen++ < count) writeFrame(found, out);
                giveUpAt = System.nanoTime() + IDLE_LIMIT.toNanos();
            }
            if (System.nanoTime() > giveUpAt) throw new IOException("only " + seen + " of " + count + " records");
        }
    }

    private static void writeFrame(ConsumerRecord<byte[], byte[]> found, DataOutputStream out) throws IOException {
        int size = 4 + 8 + 8 + 4 + lengthOf(found.key()) + 4 + lengthOf(found.value()) + 4;
        for (Header header : found.headers()) {
            size += 4 + header.key().getBytes(StandardCharsets.UTF_8).length + 4 + lengthOf(header.value());
        }
        out.writeInt(size);
        out.writeInt(found.partition());
        out.writeLong(found.offset());
        out.writeLong(found.timestamp());
        writeBytes(out, found.key());
        writeBytes(out, found.value());
        out.writeInt(found.headers().toArray().length);
        for (Header header : found.headers()) {
            writeBytes(out, header.key().getBytes(StandardCharsets.UTF_8));
            writeBytes(out, header.value());
        }
    }

    /** Passes over the frame length; false at the end of the file. */
    private static boolean hasNext(DataInputStream in) throws IOException {
        try {
            in.readInt();
            return true;
        } catch (EOFException end) {
            return false;
        }
    }

    private static byte[] readBytes(DataInputStream in) throws IOException {
        int length = in.readInt();
        return length < 0 ? null : in.readNBytes(length);
    }

    private static void writeBytes(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes == null ? -1 : bytes.length);
        if (bytes != null) out.write(bytes);
    }

    private static int lengthOf(byte[] bytes) {
        return bytes == null ? 0 : bytes.length;
    }
}
