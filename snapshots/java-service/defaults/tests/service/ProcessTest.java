package service;

import static service.Tests.equal;

import java.io.BufferedReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import service.Tests.Test;

/** The service as the platform runs it: a process that is configured, watched and told to stop. */
final class ProcessTest {
    private final Path keyFile = Tests.directory().resolve("keys");

    ProcessTest() throws Exception {
        Files.writeString(keyFile, "k".repeat(32));
    }

    /** Start the service; it is gone when the test is over. */
    private static Process start(Map<String, String> env) throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        ProcessBuilder builder =
                new ProcessBuilder(java, "-cp", System.getProperty("java.class.path"), "service.Main");
        builder.environment().put("PORT", "0");
        builder.environment().putAll(env);
        Process process = builder.start();
        Tests.after(process::destroyForcibly);
        return process;
    }

    private static Map<?, ?> line(BufferedReader lines) throws Exception {
        return (Map<?, ?>) Json.parse(lines.readLine());
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
    void aWrongConfigurationEndsWith2AndSaysAll() throws Exception {
        Process process = start(Map.of("TOKEN_KEY_FILE", "", "RATE_BURST", "many"));
        equal(((List<?>) line(process.errorReader()).get("problems")).size(), 2);
        equal(process.waitFor(10, TimeUnit.SECONDS), true);
        equal(process.exitValue(), 2);
    }
}
