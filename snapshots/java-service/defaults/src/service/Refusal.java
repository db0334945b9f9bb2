package service;

import java.util.Map;

/** A request that is answered with an error. The message is shown to the caller. */
final class Refusal extends Exception {
    private static final long serialVersionUID = 1;

    private final int status;
    private final transient Map<String, String> headers;
    private final String subject;

    Refusal(int status, String message) {
        this(status, message, Map.of(), null);
    }

    Refusal(int status, String message, Map<String, String> headers, String subject) {
        super(message, null, false, false);
        this.status = status;
        this.headers = headers;
        this.subject = subject;
    }

    int status() {
        return status;
    }

    Map<String, String> headers() {
        return headers;
    }

    /** Who asked, if that is known; else null. */
    String subject() {
        return subject;
    }
}
