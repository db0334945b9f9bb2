package service;

import static service.Tests.equal;
import static service.Tests.fails;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import service.Tests.Test;

/** Tokens, and above all those that must not be accepted. */
final class SignerTest {
    private static final String OLD = "o".repeat(32);
    private static final String NEW = "n".repeat(32);

    private double now = 1_000_000;
    private final Signer signer = signer("service", NEW);

    private Signer signer(String audience, String... keys) {
        List<byte[]> bytes =
                Stream.of(keys).map(key -> key.getBytes(StandardCharsets.US_ASCII)).toList();
        return new Signer(new TokenKeys(bytes), audience, () -> now);
    }

    /** A token's segment, as anybody could forge it. */
    private static String segment(Object content) {
        byte[] text = Json.write(content).getBytes(StandardCharsets.UTF_8);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text);
    }

    private String refused(String token) {
        return fails(Signer.TokenException.class, () -> signer.verify(token)).getMessage();
    }

    @Test
    void thereAndBack() throws Exception {
        Signer.Claims claims = signer.verify(signer.sign("ada", List.of("read", "write"), 60));
        equal(claims, new Signer.Claims("ada", Set.of("read", "write")));
    }

    @Test
    void aTokenEndsAtItsSecond() throws Exception {
        String token = signer.sign("ada", List.of(), 60);
        now += 59;
        signer.verify(token);
        now += 1;
        equal(refused(token), "expired");
    }

    @Test
    void anotherServicesToken() {
        String token = signer("other", NEW).sign("ada", List.of(), 60);
        equal(refused(token), "made for another service");
    }

    @Test
    void keysAreReplacedWithoutAnOutage() throws Exception {
        String token = signer("service", OLD).sign("ada", List.of(), 60);
        equal(signer("service", NEW, OLD).verify(token).subject(), "ada");
        equal(refused(token), "signature does not match");
    }

    @Test
    void changedClaims() {
        String[] parts = signer.sign("ada", List.of(), 60).split("\\.");
        Object forged = Map.of("sub", "eve", "aud", "service", "scope", "admin", "exp", 2_000_000_000);
        equal(refused(parts[0] + "." + segment(forged) + "." + parts[2]), "signature does not match");
    }

    @Test
    void noOtherAlgorithm() {
        String claims = signer.sign("ada", List.of(), 60).split("\\.")[1];
        for (String algorithm : List.of("none", "None", "RS256", "HS512")) {
            String header = segment(Map.of("alg", algorithm, "typ", "JWT"));
            equal(refused(header + "." + claims + "."), "not a token of ours");
        }
    }

    @Test
    void garbage() {
        String token = signer.sign("ada", List.of(), 60);
        String[] parts = token.split("\\.");
        String unsigned = parts[0] + "." + parts[1];
        for (String wrong : List.of(
                "", "..", "a.b.c", unsigned, unsigned + ".", unsigned + ".é", unsigned + ". " + parts[2],
                token + "." + parts[2], token + "A".repeat(5000))) {
            refused(wrong);
        }
    }
}
