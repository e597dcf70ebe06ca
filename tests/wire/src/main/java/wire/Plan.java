package wire;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * What both sides work from, one item a line: {@code message NAME TYPE MIN MAX} in the order in which frames number
 * the messages, and {@code bigint PATH} for the int64 fields whose every bit counts.
 */
record Plan(List<Entry> entries, Set<String> bigints) {
    record Entry(String name, Class<? extends ApiMessage> type, short minVersion, short maxVersion) {
        ApiMessage newInstance() throws ReflectiveOperationException {
            return type.getDeclaredConstructor().newInstance();
        }
    }

    static Plan read(Path file) throws IOException, ReflectiveOperationException {
        List<Entry> entries = new ArrayList<>();
        Set<String> bigints = new HashSet<>();
        for (String line : Files.readAllLines(file)) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "message" -> entries.add(new Entry(
                    words[1], classOf(words[1], words[2]), Short.parseShort(words[3]), Short.parseShort(words[4])));
                case "bigint" -> bigints.add(words[1]);
                default -> throw new IllegalArgumentException(line);
            }
        }
        return new Plan(entries, bigints);
    }

    private static Class<? extends ApiMessage> classOf(String name, String type) throws ClassNotFoundException {
        String simpleName = type.equals("data") ? name : name + "Data";
        return Class.forName("org.apache.kafka.common.message." + simpleName).asSubclass(ApiMessage.class);
    }
}
