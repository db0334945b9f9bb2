package service;

import static service.Tests.equal;
import static service.Tests.that;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import service.Tests.Test;

/** The service as its callers and its operators see it: over a socket, and in its log. */
final class ServerTest {
    static final TokenKeys KEYS =
            new TokenKeys(List.of("k".repeat(32).getBytes(StandardCharsets.US_ASCII)));
    private static final int BURST = 3;
    private static final byte[] ADA = "{\"name\":\"Ada\"}".getBytes(StandardCharsets.UTF_8);
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final ByteArrayOutputStream logged = new ByteArrayOutputStream();

    // What a test changes before it serves.
    private String name = "service";
    private double requestTimeout = 0.5;
    private List<Config.Address> dependencies = List.of();
    private Map<String, App.Check> checks;
    private double readyTimeout = 1;
    private int maxConnections = 128;
    private int burst = BURST;

    private App app;
    private Server server;

    ServerTest() {
        Log.configure("service", Log.Level.INFO, new PrintStream(logged, true, StandardCharsets.UTF_8));
    }

    /** Start a server; it stops when the test is over. */
    private void serve() throws IOException {
        Config config =
                new Config(
                        KEYS, name, "127.0.0.1", 0, Log.Level.INFO, dependencies, readyTimeout, requestTimeout, 0,
                        20, 65536, maxConnections, 0.5, burst);
        app = checks == null ? new App(config) : new App(config, checks);
        Server started = new Server(config, app);
        started.start();
        Tests.after(() -> started.stop(0));
        server = started;
    }

    static String bearer(String scope, long seconds) {
        return bearer("ada", scope, seconds);
    }

    static String bearer(String subject, String scope, long seconds) {
        return "Bearer " + new Signer(KEYS, "service").sign(subject, List.of(scope), seconds);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .version(HttpClient.Version.HTTP_1_1)
                .timeout(Duration.ofSeconds(5));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String path) throws Exception {
        return send(request(path));
    }

    private HttpRequest.Builder greeting(byte[] body, String authorization) {
        HttpRequest.Builder request =
                request("/v1/greetings")
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        return authorization == null ? request : request.header("Authorization", authorization);
    }

    private HttpResponse<String> greet(Object content, String authorization) throws Exception {
        return send(greeting(Json.write(content).getBytes(StandardCharsets.UTF_8), authorization));
    }

    private HttpResponse<String> greet(Object content) throws Exception {
        return greet(content, bearer("greetings:write", 60));
    }

    private Socket dial() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        socket.setSoTimeout(5000);
        Tests.after(socket::close);
        return socket;
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    /** The start of what comes back, as far as one read brings it. */
    private static String answer(Socket socket) throws IOException {
        byte[] buffer = new byte[65536];
        int length = socket.getInputStream().read(buffer);
        return length < 0 ? "" : new String(buffer, 0, length, StandardCharsets.ISO_8859_1);
    }

    /** Send {@code text} as it is; return the start of what comes back. */
    private String raw(String text) throws IOException {
        Socket socket = dial();
        write(socket, text);
        return answer(socket);
    }

    private static Object member(HttpResponse<String> response, String name) throws Exception {
        return ((Map<?, ?>) Json.parse(response.body())).get(name);
    }

    /** The lines of the log with this message. Every line must be JSON by itself. */
    private List<Map<?, ?>> lines(String message) throws Exception {
        List<Map<?, ?>> found = new ArrayList<>();
        for (String text : logged.toString(StandardCharsets.UTF_8).split("\n")) {
            Map<?, ?> line = (Map<?, ?>) Json.parse(text);
            if (message.equals(line.get("message"))) {
                found.add(line);
            }
        }
        return found;
    }

    private static void fail(double seconds) throws IOException {
        throw new IOException("down");
    }

    @Test
    void healthzAsksNoDependency() throws Exception {
        checks = Map.of("db", ServerTest::fail);
        serve();
        equal(get("/healthz").statusCode(), 200);
    }

    @Test
    void readyWhenEveryDependencyIs() throws Exception {
        checks = Map.of("db", seconds -> {});
        serve();
        HttpResponse<String> response = get("/readyz");
        equal(response.statusCode(), 200);
        equal(member(response, "dependencies"), Map.of("db", "ok"));
    }

    @Test
    void aDependencyThatListensIsReadyAndOneThatDoesNotIsNot() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Config.Address listening = new Config.Address("127.0.0.1", listener.getLocalPort());
            dependencies = List.of(listening);
            serve();
            equal(get("/readyz").statusCode(), 200);
            // A port that was let go may soon be another's; nobody is given one of the first thousand.
            dependencies = List.of(listening, new Config.Address("127.0.0.1", 1));
            serve();
            equal(get("/readyz").statusCode(), 503);
        }
    }

    @Test
    void slowDependenciesShareOneDeadlineAlsoIfTheyDoNotHeedIt() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        Tests.after(over::countDown);
        App.Check slow =
                seconds -> {
                    try {
                        over.await(10, TimeUnit.SECONDS);
                    } catch (InterruptedException error) {
                        throw new IOException(error);
                    }
                };
        checks = new LinkedHashMap<>();
        List.of("db", "cache", "queue").forEach(name -> checks.put(name, slow));
        readyTimeout = 0.1;
        serve();
        long began = System.nanoTime();
        HttpResponse<String> response = get("/readyz");
        equal(response.statusCode(), 503);
        Map<?, ?> states = (Map<?, ?>) member(response, "dependencies");
        equal(new ArrayList<>(states.values()), Collections.nCopies(3, "unavailable"));
        that(System.nanoTime() - began < 2e9, "the deadlines add up");
    }

    @Test
    void notReadyWhileDrainingButStillServing() throws Exception {
        serve();
        app.drain();
        equal(get("/readyz").statusCode(), 503);
        equal(get("/healthz").statusCode(), 200);
    }

    @Test
    void metricsCountByRouteAndNeverByPath() throws Exception {
        serve();
        get("/healthz");
        get("/no/such/path");
        HttpResponse<String> response = get("/metrics");
        String text = response.body();
        equal(response.headers().firstValue("Content-Type").get(), "text/plain; version=0.0.4; charset=utf-8");
        for (String line : List.of(
                "http_requests_total{method=\"GET\",route=\"/healthz\",status=\"200\"} 1\n",
                "route=\"unmatched\",status=\"404\"",
                "http_request_duration_seconds_bucket{route=\"/healthz\",le=\"0.5\"} 1\n",
                "http_request_duration_seconds_bucket{route=\"/healthz\",le=\"+Inf\"} 1\n")) {
            that(text.contains(line), text);
        }
        that(!text.contains("/no/such/path"), text);
    }

    @Test
    void stopWaitsForWhatIsInFlight() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        checks =
                Map.of(
                        "db",
                        seconds -> {
                            entered.countDown();
                            try {
                                leave.await(5, TimeUnit.SECONDS);
                            } catch (InterruptedException error) {
                                throw new IOException(error);
                            }
                        });
        readyTimeout = 5;
        serve();
        CompletableFuture<HttpResponse<String>> response =
                CLIENT.sendAsync(request("/readyz").build(), HttpResponse.BodyHandlers.ofString());
        that(entered.await(5, TimeUnit.SECONDS), "the request never arrived");
        that(!server.stop(0.05), "a request that is cut off must be reported");
        leave.countDown();
        that(server.stop(5), "what is in flight must be waited for");
        equal(response.get(5, TimeUnit.SECONDS).statusCode(), 200);
    }

    @Test
    void greets() throws Exception {
        serve();
        HttpResponse<String> response = greet(Map.of("name", " Ada "));
        equal(response.statusCode(), 201);
        equal(response.body(), "{\"message\":\"Hello, Ada!\"}\n");
    }

    @Test
    void aTokenMustBeThereAndHold() throws Exception {
        serve();
        String good = bearer("greetings:write", 60);
        List<String> bad = new ArrayList<>(List.of("Basic abc", "Bearer", good.substring(0, good.length() - 2)));
        bad.add(bearer("greetings:write", -1));
        bad.add(null);
        for (String authorization : bad) {
            HttpResponse<String> response = greet(Map.of("name", "Ada"), authorization);
            equal(response.statusCode(), 401);
            equal(response.body(), "{\"error\":\"unauthorised\"}\n");
            equal(response.headers().firstValue("WWW-Authenticate").get(), "Bearer");
        }
        that(!logged.toString(StandardCharsets.UTF_8).contains(good.substring(7, 60)), "a token is logged");
    }

    @Test
    void aTokenMustHaveTheScope() throws Exception {
        serve();
        for (String scope : List.of("greetings:read", "greetings", "greetings:writer", "")) {
            equal(greet(Map.of("name", "Ada"), bearer(scope, 60)).statusCode(), 403);
        }
        equal(told(lines("request").get(0), "status", "subject"), List.of("403", "ada"));
    }

    @Test
    void aTokenComesAsABearersAndIsForOneService() throws Exception {
        serve();
        String good = bearer("greetings:write", 60);
        equal(greet(Map.of("name", "Ada"), good.replace("Bearer", "bearer")).statusCode(), 201);
        equal(greet(Map.of("name", "Ada"), good.replace("Bearer", "Basic")).statusCode(), 401);
        name = "other";
        serve();
        equal(greet(Map.of("name", "Ada"), good).statusCode(), 401);
    }

    @Test
    void callersDoNotShareARate() throws Exception {
        burst = 1;
        serve();
        for (String subject : List.of("ada", "grace")) {
            equal(greet(Map.of("name", "Ada"), bearer(subject, "greetings:write", 60)).statusCode(), 201);
        }
    }

    @Test
    void aNameMayBeAnyText() throws Exception {
        burst = 100;
        serve();
        byte[] body = Json.write(Map.of("name", "😀".repeat(64))).getBytes(StandardCharsets.UTF_8);
        HttpRequest.Builder request = greeting(body, bearer("greetings:write", 60));
        equal(send(request.setHeader("Content-Type", "application/json; charset=utf-8")).statusCode(), 201);
        equal(greet(Map.of("name", "\u0928\u093f\u0936\u093e")).statusCode(), 201);
        // Separators that look like nothing, marks that turn around what is read, and what is no character:
        // one half of a pair, one that everybody reads differently, one that nobody has defined.
        for (String mark : List.of("\u2028", "\u202e", "\ud800", "\ue000", "\u0378")) {
            equal(greet(Map.of("name", "A" + mark + "da")).statusCode(), 422);
        }
    }

    @Test
    void theBodyMustBeWhatItShould() throws Exception {
        burst = 100;
        serve();
        String token = bearer("greetings:write", 60);
        Map<byte[], Integer> bytes = new LinkedHashMap<>();
        bytes.put("{".getBytes(StandardCharsets.UTF_8), 400);
        bytes.put(new byte[] {(byte) 0xff}, 400);
        bytes.put(new byte[0], 400);
        bytes.put("[".repeat(20_000).getBytes(StandardCharsets.UTF_8), 400);
        bytes.put(new byte[65537], 413);
        for (Map.Entry<byte[], Integer> each : bytes.entrySet()) {
            equal(send(greeting(each.getKey(), token)).statusCode(), each.getValue());
        }
        for (Object content : List.of(
                List.of(), Map.of(), Map.of("name", "Ada", "admin", true), Map.of("name", 1), Map.of("name", " "),
                Map.of("name", "a\nb"), Map.of("name", "a\u00a0b"), Map.of("name", "a".repeat(65)))) {
            equal(greet(content).statusCode(), 422);
        }
    }

    @Test
    void theContentTypeMustBeJson() throws Exception {
        serve();
        HttpRequest.Builder request =
                greeting("{\"name\":\"Ada\"}".getBytes(StandardCharsets.UTF_8), bearer("greetings:write", 60));
        equal(send(request.setHeader("Content-Type", "text/plain")).statusCode(), 415);
    }

    @Test
    void theRateIsLimited() throws Exception {
        serve();
        for (int number = 0; number < BURST; number++) {
            equal(greet(Map.of("name", "Ada")).statusCode(), 201);
        }
        HttpResponse<String> response = greet(Map.of("name", "Ada"));
        equal(response.statusCode(), 429);
        equal(response.headers().firstValue("Retry-After").get(), "2");
    }

    @Test
    void whatGoesWrongInsideStaysInside() throws Exception {
        checks =
                Map.of(
                        "db",
                        seconds -> {
                            throw new IllegalStateException("password=hunter2");
                        });
        serve();
        HttpResponse<String> response = get("/readyz");
        equal(response.statusCode(), 500);
        equal(response.body(), "{\"error\":\"internal error\"}\n");
    }

    @Test
    void unknownPathsAndMethods() throws Exception {
        serve();
        equal(get("/").statusCode(), 404);
        HttpResponse<String> response = send(request("/v1/greetings").DELETE());
        equal(response.statusCode(), 405);
        equal(response.headers().firstValue("Allow").get(), "POST");
        equal(send(request("/v1/greetings").method("HEAD", HttpRequest.BodyPublishers.noBody())).statusCode(), 405);
        that(raw("BREW / HTTP/1.1\r\nHost: a\r\n\r\n").startsWith("HTTP/1.1 501 "), "a method nobody knows");
    }

    @Test
    void headHasNoBody() throws Exception {
        serve();
        Socket socket = dial();
        write(socket, "HEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
        String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        that(answer.startsWith("HTTP/1.1 200 ") && answer.endsWith("\r\n\r\n"), answer);
    }

    private String text() {
        return logged.toString(StandardCharsets.UTF_8);
    }

    private static Object told(Map<?, ?> line, String... names) {
        return List.of(names).stream().map(name -> String.valueOf(line.get(name))).toList();
    }

    @Test
    void aRequestIsLoggedAndNoSecretIs() throws Exception {
        serve();
        String token = bearer("greetings:write", 60);
        send(greeting(ADA, token).header("X-Request-ID", "abc-1"));
        get("/no/such/path?password=hunter2%0A%7B");
        List<Map<?, ?>> lines = lines("request");
        equal(lines.size(), 2);
        equal(told(lines.get(0), "level", "service", "method", "route", "status", "subject", "client", "request_id"),
                List.of("info", "service", "POST", "/v1/greetings", "201", "ada", "127.0.0.1", "abc-1"));
        String time = (String) lines.get(0).get("time");
        that(time.matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}\\+00:00"), time);
        equal(lines.get(1).get("route"), "unmatched");
        for (String secret : List.of(token.substring("Bearer ".length()), "hunter2", "/no/such")) {
            that(!text().contains(secret), "it is logged: " + secret);
        }
    }

    @Test
    void theLogAloneSaysWhyATokenWasRefused() throws Exception {
        serve();
        HttpResponse<String> response =
                send(greeting(ADA, bearer("greetings:write", -1)).header("X-Request-ID", "abc-1"));
        that(!response.body().contains("expired"), response.body());
        equal(told(lines("unauthorised").get(0), "level", "cause", "request_id"),
                List.of("warning", "expired", "abc-1"));
    }

    @Test
    void theLogAloneSaysWhatWentWrongInside() throws Exception {
        checks =
                Map.of(
                        "db",
                        seconds -> {
                            throw new IllegalStateException("password=hunter2");
                        });
        serve();
        that(!get("/readyz").body().contains("hunter2"), "the caller is told");
        Map<?, ?> line = lines("request failed").get(0);
        equal(told(line, "level", "path"), List.of("error", "/readyz"));
        that(String.valueOf(line.get("exception")).contains("hunter2"), text());
    }

    @Test
    void callersCannotMakeLabels() throws Exception {
        serve();
        raw("BREW /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
        String text = get("/metrics").body();
        that(text.contains("{method=\"OTHER\",route=\"unmatched\",status=\"501\"} 1\n"), text);
        that(!text.contains("BREW"), text);
    }

    @Test
    void errorsDoNotEchoTheRequest() throws Exception {
        serve();
        String answer = raw("<script> / HTTP/9.9\r\n\r\n");
        that(answer.startsWith("HTTP/1.1 ") && !answer.contains("script"), answer);
    }

    @Test
    void everyAnswerHasItsHeaders() throws Exception {
        serve();
        for (HttpResponse<String> response : List.of(get("/healthz"), get("/no/such"), greet(Map.of(), null))) {
            Map<String, String> wanted =
                    Map.of(
                            "Content-Type", "application/json",
                            "X-Content-Type-Options", "nosniff",
                            "Cache-Control", "no-store",
                            "Connection", "close");
            wanted.forEach((name, value) -> equal(response.headers().firstValue(name).get(), value));
        }
    }

    private String id(String given) throws Exception {
        return send(request("/healthz").header("X-Request-ID", given)).headers().firstValue("X-Request-ID").get();
    }

    @Test
    void aRequestIdIsKeptIfItIsHarmless() throws Exception {
        serve();
        for (String kept : List.of("abc-1", "a".repeat(64))) {
            equal(id(kept), kept);
        }
        for (String replaced : List.of("a b", "a".repeat(65))) {
            equal(id(replaced).length(), 32);
        }
        that(!id("").equals(id("")), "ids are the same");
    }

    @Test
    void aBodyMayBeAsLongAsItMay() throws Exception {
        serve();
        byte[] longest = ("{\"name\":\"Ada\"}" + " ".repeat(65536 - 14)).getBytes(StandardCharsets.UTF_8);
        equal(send(greeting(longest, bearer("greetings:write", 60))).statusCode(), 201);
    }

    @Test
    void aHeadMustBeShort() throws Exception {
        serve();
        String answer = "";
        try {
            answer = raw("GET /healthz HTTP/1.1\r\nHost: a\r\nX-Long: " + "a".repeat(70_000) + "\r\n\r\n");
        } catch (IOException error) {
            // Cut off in the middle of it, which is as good.
        }
        that(!answer.contains(" 200 "), answer);
    }

    @Test
    void lengthsThatProxiesReadDifferentlyAreRefused() throws Exception {
        serve();
        Map<String, String> headers =
                Map.of(
                        "Content-Length: 2\r\nContent-Length: 3\r\n", "400",
                        "Content-Length: +2\r\n", "400",
                        "Transfer-Encoding: chunked\r\n", "411");
        for (Map.Entry<String, String> each : headers.entrySet()) {
            String answer = raw("POST /v1/greetings HTTP/1.1\r\nHost: a\r\n" + each.getKey() + "\r\n");
            equal(answer.split(" ")[1], each.getValue());
        }
    }

    @Test
    void aSecondRequestOnAConnectionIsNotAnswered() throws Exception {
        serve();
        Socket socket = dial();
        write(socket, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
        String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        equal(answer.split("HTTP/1.1 200 ", -1).length, 2);
    }

    @Test
    void aBodyThatNeverComesIsGivenUp() throws Exception {
        serve();
        long began = System.nanoTime();
        String answer = raw("POST /v1/greetings HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n{");
        that(answer.startsWith("HTTP/1.1 408 "), answer);
        that(System.nanoTime() - began < 3e9, "it took too long");
    }

    @Test
    void aClientThatTricklesIsCutOff() throws Exception {
        serve();
        Socket socket = dial();
        long began = System.nanoTime();
        boolean cut = false;
        while (!cut && System.nanoTime() - began < 8e9) {
            try {
                write(socket, "G");
                Thread.sleep(50);
            } catch (IOException error) {
                cut = true;
            }
        }
        that(cut, "it may trickle for ever");
    }

    @Test
    void tooManyConnectionsAreTurnedAway() throws Exception {
        maxConnections = 1;
        requestTimeout = 30;
        serve();
        Socket first = dial();
        write(first, "GET /healthz HTTP/1.1\r\nHost: a\r\n");
        await(503, "a queue hides overload");
        equal(lines("too many connections").get(0).get("level"), "warning");
        write(first, "\r\n");
        String answer = answer(first);
        that(answer.startsWith("HTTP/1.1 200 "), answer);
        await(200, "its place is not freed");
    }

    /** Ask until {@code status} is the answer. */
    private void await(int status, String otherwise) throws IOException {
        long began = System.nanoTime();
        while (!raw("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").startsWith("HTTP/1.1 " + status + " ")) {
            that(System.nanoTime() - began < 10e9, otherwise);
        }
    }
}
