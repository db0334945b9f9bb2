package service;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * One JSON object a line on stderr. Line breaks are escaped, so input cannot forge a line.
 */
final class Log {
    /** From what helps a developer to what ends the process. */
    enum Level {
        DEBUG,
        INFO,
        WARNING,
        ERROR,
        CRITICAL
    }

    /** The request that this thread serves: every line that it logs says so. */
    static final ThreadLocal<String> REQUEST_ID = new ThreadLocal<>();

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSxxx").withZone(ZoneOffset.UTC);

    private static volatile String service = "service";
    private static volatile Level least = Level.INFO;
    private static volatile PrintStream out = System.err;

    private final String name;

    Log(String name) {
        this.name = name;
    }

    /** Name the service in every line, leave out what is below {@code level}. */
    static void configure(String service, Level level, PrintStream out) {
        Log.service = service;
        Log.least = level;
        Log.out = out;
    }

    /** Log {@code message}, with {@code extra} as names and values in turn. */
    void log(Level level, String message, Object... extra) {
        if (level.compareTo(least) < 0) {
            return;
        }
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("time", TIME.format(Instant.now()));
        line.put("level", level.name().toLowerCase(Locale.ROOT));
        line.put("service", service);
        line.put("logger", name);
        line.put("message", message);
        line.put("request_id", REQUEST_ID.get());
        for (int i = 0; i + 1 < extra.length; i += 2) {
            line.put(String.valueOf(extra[i]), extra[i + 1]);
        }
        out.print(Json.write(line) + "\n");
        out.flush();
    }

    /** An error that nobody expected, with its stack. */
    void exception(String message, Throwable error, String key, Object value) {
        StringWriter stack = new StringWriter();
        error.printStackTrace(new PrintWriter(stack));
        log(Level.ERROR, message, key, value, "exception", stack);
    }
}
