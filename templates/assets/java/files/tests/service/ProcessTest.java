package service;

import static service.Tests.equal;
import static service.Tests.fails;
import static service.Tests.that;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import service.Tests.Test;

/** The service as the platform runs it: a process that is configured, watched and told to stop. */
final class ProcessTest {
    private final Path keyFile = Tests.directory().resolve("keys");

    ProcessTest() throws Exception {
        Files.writeString(keyFile, "k".repeat(32));
    }

    /** Start the service; it is gone when the test is over. */
    private static Process start(Map<String, String> env, String... arguments) throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command =
                new ArrayList<>(List.of(java, "-cp", System.getProperty("java.class.path"), "service.Main"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("PORT", "0");
        builder.environment().putAll(env);
        Process process = builder.start();
        Tests.after(process::destroyForcibly);
        return process;
    }

    private static Map<?, ?> line(BufferedReader lines) throws Exception {
        return (Map<?, ?>) Json.parse(lines.readLine());
    }

    /** The next line with this message. */
    private static Map<?, ?> line(BufferedReader lines, String message) throws Exception {
        Map<?, ?> line = line(lines);
        while (!message.equals(line.get("message"))) {
            line = line(lines);
        }
        return line;
    }

    private static int port(BufferedReader lines) throws Exception {
        return ((Number) line(lines, "listening").get("port")).intValue();
    }

    private static int status(int port, String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    private static String answer(Socket socket) throws IOException {
        byte[] buffer = new byte[65536];
        int length = Math.max(0, socket.getInputStream().read(buffer));
        return new String(buffer, 0, length, StandardCharsets.ISO_8859_1);
    }

    /** A request in flight: the service has said that the body may come. */
    private static Socket half(int port) throws Exception {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        Tests.after(socket::close);
        socket.setSoTimeout(10_000);
        String head =
                "POST /v1/greetings HTTP/1.1\r\nHost: a\r\nAuthorization: " + ServerTest.bearer("greetings:write", 60)
                        + "\r\nContent-Type: application/json\r\nContent-Length: 15\r\n"
                        + "Expect: 100-continue\r\n\r\n";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
        String answer = answer(socket);
        that(answer.startsWith("HTTP/1.1 100 "), answer);
        return socket;
    }

    /** Wait until nobody listens there any more. */
    private static void refused(int port) throws Exception {
        for (long began = System.nanoTime(); System.nanoTime() - began < 10e9; Thread.sleep(5)) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.setSoTimeout(10_000);
            } catch (ConnectException error) {
                return;
            } catch (SocketException error) {
                // It was hung up on while it connected: whether the next one is taken will be seen.
            }
        }
        that(false, "it goes on listening");
    }

    private static int exit(Process process) throws Exception {
        that(process.waitFor(10, TimeUnit.SECONDS), "it does not end");
        return process.exitValue();
    }

    private Map<String, String> env(String... more) {
        Map<String, String> env = new HashMap<>(Map.of("TOKEN_KEY_FILE", keyFile.toString()));
        for (int i = 0; i < more.length; i += 2) {
            env.put(more[i], more[i + 1]);
        }
        return env;
    }

    @Test
    void itIsNotReadyOnceToldToStopButStillServes() throws Exception {
        Process process = start(env("DRAIN_SECONDS", "300"));
        BufferedReader lines = process.errorReader();
        int port = port(lines);
        equal(status(port, "/readyz"), 200);
        process.toHandle().destroy();
        line(lines, "draining");
        equal(List.of(status(port, "/readyz"), status(port, "/healthz")), List.of(503, 200));
    }

    @Test
    void whatIsInFlightIsFinished() throws Exception {
        Process process = start(env("REQUEST_TIMEOUT", "60", "GRACE_SECONDS", "60"));
        BufferedReader lines = process.errorReader();
        int port = port(lines);
        Socket socket = half(port);
        process.toHandle().destroy();
        refused(port);
        socket.getOutputStream().write("{\"name\": \"Ada\"}".getBytes(StandardCharsets.ISO_8859_1));
        String answer = answer(socket);
        that(answer.startsWith("HTTP/1.1 201 "), answer);
        equal(line(lines, "stopped").get("finished"), true);
        equal(exit(process), 0);
    }

    @Test
    void aRequestThatIsCutOffIsExit1() throws Exception {
        Process process = start(env("REQUEST_TIMEOUT", "60", "GRACE_SECONDS", "0.1"));
        BufferedReader lines = process.errorReader();
        half(port(lines));
        process.toHandle().destroy();
        equal(line(lines, "stopped").get("finished"), false);
        equal(exit(process), 1);
    }

    @Test
    void theEnvironmentReachesTheService() throws Exception {
        Process process = start(env("SERVICE_NAME", "ledger", "DEPENDENCIES", "127.0.0.1:1"));
        Map<?, ?> listening = line(process.errorReader());
        equal(listening.get("service"), "ledger");
        equal(status(((Number) listening.get("port")).intValue(), "/readyz"), 503);
    }

    @Test
    void aTokenForTrialsIsWhatWasAskedFor() throws Exception {
        String[] options = {"token", "--subject", "eve", "--scope", "read", "--seconds", "60"};
        Process process = start(env("SERVICE_NAME", "ledger"), options);
        String token = process.inputReader().readLine();
        equal(exit(process), 0);
        double now = System.currentTimeMillis() / 1e3;
        Signer.Claims claims = new Signer(ServerTest.KEYS, "ledger", () -> now + 30).verify(token);
        equal(claims, new Signer.Claims("eve", Set.of("read")));
        Signer later = new Signer(ServerTest.KEYS, "ledger", () -> now + 61);
        equal(fails(Signer.TokenException.class, () -> later.verify(token)).getMessage(), "expired");
        equal(exit(start(env(), "token", "--seconds", "soon")), 2);
        equal(exit(start(env(), "dance")), 2);
    }

    @Test
    void itListensAnswersAndEndsWith0() throws Exception {
        Process process = start(Map.of("TOKEN_KEY_FILE", keyFile.toString()));
        BufferedReader lines = process.errorReader();
        Map<?, ?> listening = line(lines);
        equal(List.of(listening.get("message"), listening.get("level")), List.of("listening", "info"));
        URI url = URI.create("http://127.0.0.1:" + listening.get("port") + "/healthz?a=%0A");
        HttpResponse<String> response =
                HttpClient.newHttpClient()
                        .send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofString());
        equal(response.statusCode(), 200);
        Map<?, ?> request = line(lines);
        equal(List.of(request.get("message"), request.get("route")), List.of("request", "/healthz"));
        equal(request.get("request_id"), response.headers().firstValue("X-Request-ID").get());

        // Not `process.destroy`, which also closes what is to be read.
        process.toHandle().destroy();
        equal(line(lines).get("message"), "draining");
        equal(line(lines).get("finished"), true);
        equal(process.waitFor(10, TimeUnit.SECONDS), true);
        equal(process.exitValue(), 0);
    }

    @Test
    void anAddressThatCannotBeListenedOnIsALineOfTheLogAndExit1() throws Exception {
        String taken = Integer.toString(port(start(env()).errorReader()));
        for (Map<String, String> env : List.of(env("PORT", taken), env("HOST", "no.such.host.invalid"))) {
            Process process = start(env);
            equal(line(process.errorReader()).get("message"), "cannot listen");
            equal(exit(process), 1);
        }
    }

    @Test
    void aWrongConfigurationEndsWith2AndSaysAll() throws Exception {
        Process process = start(Map.of("TOKEN_KEY_FILE", "", "RATE_BURST", "many"));
        equal(((List<?>) line(process.errorReader()).get("problems")).size(), 2);
        equal(process.waitFor(10, TimeUnit.SECONDS), true);
        equal(process.exitValue(), 2);
    }
}
