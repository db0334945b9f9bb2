package service;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Configuration from the environment, checked before anything starts. Times are in seconds, sizes in
 * bytes.
 *
 * <p>Every problem is reported at once: nobody should have to restart a container five times to learn
 * five things. Secrets come as files, because environments leak into logs and crash reports.
 */
record Config(
        TokenKeys tokenKeys,
        String name,
        String host,
        int port,
        Log.Level logLevel,
        List<Address> dependencies,
        double readyTimeout,
        double requestTimeout,
        double drainSeconds,
        double graceSeconds,
        int maxBody,
        int maxConnections,
        double ratePerSecond,
        int rateBurst) {

    /** Where a dependency listens. */
    record Address(String host, int port) {}

    /** Reads a value; throws {@link IllegalArgumentException} with what it must be. */
    private interface Parser<T> {
        T parse(String text) throws IOException;
    }

    private static final int MIN_KEY_LENGTH = 32;
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,62}");
    private static final Pattern ADDRESS = Pattern.compile("([A-Za-z0-9.-]+):([0-9]{1,5})");
    private static final Pattern INTEGER = Pattern.compile("[0-9]{1,9}");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}(\\.[0-9]{1,9})?");

    /** Read {@code env}; throws with every problem that it has. */
    static Config fromEnv(Map<String, String> env) throws ConfigException {
        Reader from = new Reader(env);
        TokenKeys keys = from.read("TOKEN_KEY_FILE", new TokenKeys(List.of()), Config::keys);
        if (env.getOrDefault("TOKEN_KEY_FILE", "").isEmpty()) {
            from.problems.add("TOKEN_KEY_FILE: must name a file that holds the token keys");
        }
        Config config =
                new Config(
                        keys,
                        from.read("SERVICE_NAME", "service", Config::serviceName),
                        from.read("HOST", "127.0.0.1", text -> text),
                        from.read("PORT", 8080, integer(0, 65535)),
                        from.read("LOG_LEVEL", Log.Level.INFO, Config::level),
                        from.read("DEPENDENCIES", List.of(), Config::addresses),
                        from.read("READY_TIMEOUT", 1.0, number(0.1, 30)),
                        from.read("REQUEST_TIMEOUT", 10.0, number(0.1, 300)),
                        from.read("DRAIN_SECONDS", 0.0, number(0, 300)),
                        from.read("GRACE_SECONDS", 20.0, number(0, 300)),
                        from.read("MAX_BODY", 64 * 1024, integer(1, 10 * 1024 * 1024)),
                        from.read("MAX_CONNECTIONS", 128, integer(1, 10_000)),
                        from.read("RATE_PER_SECOND", 5.0, number(0.01, 10_000)),
                        from.read("RATE_BURST", 20, integer(1, 10_000)));
        if (!from.problems.isEmpty()) {
            throw new ConfigException(from.problems);
        }
        return config;
    }

    private static final class Reader {
        private final Map<String, String> env;
        private final List<String> problems = new ArrayList<>();

        Reader(Map<String, String> env) {
            this.env = env;
        }

        <T> T read(String name, T fallback, Parser<T> parser) {
            String text = env.getOrDefault(name, "");
            if (text.isEmpty()) {
                return fallback;
            }
            try {
                return parser.parse(text);
            } catch (IOException error) {
                problems.add(name + ": cannot be read: " + error.getMessage());
            } catch (IllegalArgumentException error) {
                problems.add(name + ": " + error.getMessage());
            }
            return fallback;
        }
    }

    /** One key a line, the signing key first; the older ones below it still verify. */
    private static TokenKeys keys(String path) throws IOException {
        String text = new String(Files.readAllBytes(Path.of(path)), StandardCharsets.ISO_8859_1);
        List<byte[]> keys = new ArrayList<>();
        for (String line : text.split("\\s+")) {
            if (!line.isEmpty()) {
                keys.add(line.getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("must hold at least one key");
        }
        if (keys.stream().anyMatch(key -> key.length < MIN_KEY_LENGTH)) {
            throw new IllegalArgumentException(
                    "every key must have at least " + MIN_KEY_LENGTH + " characters");
        }
        return new TokenKeys(keys);
    }

    private static String serviceName(String text) {
        if (!NAME.matcher(text).matches()) {
            throw new IllegalArgumentException("must be lower-case letters, digits and hyphens");
        }
        return text;
    }

    private static Log.Level level(String text) {
        return switch (text) {
            case "DEBUG" -> Log.Level.DEBUG;
            case "INFO" -> Log.Level.INFO;
            case "WARNING" -> Log.Level.WARNING;
            default -> throw new IllegalArgumentException("must be one of DEBUG, INFO, WARNING");
        };
    }

    /** {@code host:port}, separated by commas. */
    private static List<Address> addresses(String text) throws IOException {
        List<Address> addresses = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            Matcher match = ADDRESS.matcher(part.strip());
            if (!match.matches()) {
                throw new IllegalArgumentException("must be host:port, separated by commas");
            }
            addresses.add(new Address(match.group(1), integer(1, 65535).parse(match.group(2))));
        }
        return List.copyOf(addresses);
    }

    private static Parser<Integer> integer(int low, int high) {
        return text -> {
            int value = INTEGER.matcher(text).matches() ? Integer.parseInt(text) : -1;
            if (value < low || value > high) {
                throw new IllegalArgumentException(
                        "must be a whole number from " + low + " to " + high);
            }
            return value;
        };
    }

    private static Parser<Double> number(double low, double high) {
        return text -> {
            double value = NUMBER.matcher(text).matches() ? Double.parseDouble(text) : -1;
            if (value < low || value > high) {
                throw new IllegalArgumentException("must be a number from " + low + " to " + high);
            }
            return value;
        };
    }
}
