import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreateDelegationTokenOptions;
import org.apache.kafka.clients.admin.ExpireDelegationTokenOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.security.token.delegation.DelegationToken;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Kafka's own client on secured listeners; jobs and answers as in secure_client.ts. */
public final class SecureClient {
    private static final String PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule";
    private static final String SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule";
    private static final String OAUTH = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule";
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] args) throws Exception {
        var in = new BufferedReader(new InputStreamReader(System.in));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            System.out.println(JSON.writeValueAsString(answer(JSON.readTree(line))));
        }
        Runtime.getRuntime().halt(0);
    }

    private static Map<String, String> answer(JsonNode job) {
        try {
            if (job.path("action").asText().equals("token")) useToken(job);
            else writeAndRead(job, config(job));
            return Map.of("outcome", "read", "detail", "");
        } catch (Exception error) {
            for (Throwable cause = error; cause != null; cause = cause.getCause()) {
                if (cause instanceof AuthenticationException) {
                    return Map.of("outcome", "refused", "detail", cause.toString());
                }
            }
            return Map.of("outcome", "failed", "detail", error.toString());
        }
    }

    private static Map<String, Object> config(JsonNode job) throws Exception {
        Map<String, Object> config = new HashMap<>(Map.of(
            "bootstrap.servers", job.path("bootstrap").asText(),
            "security.protocol", job.hasNonNull("mechanism") ? "SASL_SSL" : "SSL",
            "ssl.truststore.type", "PEM",
            "ssl.truststore.location", job.path("ca").asText(),
            "request.timeout.ms", 10_000,
            "default.api.timeout.ms", 20_000));
        if (job.hasNonNull("certificate")) {
            config.put("ssl.keystore.type", "PEM");
            config.put("ssl.keystore.certificate.chain", Files.readString(Path.of(job.path("certificate").asText())));
            config.put("ssl.keystore.key", Files.readString(Path.of(job.path("key").asText())));
        }
        if (!job.hasNonNull("mechanism")) return config;
        String mechanism = job.path("mechanism").asText();
        config.put("sasl.mechanism", mechanism);
        if (mechanism.equals("OAUTHBEARER")) {
            String url = Path.of(job.path("tokenFile").asText()).toUri().toString();
            System.setProperty("org.apache.kafka.sasl.oauthbearer.allowed.urls", url);
            System.setProperty("org.apache.kafka.sasl.oauthbearer.allowed.files", job.path("tokenFile").asText());
            config.put("sasl.oauthbearer.token.endpoint.url", url);
            config.put("sasl.login.callback.handler.class",
                "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler");
            config.put("sasl.jaas.config", OAUTH + " required;");
        } else {
            config.put("sasl.jaas.config", login(mechanism.equals("PLAIN") ? PLAIN : SCRAM,
                job.path("user").asText(), job.path("password").asText(), ""));
        }
        return config;
    }

    private static String login(String module, String user, String password, String rest) {
        return "%s required username=\"%s\" password=\"%s\"%s;".formatted(module, user, password, rest);
    }

    /** Makes a delegation token, uses it, ends it, and sees that it is of no use any more. */
    private static void useToken(JsonNode job) throws Exception {
        Map<String, Object> own = config(job);
        try (Admin admin = Admin.create(own)) {
            DelegationToken token = admin.createDelegationToken(new CreateDelegationTokenOptions()).delegationToken().get();
            // In a cluster it takes a moment until the broker, too, knows it.
            while (admin.describeDelegationToken().delegationTokens().get().stream()
                .noneMatch(known -> known.tokenInfo().tokenId().equals(token.tokenInfo().tokenId()))) Thread.sleep(20);
            Map<String, Object> config = new HashMap<>(own);
            config.put("sasl.jaas.config", login(SCRAM, token.tokenInfo().tokenId(), token.hmacAsBase64String(), " tokenauth=\"true\""));
            writeAndRead(job, config);
            admin.expireDelegationToken(token.hmac(), new ExpireDelegationTokenOptions().expiryTimePeriodMs(-1)).expiryTimestamp().get();
            try {
                writeAndRead(job, config);
            } catch (Exception error) {
                for (Throwable cause = error; cause != null; cause = cause.getCause()) {
                    if (cause instanceof AuthenticationException) return;
                }
                throw error;
            }
            throw new IllegalStateException("an expired token was accepted");
        }
    }

    private static void writeAndRead(JsonNode job, Map<String, Object> config) throws Exception {
        String topic = job.path("topic").asText();
        int count = job.path("records").asInt();
        String mark = job.path("mark").asText();
        long lastsUntil = System.nanoTime() + Duration.ofMillis(job.path("lastsMs").asInt()).toNanos();
        Map<String, Object> producing = new HashMap<>(config);
        producing.put("max.block.ms", 20_000);
        producing.put("delivery.timeout.ms", 20_000);
        Map<String, Object> consuming = new HashMap<>(config);
        consuming.put("group.id", job.path("group").asText());
        consuming.put("auto.offset.reset", "earliest");
        try (var producer = new KafkaProducer<>(producing, new StringSerializer(), new StringSerializer());
             var consumer = new KafkaConsumer<>(consuming, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(topic));
            int written = 0;
            do {
                Set<String> missing = new HashSet<>();
                for (int i = 0; i < count; i++, written++) {
                    missing.add(mark + written);
                    producer.send(new ProducerRecord<>(topic, mark + written)).get();
                }
                long giveUpAt = System.nanoTime() + LIMIT.toNanos();
                while (!missing.isEmpty()) {
                    for (var record : consumer.poll(Duration.ofMillis(200))) missing.remove(record.value());
                    if (System.nanoTime() > giveUpAt) throw new IllegalStateException(missing.size() + " records are missing");
                }
            } while (System.nanoTime() < lastsUntil);
        }
    }
}
