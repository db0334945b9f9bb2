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

/** The service as its callers and its operators see it: over a socket. */
final class ServerTest {
    private static final TokenKeys KEYS =
            new TokenKeys(List.of("k".repeat(32).getBytes(StandardCharsets.US_ASCII)));
    private static final int BURST = 3;
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final ByteArrayOutputStream logged = new ByteArrayOutputStream();

    // What a test changes before it serves.
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
                        KEYS, "service", "127.0.0.1", 0, Log.Level.INFO, dependencies, readyTimeout, 0.5, 0, 20,
                        65536, maxConnections, 1, burst);
        app = checks == null ? new App(config) : new App(config, checks);
        Server started = new Server(config, app);
        started.start();
        Tests.after(() -> started.stop(0));
        server = started;
    }

    private static String bearer(String scope, long seconds) {
        return "Bearer " + new Signer(KEYS, "service").sign("ada", List.of(scope), seconds);
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

    private static void fail(double seconds) throws IOException {
        throw new IOException("down");
    }

    private static Object member(HttpResponse<String> response, String name) throws Exception {
        return ((Map<?, ?>) Json.parse(response.body())).get(name);
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
        equal(greet(Map.of("name", "Ada"), bearer("greetings:read", 60)).statusCode(), 403);
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
        equal(response.headers().firstValue("Retry-After").get(), "1");
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
        that(raw("BREW / HTTP/1.1\r\n\r\n").startsWith("HTTP/1.1 501 "), "a method nobody knows");
    }

    @Test
    void headHasNoBody() throws Exception {
        serve();
        Socket socket = dial();
        write(socket, "HEAD /healthz HTTP/1.1\r\n\r\n");
        String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        that(answer.startsWith("HTTP/1.1 200 ") && answer.endsWith("\r\n\r\n"), answer);
    }

    @Test
    void errorsDoNotEchoTheRequest() throws Exception {
        serve();
        String answer = raw("<script> / HTTP/9.9\r\n\r\n");
        that(answer.startsWith("HTTP/1.1 ") && !answer.contains("script"), answer);
    }

    @Test
    void aRequestIdIsKeptIfItIsHarmless() throws Exception {
        serve();
        for (String id : List.of("abc-1", "a b")) {
            HttpResponse<String> response = send(request("/healthz").header("X-Request-ID", id));
            boolean kept = response.headers().firstValue("X-Request-ID").get().equals(id);
            equal(kept, id.equals("abc-1"));
        }
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
            String answer = raw("POST /v1/greetings HTTP/1.1\r\n" + each.getKey() + "\r\n");
            equal(answer.split(" ")[1], each.getValue());
        }
    }

    @Test
    void aSecondRequestOnAConnectionIsNotAnswered() throws Exception {
        serve();
        Socket socket = dial();
        write(socket, "GET /healthz HTTP/1.1\r\n\r\nGET /healthz HTTP/1.1\r\n\r\n");
        String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        equal(answer.split("HTTP/1.1 200 ", -1).length, 2);
    }

    @Test
    void aBodyThatNeverComesIsGivenUp() throws Exception {
        serve();
        long began = System.nanoTime();
        String answer = raw("POST /v1/greetings HTTP/1.1\r\nContent-Length: 5\r\n\r\n{");
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
        serve();
        Socket first = dial();
        write(first, "GET /healthz HTTP/1.1\r\n");
        Thread.sleep(200);
        that(raw("GET /healthz HTTP/1.1\r\n\r\n").startsWith("HTTP/1.1 503 "), "a queue hides overload");
        write(first, "\r\n");
        String answer = answer(first);
        that(answer.startsWith("HTTP/1.1 200 "), answer);
    }
}
