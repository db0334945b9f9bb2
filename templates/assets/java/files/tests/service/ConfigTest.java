package service;

import static service.Tests.equal;
import static service.Tests.fails;
import static service.Tests.that;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import service.Tests.Test;

/** Configuration: what is refused, and that all of it is said at once. */
final class ConfigTest {
    private final Path keyFile = Tests.directory().resolve("keys");

    ConfigTest() throws Exception {
        Files.writeString(keyFile, "n".repeat(32) + "\n" + "o".repeat(32) + "\n");
    }

    private Config read(Map<String, String> env) throws ConfigException {
        Map<String, String> all = new HashMap<>(Map.of("TOKEN_KEY_FILE", keyFile.toString()));
        all.putAll(env);
        return Config.fromEnv(all);
    }

    private List<String> problems(Map<String, String> env) {
        return fails(ConfigException.class, () -> read(env)).problems();
    }

    @Test
    void theDefaultsNeedOnlyAKey() throws Exception {
        Config config = read(Map.of());
        equal(config, new Config(
                config.tokenKeys(), "service", "127.0.0.1", 8080, Log.Level.INFO, List.of(), 1, 10, 0, 20, 65536, 128,
                5, 20));
        List<String> keys =
                config.tokenKeys().all().stream()
                        .map(key -> new String(key, StandardCharsets.US_ASCII))
                        .toList();
        equal(keys, List.of("n".repeat(32), "o".repeat(32)));
    }

    @Test
    void valuesAreRead() throws Exception {
        Map<String, String> env = new HashMap<>();
        String[] values = {
            "SERVICE_NAME", "ledger-2", "HOST", "::1", "PORT", "1", "LOG_LEVEL", "DEBUG",
            "DEPENDENCIES", "db:5432, cache:6379", "READY_TIMEOUT", "3", "REQUEST_TIMEOUT", "4.5",
            "DRAIN_SECONDS", "5", "GRACE_SECONDS", "6", "MAX_BODY", "7", "MAX_CONNECTIONS", "8",
            "RATE_PER_SECOND", "9.5", "RATE_BURST", "10"
        };
        for (int i = 0; i < values.length; i += 2) {
            env.put(values[i], values[i + 1]);
        }
        Config config = read(env);
        List<Config.Address> dependencies =
                List.of(new Config.Address("db", 5432), new Config.Address("cache", 6379));
        equal(config, new Config(
                config.tokenKeys(), "ledger-2", "::1", 1, Log.Level.DEBUG, dependencies, 3, 4.5, 5, 6, 7, 8, 9.5, 10));
    }

    @Test
    void everyValueHasItsBounds() throws Exception {
        Map<String, List<String>> bounds = new HashMap<>(); // what may be, and what may not
        bounds.put("SERVICE_NAME", List.of("a a-1", "1a -a a_b Ab " + "a".repeat(64)));
        bounds.put("PORT", List.of("0 65535", "65536"));
        bounds.put("LOG_LEVEL", List.of("DEBUG WARNING", "debug ERROR"));
        bounds.put("DEPENDENCIES", List.of("a:1,b:65535", "a:0 a:65536 :1 a_b:1 a:1,"));
        bounds.put("READY_TIMEOUT", List.of("0.1 30", "0.09 30.1"));
        bounds.put("REQUEST_TIMEOUT", List.of("0.1 300", "0.09 300.1"));
        bounds.put("DRAIN_SECONDS", List.of("0 300", "300.1"));
        bounds.put("GRACE_SECONDS", List.of("0 300", "300.1"));
        bounds.put("MAX_BODY", List.of("1 10485760", "0 10485761"));
        bounds.put("MAX_CONNECTIONS", List.of("1 10000", "0 10001"));
        bounds.put("RATE_PER_SECOND", List.of("0.01 10000", "0.009 10000.1"));
        bounds.put("RATE_BURST", List.of("1 10000", "0 10001"));
        for (Map.Entry<String, List<String>> each : bounds.entrySet()) {
            for (String text : each.getValue().get(0).split(" ")) {
                read(Map.of(each.getKey(), text));
            }
            for (String text : each.getValue().get(1).split(" ")) {
                equal(problems(Map.of(each.getKey(), text)).size(), 1);
            }
        }
    }

    @Test
    void everyProblemIsReportedAtOnce() {
        List<String> problems =
                problems(Map.of("PORT", "99999", "LOG_LEVEL", "loud", "DEPENDENCIES", "db", "MAX_BODY", "-1"));
        List<String> named = problems.stream().map(problem -> problem.split(":")[0]).toList();
        equal(named, List.of("PORT", "LOG_LEVEL", "DEPENDENCIES", "MAX_BODY"));
    }

    @Test
    void numbersArePlainAndFinite() {
        for (String text : List.of("NaN", "Infinity", "1e9", "-1", "٣", "0x10", "1_0", "1f")) {
            equal(problems(Map.of("GRACE_SECONDS", text)).size(), 1);
        }
    }

    @Test
    void aKeyFileMustBeNamedAndHoldLongKeys() throws Exception {
        equal(problems(Map.of("TOKEN_KEY_FILE", "")).size(), 1);
        equal(problems(Map.of("TOKEN_KEY_FILE", keyFile + ".missing")).size(), 1);
        // A key of 31 characters is too short, also below one that is not.
        String tooShort = "n".repeat(31);
        for (String content : List.of("", "\n", "short\n", tooShort, "n".repeat(32) + "\n" + tooShort)) {
            Files.writeString(keyFile, content);
            equal(problems(Map.of()).size(), 1);
        }
    }

    @Test
    void keysAreNeverShown() throws Exception {
        that(!read(Map.of()).toString().contains("nnnn"), "a key is shown");
    }
}
