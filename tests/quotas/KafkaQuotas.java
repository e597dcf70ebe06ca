import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.errors.ThrottlingQuotaExceededException;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.metrics.Quota;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.network.Session;
import org.apache.kafka.server.config.ClientQuotaManagerConfig;
import org.apache.kafka.server.quota.ClientQuotaEntity.ConfigEntity;
import org.apache.kafka.server.quota.ClientQuotaManager;
import org.apache.kafka.server.quota.ControllerMutationQuota;
import org.apache.kafka.server.quota.ControllerMutationQuotaManager;
import org.apache.kafka.server.quota.QuotaType;

/**
 * Asks Kafka's own quota managers how long clients have to pause. Reads one step a line:
 *
 *     new
 *     set KIND USER CLIENT_ID PER_SECOND
 *     at MS
 *     use KIND USER CLIENT_ID AMOUNT
 *
 * KIND is produce, fetch, strict or permissive; in "set" a USER or CLIENT_ID can be "*" for the default and "-" for none,
 * and PER_SECOND "-" takes the quota back. For each "use" the throttle time goes to standard output, in ms.
 */
public final class KafkaQuotas {
    private static long nowMs;

    private final Map<String, ClientQuotaManager> managers = new HashMap<>();
    private final ControllerMutationQuotaManager mutations;

    private KafkaQuotas() {
        Time time = (Time) Proxy.newProxyInstance(Time.class.getClassLoader(), new Class<?>[] {Time.class}, clock());
        ClientQuotaManagerConfig config = new ClientQuotaManagerConfig();
        managers.put("produce", new ClientQuotaManager(config, new Metrics(time), QuotaType.PRODUCE, time, "p"));
        managers.put("fetch", new ClientQuotaManager(config, new Metrics(time), QuotaType.FETCH, time, "f"));
        mutations = new ControllerMutationQuotaManager(config, new Metrics(time), time, "m", Optional.empty());
        managers.put("strict", mutations);
        managers.put("permissive", mutations);
    }

    private static InvocationHandler clock() {
        return (proxy, method, args) -> {
            switch (method.getName()) {
                case "milliseconds":
                case "hiResClockMs":
                    return nowMs;
                case "nanoseconds":
                    return nowMs * 1_000_000;
                default:
                    throw new UnsupportedOperationException(method.getName());
            }
        };
    }

    private void set(String kind, String user, String clientId, String perSecond) {
        Optional<ConfigEntity> userEntity = switch (user) {
            case "-" -> Optional.empty();
            case "*" -> Optional.of(ClientQuotaManager.DEFAULT_USER_ENTITY);
            default -> Optional.of(new ClientQuotaManager.UserEntity(user));
        };
        Optional<ConfigEntity> clientEntity = switch (clientId) {
            case "-" -> Optional.empty();
            case "*" -> Optional.of(ClientQuotaManager.DEFAULT_USER_CLIENT_ID);
            default -> Optional.of(new ClientQuotaManager.ClientIdEntity(clientId));
        };
        Optional<Quota> quota =
            perSecond.equals("-") ? Optional.empty() : Optional.of(Quota.upperBound(Double.parseDouble(perSecond)));
        managers.get(kind).updateQuota(userEntity, clientEntity, quota);
    }

    private int use(String kind, String user, String clientId, double amount) throws Exception {
        Session session = new Session(new KafkaPrincipal("User", user), InetAddress.getByName("127.0.0.1"));
        if (managers.get(kind) != mutations) {
            ClientQuotaManager manager = managers.get(kind);
            int throttleMs = manager.maybeRecordAndGetThrottleTimeMs(session, clientId, amount, nowMs);
            if (kind.equals("fetch") && throttleMs > 0) manager.unrecordQuotaSensor(session, clientId, amount, nowMs);
            return throttleMs;
        }
        ControllerMutationQuota quota = kind.equals("strict")
            ? mutations.newStrictQuotaFor(session, clientId)
            : mutations.newPermissiveQuotaFor(session, clientId);
        try {
            quota.record(amount);
            return quota.throttleTime();
        } catch (ThrottlingQuotaExceededException e) {
            return e.throttleTimeMs();
        }
    }

    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        KafkaQuotas quotas = null;
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "new" -> quotas = new KafkaQuotas();
                case "set" -> quotas.set(words[1], words[2], words[3], words[4]);
                case "at" -> nowMs = Long.parseLong(words[1]);
                case "use" -> System.out.println(quotas.use(words[1], words[2], words[3], Double.parseDouble(words[4])));
                default -> throw new IllegalArgumentException(line);
            }
        }
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }
}
