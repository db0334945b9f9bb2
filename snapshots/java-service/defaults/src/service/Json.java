package service;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON as RFC 8259 has it: objects are maps, arrays lists, numbers {@link BigDecimal}. */
final class Json {
    /** Deeper input is refused, so that it cannot exhaust the stack. */
    private static final int MAX_DEPTH = 64;

    /** The text is not JSON. */
    static final class SyntaxException extends Exception {
        private static final long serialVersionUID = 1;

        SyntaxException(String message) {
            super(message);
        }
    }

    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    /** The value that {@code text} holds, and nothing behind it. */
    static Object parse(String text) throws SyntaxException {
        Json json = new Json(text);
        Object value = json.value(0);
        json.space();
        if (json.at < text.length()) {
            throw json.wrong();
        }
        return value;
    }

    /** {@code value} on one line. What is not of JSON goes out as its text. */
    static String write(Object value) {
        StringBuilder out = new StringBuilder();
        write(value, out);
        return out.toString();
    }

    private static void write(Object value, StringBuilder out) {
        if (value == null || value instanceof Boolean || value instanceof Number) {
            out.append(value);
        } else if (value instanceof Map<?, ?> map) {
            String separator = "{";
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                out.append(separator);
                quote(String.valueOf(entry.getKey()), out);
                out.append(':');
                write(entry.getValue(), out);
                separator = ",";
            }
            out.append(map.isEmpty() ? "{}" : "}");
        } else if (value instanceof List<?> list) {
            String separator = "[";
            for (Object item : list) {
                out.append(separator);
                write(item, out);
                separator = ",";
            }
            out.append(list.isEmpty() ? "[]" : "]");
        } else {
            quote(value.toString(), out);
        }
    }

    private static void quote(String value, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ' || c > '~') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }

    private SyntaxException wrong() {
        return new SyntaxException("not JSON at character " + at);
    }

    private void space() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    /** The next character that is not space, which is not taken; NUL at the end. */
    private char peek() {
        space();
        return at < text.length() ? text.charAt(at) : '\0';
    }

    private boolean take(char wanted) {
        boolean there = peek() == wanted;
        if (there) {
            at++;
        }
        return there;
    }

    private void demand(char wanted) throws SyntaxException {
        if (!take(wanted)) {
            throw wrong();
        }
    }

    private Object value(int depth) throws SyntaxException {
        if (depth > MAX_DEPTH) {
            throw new SyntaxException("too deep");
        }
        return switch (peek()) {
            case '{' -> object(depth);
            case '[' -> array(depth);
            case '"' -> string();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", null);
            default -> number();
        };
    }

    private Object word(String word, Object value) throws SyntaxException {
        if (!text.startsWith(word, at)) {
            throw wrong();
        }
        at += word.length();
        return value;
    }

    private Map<String, Object> object(int depth) throws SyntaxException {
        Map<String, Object> members = new LinkedHashMap<>();
        demand('{');
        if (take('}')) {
            return members;
        }
        do {
            if (peek() != '"') {
                throw wrong();
            }
            String name = string();
            demand(':');
            members.put(name, value(depth + 1));
        } while (take(','));
        demand('}');
        return members;
    }

    private List<Object> array(int depth) throws SyntaxException {
        List<Object> items = new ArrayList<>();
        demand('[');
        if (take(']')) {
            return items;
        }
        do {
            items.add(value(depth + 1));
        } while (take(','));
        demand(']');
        return items;
    }

    private String string() throws SyntaxException {
        StringBuilder out = new StringBuilder();
        for (at++; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '"') {
                at++;
                return out.toString();
            }
            if (c < ' ') {
                break;
            }
            out.append(c == '\\' ? escape() : c);
        }
        throw wrong();
    }

    private char escape() throws SyntaxException {
        at++;
        char c = at < text.length() ? text.charAt(at) : '\0';
        int plain = "\"\\/bfnrt".indexOf(c);
        if (plain >= 0) {
            return "\"\\/\b\f\n\r\t".charAt(plain);
        }
        if (c != 'u' || at + 5 > text.length()) {
            throw wrong();
        }
        int code = 0;
        for (int end = at + 4; at < end; ) {
            int digit = "0123456789abcdef".indexOf(Character.toLowerCase(text.charAt(++at)));
            if (digit < 0) {
                throw wrong();
            }
            code = code * 16 + digit;
        }
        return (char) code;
    }

    private BigDecimal number() throws SyntaxException {
        int start = at;
        while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        String number = text.substring(start, at);
        // The lengths are bounded because arithmetic on what they allow must stay cheap.
        if (!number.matches("-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?")) {
            throw wrong();
        }
        return new BigDecimal(number);
    }
}
