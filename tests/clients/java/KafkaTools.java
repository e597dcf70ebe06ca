import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Exit;

/**
 * Runs Kafka's command line tools in one process, as starting one costs more than what it does. BOOTSTRAP is its
 * argument. A line of input is a class and its arguments, separated by tabs; or "begin", a transactional id, a topic,
 * which leaves a transaction open. Each is answered with how many lines the tool has printed, and those lines.
 */
public final class KafkaTools {
    /** What a tool would end the process with. */
    private static final class Ended extends RuntimeException {
        Ended(String message) {
            super(message);
        }
    }

    public static void main(String[] args) throws Exception {
        PrintStream answers = System.out;
        Exit.Procedure end = (code, message) -> {
            throw new Ended("exit code " + code);
        };
        Exit.setExitProcedure(end);
        Exit.setHaltProcedure(end);
        List<KafkaProducer<String, String>> open = new ArrayList<>();
        var in = new BufferedReader(new InputStreamReader(System.in));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split("\t");
            if (words[0].equals("begin")) {
                open.add(begin(args[0], words[1], words[2]));
                answers.println(0);
                continue;
            }
            String[] printed = run(words[0], Arrays.copyOfRange(words, 1, words.length)).stripTrailing().split("\n");
            answers.println(printed.length);
            for (String one : printed) answers.println(one);
        }
        Runtime.getRuntime().halt(0);
    }

    private static KafkaProducer<String, String> begin(String bootstrap, String transactionalId, String topic) {
        Map<String, Object> config = Map.of(
            "bootstrap.servers", bootstrap, "transactional.id", transactionalId, "transaction.timeout.ms", 600_000);
        var producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
        producer.initTransactions();
        producer.beginTransaction();
        producer.send(new ProducerRecord<>(topic, 0, "key", "open"));
        producer.flush();
        return producer;
    }

    private static String run(String mainClass, String[] args) throws Exception {
        var bytes = new ByteArrayOutputStream();
        var captured = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        PrintStream out = System.out;
        PrintStream err = System.err;
        System.setOut(captured);
        System.setErr(captured);
        try {
            Class.forName(mainClass).getMethod("main", String[].class).invoke(null, (Object) args);
        } catch (java.lang.reflect.InvocationTargetException thrown) {
            captured.println(thrown.getCause() instanceof Ended ended ? ended.getMessage() : thrown.getCause());
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
