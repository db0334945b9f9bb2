package service;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Requests, by method, route and status, and how long they took.
 *
 * <p>Labels take few values by construction (a route's pattern, never its path), because each
 * combination is a time series that somebody pays for.
 */
final class Metrics {
    /** Upper bounds in seconds. */
    private static final double[] BUCKETS = {
        0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, Double.POSITIVE_INFINITY
    };

    private static final class Durations {
        private final long[] counts = new long[BUCKETS.length];
        private double total;
    }

    private final Map<String, Long> requests = new TreeMap<>();
    private final Map<String, Durations> durations = new TreeMap<>();

    /** Count one request. */
    synchronized void observe(String method, String route, int status, double seconds) {
        String labels = text("method=\"%s\",route=\"%s\",status=\"%d\"", method, route, status);
        requests.merge(labels, 1L, Long::sum);
        Durations of = durations.computeIfAbsent(route, key -> new Durations());
        of.counts[(int) Arrays.stream(BUCKETS).filter(bound -> bound < seconds).count()]++;
        of.total += seconds;
    }

    /** Everything in Prometheus' text format 0.0.4. */
    synchronized String render() {
        StringBuilder out = new StringBuilder();
        out.append("# HELP http_requests_total Requests that were answered.\n");
        out.append("# TYPE http_requests_total counter\n");
        requests.forEach((labels, count) -> out.append(text("http_requests_total{%s} %d\n", labels, count)));
        out.append("# HELP http_request_duration_seconds Time from request to answer.\n");
        out.append("# TYPE http_request_duration_seconds histogram\n");
        durations.forEach((route, of) -> histogram(route, of, out));
        return out.toString();
    }

    private static void histogram(String route, Durations of, StringBuilder out) {
        String name = "http_request_duration_seconds";
        long running = 0;
        for (int i = 0; i < BUCKETS.length; i++) {
            running += of.counts[i];
            String bound = i == BUCKETS.length - 1 ? "+Inf" : Double.toString(BUCKETS[i]);
            out.append(text("%s_bucket{route=\"%s\",le=\"%s\"} %d\n", name, route, bound, running));
        }
        out.append(text("%s_sum{route=\"%s\"} %.6f\n", name, route, of.total));
        out.append(text("%s_count{route=\"%s\"} %d\n", name, route, running));
    }

    /** In the machine's own locale, digits may be others than Prometheus reads. */
    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
