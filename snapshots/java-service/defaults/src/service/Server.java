package service;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * HTTP/1.1 on the JDK's own server: bounded in size, time and number.
 *
 * <p>One request a connection: nothing idle is left to drain, and no second request can be smuggled in
 * behind a first. Put a proxy that speaks TLS in front of it, as the platform's ingress does.
 */
final class Server {
    private static final Set<String> METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");
    private static final Pattern REQUEST_ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");

    /** Threads that do nothing but turn away what the others have no place for. */
    private static final int DOORMEN = 8;

    private static final Log LOG = new Log("service.server");

    private final Config config;
    private final App app;
    private final HttpServer http;
    private final Executor workers;
    private final Executor readers;
    private final Executor doormen;
    private final ThreadLocal<Long> started = new ThreadLocal<>();
    private final ThreadLocal<Boolean> full = ThreadLocal.withInitial(() -> false);
    private int busy;

    Server(Config config, App app) throws IOException {
        this.config = config;
        this.app = app;
        // The JDK's server reads these once a process, in whole seconds. They end what this class cannot
        // see (a head that trickles in), and come a second after its own deadline for what it can.
        long seconds = (long) Math.ceil(config.requestTimeout()) + 1;
        System.setProperty("sun.net.httpserver.maxReqTime", Long.toString(seconds));
        System.setProperty("sun.net.httpserver.maxRspTime", Long.toString(seconds + 60));
        System.setProperty("sun.net.httpserver.maxReqHeaderSize", "65536");
        System.setProperty("sun.net.httpserver.drainAmount", "262144");
        int connections = config.maxConnections() + 8 * DOORMEN;
        System.setProperty("jdk.httpserver.maxConnections", Integer.toString(connections));
        this.workers = pool("worker", config.maxConnections());
        this.readers = pool("reader", config.maxConnections());
        this.doormen = pool("doorman", DOORMEN);
        this.http = HttpServer.create(new InetSocketAddress(config.host(), config.port()), 128);
        http.createContext("/", this::serve);
        http.setExecutor(this::dispatch);
    }

    /** The port that is listened on, also where the configuration says 0. */
    int port() {
        return http.getAddress().getPort();
    }

    /** Begin to accept connections. */
    void start() {
        http.start();
    }

    /** Accept no more, and wait up to {@code grace} seconds. False: some requests were cut off. */
    boolean stop(double grace) throws InterruptedException {
        // The JDK's own wait lasts to its end even if nothing is in flight, so it is left behind.
        Thread closing = new Thread(() -> http.stop((int) Math.ceil(grace) + 1), "closing");
        closing.setDaemon(true);
        closing.start();
        long deadline = System.nanoTime() + (long) (grace * 1e9);
        synchronized (this) {
            while (busy > 0) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0) {
                    return false;
                }
                wait(left);
            }
        }
        return true;
    }

    private static Executor pool(String name, int most) {
        return new ThreadPoolExecutor(
                0,
                most,
                10,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                work -> {
                    Thread thread = new Thread(work, name);
                    thread.setDaemon(true);
                    return thread;
                });
    }

    /** Take a request, or turn it away at once: a queue would only hide the overload. */
    private void dispatch(Runnable exchange) {
        long now = System.nanoTime();
        boolean place;
        synchronized (this) {
            place = busy < config.maxConnections();
            if (place) {
                busy++;
            }
        }
        if (!place) {
            LOG.log(Log.Level.WARNING, "too many connections");
            // Where even the doormen are busy, this throws, and the JDK's server closes the connection.
            doormen.execute(
                    () -> {
                        full.set(true);
                        exchange.run();
                        full.remove();
                    });
            return;
        }
        Runnable work =
                () -> {
                    started.set(now);
                    try {
                        exchange.run();
                    } finally {
                        started.remove();
                        release();
                    }
                };
        try {
            workers.execute(work);
        } catch (RuntimeException | OutOfMemoryError error) { // no thread to be had
            release();
            throw error;
        }
    }

    private synchronized void release() {
        busy--;
        notifyAll();
    }

    private void serve(HttpExchange exchange) {
        String given = exchange.getRequestHeaders().getFirst("X-Request-ID");
        boolean harmless = given != null && REQUEST_ID.matcher(given).matches();
        Log.REQUEST_ID.set(harmless ? given : UUID.randomUUID().toString().replace("-", ""));
        try (exchange) {
            send(exchange, answer(exchange));
        } catch (IOException error) {
            // Clients that hang up are no fault of ours.
            LOG.log(Log.Level.INFO, "client left");
        } catch (RuntimeException error) {
            LOG.exception("connection failed", error, "method", exchange.getRequestMethod());
        } finally {
            Log.REQUEST_ID.remove();
        }
    }

    private App.Response answer(HttpExchange exchange) throws IOException {
        try {
            if (full.get()) {
                throw new Refusal(503, "too many connections");
            }
            if (!METHODS.contains(exchange.getRequestMethod())) {
                throw new Refusal(501, "malformed request");
            }
            byte[] body = body(exchange);
            Map<String, String> headers = new HashMap<>();
            exchange.getRequestHeaders()
                    .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values.get(0)));
            String path = exchange.getRequestURI().getRawPath();
            return app.handle(new App.Request(exchange.getRequestMethod(), path, headers, body));
        } catch (Refusal refusal) {
            return App.reply(refusal);
        }
    }

    /** The body, if its length is announced, allowed, and delivered in time. */
    private byte[] body(HttpExchange exchange) throws Refusal, IOException {
        Headers headers = exchange.getRequestHeaders();
        if (headers.containsKey("Transfer-Encoding")) {
            throw new Refusal(411, "the body must have a Content-Length");
        }
        List<String> lengths = headers.getOrDefault("Content-Length", List.of("0"));
        if (lengths.size() != 1 || !LENGTH.matcher(lengths.get(0)).matches()) {
            throw new Refusal(400, "Content-Length must be one whole number");
        }
        long length = Long.parseLong(lengths.get(0));
        if (length > config.maxBody()) {
            throw new Refusal(413, "the body is too large");
        }
        if (length == 0) {
            return new byte[0];
        }
        byte[] body = read(exchange, (int) length);
        if (body.length < length) {
            throw new Refusal(400, "the body is shorter than its Content-Length");
        }
        return body;
    }

    /** Read on another thread, because a read cannot be given a deadline, and an answer is due at it. */
    private byte[] read(HttpExchange exchange, int length) throws Refusal, IOException {
        CompletableFuture<byte[]> reading = new CompletableFuture<>();
        readers.execute(
                () -> {
                    try {
                        reading.complete(exchange.getRequestBody().readNBytes(length));
                    } catch (IOException | RuntimeException error) {
                        reading.completeExceptionally(error);
                    }
                });
        long left = started.get() + (long) (config.requestTimeout() * 1e9) - System.nanoTime();
        try {
            return reading.get(Math.max(1, left), TimeUnit.NANOSECONDS);
        } catch (TimeoutException error) {
            throw new Refusal(408, "the body took too long");
        } catch (InterruptedException | ExecutionException | CancellationException error) {
            throw new IOException("the body cannot be read", error);
        }
    }

    private void send(HttpExchange exchange, App.Response response) throws IOException {
        String given = exchange.getRequestMethod();
        String method = METHODS.contains(given) ? given : "OTHER";
        Long since = started.get();
        double seconds = since == null ? 0 : (System.nanoTime() - since) / 1e9;
        app.metrics().observe(method, response.route(), response.status(), seconds);
        LOG.log(
                Log.Level.INFO,
                "request",
                "method", method,
                "route", response.route(),
                "status", response.status(),
                "milliseconds", Math.round(seconds * 10_000) / 10.0,
                "client", exchange.getRemoteAddress().getAddress().getHostAddress(),
                "subject", response.subject());
        Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Type", response.contentType());
        headers.set("Cache-Control", "no-store");
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("X-Request-ID", Log.REQUEST_ID.get());
        response.headers().forEach(headers::set);
        headers.set("Connection", "close");
        if (given.equals("HEAD")) {
            headers.set("Content-Length", Integer.toString(response.body().length));
            exchange.sendResponseHeaders(response.status(), -1);
            return;
        }
        exchange.sendResponseHeaders(response.status(), response.body().length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(response.body());
            out.flush();
        }
    }
}
