package service;

import static service.Tests.equal;
import static service.Tests.fails;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import service.Tests.Test;

/** JSON, and what looks like it. */
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
}
