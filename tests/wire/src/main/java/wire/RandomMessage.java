package wire;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;

/**
 * Fills Kafka's generated message classes with seeded random values. Which fields a version has, and which may be
 * null, is taken from the schemas that Kafka generates beside them.
 */
final class RandomMessage {
    private static final long MAX_SAFE_INTEGER = (1L << 53) - 1;
    private static final int[] CODE_POINTS = {'a', 'Z', '0', '-', '.', ' ', 0xe9, 0x3b1, 0x4e2d, 0xfffd, 0x1f600};

    private final Random random;
    private final Set<String> bigints;

    RandomMessage(long seed, Set<String> bigints) {
        this.random = new Random(seed);
        this.bigints = bigints;
    }

    /** Gives every field that the version has a random value, or leaves it at its default. */
    void fill(Message message, short version, String path, int depth) throws ReflectiveOperationException {
        Map<String, Type> types = typesOf(message.getClass(), version);
        for (Field field : message.getClass().getDeclaredFields()) {
            Type type = types.get(normalized(field.getName()));
            if (Modifier.isStatic(field.getModifiers()) || type == null) continue;
            field.setAccessible(true);
            // Kafka's default of records is null even where the version does not allow it.
            boolean canStay = type.isNullable() || field.get(message) != null;
            if (canStay && chance(5)) continue;
            String fieldPath = path + "." + field.getName();
            field.set(message, type.isNullable() && chance(4) ? null : value(field, type, version, fieldPath, depth));
        }
    }

    /** The types of the fields of one version, by name without case and underscores. */
    private static Map<String, Type> typesOf(Class<?> type, short version) throws ReflectiveOperationException {
        Schema schema = ((Schema[]) type.getField("SCHEMAS").get(null))[version];
        Map<String, Type> types = new HashMap<>();
        for (BoundField bound : schema.fields()) {
            if (bound.def.type instanceof TaggedFields tagged) {
                tagged.fields().values().forEach(field -> types.put(normalized(field.name), field.type));
            } else {
                types.put(normalized(bound.def.name), bound.def.type);
            }
        }
        return types;
    }

    private static String normalized(String name) {
        return name.replace("_", "").toLowerCase(Locale.ROOT);
    }

    private Object value(Field field, Type type, short version, String path, int depth)
        throws ReflectiveOperationException {
        Class<?> javaType = field.getType();
        if (Collection.class.isAssignableFrom(javaType)) return collection(field, version, path, depth);
        if (Message.class.isAssignableFrom(javaType)) return struct(javaType, version, path, depth);
        if (javaType == int.class && type == Type.UINT16) return random.nextInt(1 << 16);
        return scalar(javaType, path);
    }

    private Object collection(Field field, short version, String path, int depth) throws ReflectiveOperationException {
        boolean isList = field.getType().isInterface();
        ParameterizedType parameterized = (ParameterizedType)
            (isList ? field.getGenericType() : field.getType().getGenericSuperclass());
        Class<?> element = (Class<?>) parameterized.getActualTypeArguments()[0];
        boolean isStruct = Message.class.isAssignableFrom(element);
        @SuppressWarnings("unchecked")
        Collection<Object> items = (Collection<Object>)
            (isList ? new ArrayList<>() : field.getType().getDeclaredConstructor().newInstance());
        int most = isStruct ? Math.max(1, 3 - depth) : chance(30) ? 200 : 4;
        for (int left = random.nextInt(most + 1); left > 0; left--) {
            items.add(isStruct ? struct(element, version, path, depth) : scalar(element, path));
        }
        return items;
    }

    private Object struct(Class<?> type, short version, String path, int depth) throws ReflectiveOperationException {
        Message message = (Message) type.getDeclaredConstructor().newInstance();
        fill(message, version, path, depth + 1);
        return message;
    }

    private Object scalar(Class<?> type, String path) {
        if (type == boolean.class) return random.nextBoolean();
        if (type == byte.class || type == Byte.class) return (byte) integer(8);
        if (type == short.class || type == Short.class) return (short) integer(16);
        if (type == int.class || type == Integer.class) return (int) integer(32);
        if (type == long.class || type == Long.class) return bigints.contains(path) ? integer(64) : safeInteger();
        if (type == double.class) return random.nextGaussian() * 1e6;
        if (type == Uuid.class) return new Uuid(random.nextLong(), random.nextLong());
        if (type == String.class) return string();
        if (type == byte[].class) return bytes();
        if (type == ByteBuffer.class) return ByteBuffer.wrap(bytes());
        if (type == BaseRecords.class) return MemoryRecords.readableRecords(ByteBuffer.wrap(bytes()));
        throw new IllegalArgumentException(path + " is a " + type);
    }

    private long integer(int bits) {
        long any = random.nextLong() >> (64 - bits);
        return switch (random.nextInt(6)) {
            case 0 -> 0;
            case 1 -> -1;
            case 2 -> Long.MIN_VALUE >> (64 - bits);
            case 3 -> Long.MAX_VALUE >> (64 - bits);
            default -> any;
        };
    }

    private long safeInteger() {
        return Math.max(-MAX_SAFE_INTEGER, Math.min(MAX_SAFE_INTEGER, integer(chance(3) ? 32 : 54)));
    }

    private String string() {
        int most = chance(40) ? 3000 : chance(5) ? 70 : 12;
        boolean ascii = random.nextBoolean();
        StringBuilder text = new StringBuilder();
        for (int left = random.nextInt(most + 1); left > 0; left--) {
            text.appendCodePoint(ascii ? 'a' + random.nextInt(26) : CODE_POINTS[random.nextInt(CODE_POINTS.length)]);
        }
        return text.toString();
    }

    private byte[] bytes() {
        byte[] bytes = new byte[random.nextInt(chance(60) ? 20000 : chance(5) ? 300 : 16)];
        random.nextBytes(bytes);
        return bytes;
    }

    private boolean chance(int oneIn) {
        return random.nextInt(oneIn) == 0;
    }
}
