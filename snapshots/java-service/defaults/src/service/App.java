package service;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What the service does. Nothing here knows HTTP's bytes, so all of it can be tested without them. */
final class App {
    /**
     * Returns if a dependency can be used, throws {@link IOException} if not. Whatever it does, it is
     * waited for no longer than the seconds that it is given.
     */
    interface Check {
        void run(double seconds) throws IOException;
    }

    /** A request as the server hands it in. Header names are in lower case. */
    record Request(String method, String path, Map<String, String> headers, byte[] body) {}

    /** An answer. {@code route} is the label for metrics and logs, {@code subject} who asked, or null. */
    record Response(
            int status,
            byte[] body,
            String contentType,
            Map<String, String> headers,
            String route,
            String subject) {}

    private interface Handler {
        Response handle(Request request) throws Refusal, InterruptedException, ExecutionException;
    }

    /** A handler, and the scope that a caller's token must have; null: anybody may call it. */
    private record Route(Handler handler, String scope) {}

    private static final int MAX_NAME_LENGTH = 64;
    private static final Log LOG = new Log("service.app");

    private final Config config;
    private final Signer signer;
    private final RateLimiter limiter;
    private final Map<String, Check> checks;
    private final Metrics metrics = new Metrics();
    private final Map<String, Map<String, Route>> routes;
    private final ExecutorService checkers;
    private volatile boolean draining;

    App(Config config) {
        this(config, connections(config.dependencies()));
    }

    App(Config config, Map<String, Check> checks) {
        this.config = config;
        this.signer = new Signer(config.tokenKeys(), config.name());
        this.limiter = new RateLimiter(config.ratePerSecond(), config.rateBurst());
        this.checks = checks;
        this.checkers =
                Executors.newCachedThreadPool(
                        work -> {
                            Thread thread = new Thread(work, "check");
                            thread.setDaemon(true);
                            return thread;
                        });
        this.routes =
                Map.of(
                        "/healthz", Map.of("GET", new Route(App::healthz, null)),
                        "/readyz", Map.of("GET", new Route(this::readyz, null)),
                        "/metrics", Map.of("GET", new Route(this::metricsText, null)),
                        "/v1/greetings", Map.of("POST", new Route(App::greet, "greetings:write")));
    }

    Metrics metrics() {
        return metrics;
    }

    /** Say no to {@code /readyz} from now on. */
    void drain() {
        draining = true;
    }

    /** A JSON answer. */
    static Response reply(int status, Object content, Map<String, String> headers) {
        byte[] body = (Json.write(content) + "\n").getBytes(StandardCharsets.UTF_8);
        return new Response(status, body, "application/json", headers, "unmatched", null);
    }

    /** An error as its caller sees it. */
    static Response reply(Refusal refusal) {
        return reply(refusal.status(), Map.of("error", refusal.getMessage()), refusal.headers());
    }

    /** Answer {@code request}. Never throws: what goes wrong in here is a 500 and a log entry. */
    Response handle(Request request) {
        String subject = null;
        Response response;
        try {
            Route route = find(request);
            if (route.scope() != null) {
                subject = authorise(request, route.scope());
                limit(subject);
            }
            response = route.handler().handle(request);
        } catch (Refusal refusal) {
            response = reply(refusal);
            subject = refusal.subject() == null ? subject : refusal.subject();
        } catch (InterruptedException | ExecutionException | RuntimeException error) {
            LOG.exception("request failed", error, "path", request.path());
            response = reply(500, Map.of("error", "internal error"), Map.of());
        }
        String route = routes.containsKey(request.path()) ? request.path() : "unmatched";
        return new Response(
                response.status(), response.body(), response.contentType(), response.headers(), route, subject);
    }

    private Route find(Request request) throws Refusal {
        Map<String, Route> methods = routes.get(request.path());
        if (methods == null) {
            throw new Refusal(404, "no such resource");
        }
        Route route = methods.get(request.method().equals("HEAD") ? "GET" : request.method());
        if (route == null) {
            String allowed = String.join(", ", new TreeMap<>(methods).keySet());
            throw new Refusal(405, "method not allowed", Map.of("Allow", allowed), null);
        }
        return route;
    }

    /** Who asks, if the token is good and covers {@code scope}. Only the log says why it is not. */
    private String authorise(Request request, String scope) throws Refusal {
        String[] parts = request.headers().getOrDefault("authorization", "").split(" ", 2);
        Signer.Claims claims;
        try {
            if (!parts[0].equalsIgnoreCase("bearer")) {
                throw new Signer.TokenException("no bearer token");
            }
            claims = signer.verify(parts.length == 2 ? parts[1].strip() : "");
        } catch (Signer.TokenException error) {
            LOG.log(Log.Level.WARNING, "unauthorised", "cause", error.getMessage());
            throw new Refusal(401, "unauthorised", Map.of("WWW-Authenticate", "Bearer"), null);
        }
        if (!claims.scopes().contains(scope)) {
            String message = "the token lacks the scope " + scope;
            throw new Refusal(403, message, Map.of(), claims.subject());
        }
        return claims.subject();
    }

    private void limit(String subject) throws Refusal {
        double wait = limiter.await(subject);
        if (wait > 0) {
            String seconds = Long.toString((long) Math.ceil(wait));
            throw new Refusal(429, "too many requests", Map.of("Retry-After", seconds), null);
        }
    }

    /** Is the process alive? Asks nobody else: a restart mends no dependency. */
    private static Response healthz(Request request) {
        return reply(200, Map.of("status", "ok"), Map.of());
    }

    /** Should traffic come here? All dependencies are asked at once, and have one deadline. */
    private Response readyz(Request request) throws Refusal, InterruptedException, ExecutionException {
        if (draining) {
            throw new Refusal(503, "draining");
        }
        long deadline = System.nanoTime() + (long) (config.readyTimeout() * 1e9);
        Map<String, CompletableFuture<String>> asked = new LinkedHashMap<>();
        checks.forEach((name, check) -> asked.put(name, ask(name, check)));
        Map<String, Object> states = new LinkedHashMap<>();
        for (Map.Entry<String, CompletableFuture<String>> each : asked.entrySet()) {
            long left = Math.max(0, deadline - System.nanoTime());
            try {
                states.put(each.getKey(), each.getValue().get(left, TimeUnit.NANOSECONDS));
            } catch (TimeoutException error) {
                unavailable(each.getKey(), "took too long");
                states.put(each.getKey(), "unavailable");
            }
        }
        boolean ready = states.values().stream().allMatch("ok"::equals);
        Map<String, Object> content = new LinkedHashMap<>();
        content.put("ready", ready);
        content.put("dependencies", states);
        return reply(ready ? 200 : 503, content, Map.of());
    }

    private CompletableFuture<String> ask(String name, Check check) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        check.run(config.readyTimeout());
                        return "ok";
                    } catch (IOException error) {
                        unavailable(name, error.getMessage());
                        return "unavailable";
                    }
                },
                checkers);
    }

    private static void unavailable(String name, String cause) {
        LOG.log(Log.Level.WARNING, "dependency is not ready", "dependency", name, "cause", cause);
    }

    private Response metricsText(Request request) {
        byte[] text = metrics.render().getBytes(StandardCharsets.UTF_8);
        String type = "text/plain; version=0.0.4; charset=utf-8";
        return new Response(200, text, type, Map.of(), "unmatched", null);
    }

    /** The sample: check what came in, then answer. Replace it with what you build. */
    private static Response greet(Request request) throws Refusal {
        return reply(201, Map.of("message", "Hello, " + name(request) + "!"), Map.of());
    }

    /** The name in the body: strict about shape, so that surprises end here and not in a backend. */
    private static String name(Request request) throws Refusal {
        String type = request.headers().getOrDefault("content-type", "");
        if (!type.split(";", 2)[0].strip().equals("application/json")) {
            throw new Refusal(415, "the body must be application/json");
        }
        Object body;
        try {
            // A decoder refuses what is not UTF-8, where a string's constructor would replace it.
            body = Json.parse(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(request.body())).toString());
        } catch (CharacterCodingException | Json.SyntaxException error) {
            throw new Refusal(400, "the body is not JSON");
        }
        if (!(body instanceof Map<?, ?> members) || !members.keySet().equals(Set.of("name"))) {
            throw new Refusal(422, "the body must be an object with the one member name");
        }
        if (!(members.get("name") instanceof String name) || name.isBlank() || !printable(name)) {
            throw new Refusal(422, "name must be printable text");
        }
        if (name.codePointCount(0, name.length()) > MAX_NAME_LENGTH) {
            throw new Refusal(422, "name must have at most " + MAX_NAME_LENGTH + " characters");
        }
        return name.strip();
    }

    /** No control, format, unassigned or lone surrogate character, and no separator but the space. */
    private static boolean printable(String text) {
        return text.codePoints()
                .allMatch(
                        point ->
                                point == ' '
                                        || switch (Character.getType(point)) {
                                            case Character.CONTROL,
                                                    Character.FORMAT,
                                                    Character.SURROGATE,
                                                    Character.PRIVATE_USE,
                                                    Character.UNASSIGNED,
                                                    Character.SPACE_SEPARATOR,
                                                    Character.LINE_SEPARATOR,
                                                    Character.PARAGRAPH_SEPARATOR -> false;
                                            default -> true;
                                        });
    }

    private static Map<String, Check> connections(List<Config.Address> addresses) {
        Map<String, Check> checks = new LinkedHashMap<>();
        for (Config.Address address : addresses) {
            checks.put(address.host() + ":" + address.port(), seconds -> connect(address, seconds));
        }
        return checks;
    }

    /** A dependency counts as usable when it accepts a connection. */
    private static void connect(Config.Address address, double seconds) throws IOException {
        try (Socket socket = new Socket()) {
            int milliseconds = Math.max(1, (int) (seconds * 1000));
            socket.connect(new InetSocketAddress(address.host(), address.port()), milliseconds);
        }
    }
}
