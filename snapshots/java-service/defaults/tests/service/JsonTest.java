package service;

import static service.Tests.equal;
import static service.Tests.fails;
import static service.Tests.that;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import service.Tests.Test;

/** JSON, and what looks like it; the log, which is made of it, and the metrics beside it. */
final class JsonTest {
    @Test
    void valuesAreRead() throws Exception {
        equal(Json.parse(" {\"a\" : [1.50, true, null, {}, []] } "),
                Map.of("a", Arrays.asList(new BigDecimal("1.50"), true, null, Map.of(), List.of())));
        equal(Json.parse("\"\\u00e9\\n\\\\ \\\" \\ud83d\\ude00\""), "é\n\\ \" 😀");
        equal(Json.parse("-0.5e-3"), new BigDecimal("-0.5e-3"));
    }

    @Test
    void whatIsWrittenIsRead() throws Exception {
        Object value = Map.of("a\n\"\u2028", Arrays.asList("é😀\0", null, false));
        equal(Json.parse(Json.write(value)), value);
        equal(Json.write(List.of("a\nb")), "[\"a\\u000ab\"]");
        equal(Json.write("é\u2028"), "\"\\u00e9\\u2028\"");
    }

    @Test
    void whatIsNotJsonIsRefused() {
        for (String text : List.of(
                "", " ", "{", "[", "\"", "{}}", "[1,]", "{\"a\":1,}", "{a:1}", "{'a':1}", "01", "1.", ".5", "+1",
                "1e", "1e9999", "9".repeat(40), "NaN", "tru", "truee", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"",
                "\"a\nb\"", "1 2", "[".repeat(20_000), "[".repeat(100) + "]".repeat(100))) {
            fails(Json.SyntaxException.class, () -> Json.parse(text));
        }
    }

    private final ByteArrayOutputStream logged = new ByteArrayOutputStream();

    /** A log for {@code logged}. */
    private Log log(Log.Level level) {
        Log.configure("ledger", level, new PrintStream(logged, true, StandardCharsets.UTF_8));
        return new Log("tests");
    }

    @Test
    void aLineBreakForgesNoLineOfTheLog() throws Exception {
        String cause = "two\n{\"message\":\"forged\"}\r\u2028\\";
        log(Log.Level.INFO).log(Log.Level.INFO, "one", "cause", cause);
        String text = logged.toString(StandardCharsets.UTF_8);
        equal(text.lines().count(), 1L);
        equal(((Map<?, ?>) Json.parse(text)).get("cause"), cause);
    }

    @Test
    void theLevelOfTheLogIsTheLeastThatIsWritten() throws Exception {
        Log log = log(Log.Level.WARNING);
        for (Log.Level level : Log.Level.values()) {
            log.log(level, "one");
        }
        List<Object> told = new ArrayList<>();
        for (String text : logged.toString(StandardCharsets.UTF_8).split("\n")) {
            Map<?, ?> line = (Map<?, ?>) Json.parse(text);
            told.add(List.of(line.get("level"), line.get("service"), line.get("logger")));
        }
        equal(told,
                List.of(
                        List.of("warning", "ledger", "tests"),
                        List.of("error", "ledger", "tests"),
                        List.of("critical", "ledger", "tests")));
    }

    @Test
    void theMetricsArePrometheusTextWhereverTheMachineStands() {
        Locale here = Locale.getDefault();
        Tests.after(() -> Locale.setDefault(here));
        Locale.setDefault(Locale.forLanguageTag("ar-EG")); // whose digits are not 0 to 9
        Metrics metrics = new Metrics();
        for (double seconds : new double[] {0.005, 0.006, 0.3, 20}) {
            metrics.observe("GET", "/healthz", 200, seconds);
        }
        metrics.observe("GET", "/healthz", 503, 0);
        equal(metrics.render(),
                """
                # HELP http_requests_total Requests that were answered.
                # TYPE http_requests_total counter
                http_requests_total{method="GET",route="/healthz",status="200"} 4
                http_requests_total{method="GET",route="/healthz",status="503"} 1
                # HELP http_request_duration_seconds Time from request to answer.
                # TYPE http_request_duration_seconds histogram
                http_request_duration_seconds_bucket{route="/healthz",le="0.005"} 2
                http_request_duration_seconds_bucket{route="/healthz",le="0.01"} 3
                http_request_duration_seconds_bucket{route="/healthz",le="0.025"} 3
                http_request_duration_seconds_bucket{route="/healthz",le="0.05"} 3
                http_request_duration_seconds_bucket{route="/healthz",le="0.1"} 3
                http_request_duration_seconds_bucket{route="/healthz",le="0.25"} 3
                http_request_duration_seconds_bucket{route="/healthz",le="0.5"} 4
                http_request_duration_seconds_bucket{route="/healthz",le="1.0"} 4
                http_request_duration_seconds_bucket{route="/healthz",le="2.5"} 4
                http_request_duration_seconds_bucket{route="/healthz",le="5.0"} 4
                http_request_duration_seconds_bucket{route="/healthz",le="10.0"} 4
                http_request_duration_seconds_bucket{route="/healthz",le="+Inf"} 5
                http_request_duration_seconds_sum{route="/healthz"} 20.311000
                http_request_duration_seconds_count{route="/healthz"} 5
                """);
    }
}
