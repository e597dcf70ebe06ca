package wire;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;

/**
 * Kafka's side of the wire proof.
 *
 * <pre>
 * generate PLAN OUTPUT SEED COUNT   writes COUNT random instances of every message at every version
 * verify PLAN INPUT                 reads instances that others wrote, writes them again and compares the bytes
 * </pre>
 *
 * A frame is the number of the message in the plan (int16), the version (int16), in what is generated Kafka's JSON
 * of the message (int32 length, UTF-8), and the message (int32 length, bytes).
 */
public final class Main {
    private Main() {
    }

    public static void main(String[] args) throws IOException, ReflectiveOperationException {
        Plan plan = Plan.read(Path.of(args[1]));
        if (args[0].equals("generate")) {
            generate(plan, Path.of(args[2]), Long.parseLong(args[3]), Integer.parseInt(args[4]));
        } else if (args[0].equals("verify")) {
            System.exit(verify(plan, Path.of(args[2])) == 0 ? 0 : 1);
        } else {
            throw new IllegalArgumentException(args[0]);
        }
    }

    private static void generate(Plan plan, Path output, long seed, int count)
        throws IOException, ReflectiveOperationException {
        RandomMessage random = new RandomMessage(seed, plan.bigints());
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(output)))) {
            for (int index = 0; index < plan.entries().size(); index++) {
                Plan.Entry entry = plan.entries().get(index);
                Method toJson = Class.forName(entry.type().getName() + "JsonConverter")
                    .getMethod("write", entry.type(), short.class, boolean.class);
                for (short version = entry.minVersion(); version <= entry.maxVersion(); version++) {
                    for (int left = count; left > 0; left--) {
                        ApiMessage message = entry.newInstance();
                        random.fill(message, version, entry.name(), 0);
                        JsonNode json = (JsonNode) toJson.invoke(null, message, version, false);
                        out.writeShort(index);
                        out.writeShort(version);
                        writeSized(out, json.toString().getBytes(StandardCharsets.UTF_8));
                        writeSized(out, bytesOf(message, version));
                    }
                }
            }
        }
    }

    /** Returns the number of frames that come out different, each told of on standard output. */
    private static int verify(Plan plan, Path input) throws IOException, ReflectiveOperationException {
        int frames = 0;
        int differences = 0;
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(input)))) {
            while (true) {
                Plan.Entry entry;
                try {
                    entry = plan.entries().get(in.readShort());
                } catch (EOFException end) {
                    break;
                }
                short version = in.readShort();
                byte[] bytes = new byte[in.readInt()];
                in.readFully(bytes);
                frames++;
                String trouble = check(entry, version, bytes);
                if (trouble == null) continue;
                differences++;
                System.out.println("difference " + entry.name() + " v" + version + ": " + trouble);
            }
        }
        System.out.println("verified " + frames + " " + differences);
        return differences;
    }

    private static String check(Plan.Entry entry, short version, byte[] bytes) throws ReflectiveOperationException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        ApiMessage message = entry.newInstance();
        try {
            message.read(new ByteBufferAccessor(buffer), version);
        } catch (RuntimeException error) {
            return "cannot be read: " + error;
        }
        if (buffer.hasRemaining()) return buffer.remaining() + " bytes are left over";
        return Arrays.equals(bytesOf(message, version), bytes) ? null : "is written with other bytes: " + message;
    }

    private static byte[] bytesOf(ApiMessage message, short version) {
        ByteBuffer buffer = MessageUtil.toByteBufferAccessor(message, version).buffer();
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    private static void writeSized(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }
}
