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
        equal(config.host() + ":" + config.port(), "127.0.0.1:8080");
        List<String> keys =
                config.tokenKeys().all().stream()
                        .map(key -> new String(key, StandardCharsets.US_ASCII))
                        .toList();
        equal(keys, List.of("n".repeat(32), "o".repeat(32)));
    }

    @Test
    void valuesAreRead() throws Exception {
        Config config =
                read(Map.of("PORT", "9000", "DRAIN_SECONDS", "2.5", "DEPENDENCIES", "db:5432, cache:6379"));
        equal(config.port(), 9000);
        equal(config.drainSeconds(), 2.5);
        equal(config.dependencies(),
                List.of(new Config.Address("db", 5432), new Config.Address("cache", 6379)));
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
        for (String content : List.of("", "\n", "short\n")) {
            Files.writeString(keyFile, content);
            equal(problems(Map.of()).size(), 1);
        }
    }

    @Test
    void keysAreNeverShown() throws Exception {
        that(!read(Map.of()).toString().contains("nnnn"), "a key is shown");
    }
}
