package service;

import static service.Tests.equal;
import static service.Tests.fails;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import service.Tests.Test;

/** Tokens, and above all those that must not be accepted. */
final class SignerTest {
    private static final String OLD = "o".repeat(32);
    private static final String NEW = "n".repeat(32);
    private static final Map<String, Object> HEADER = new TreeMap<>(Map.of("alg", "HS256", "typ", "JWT"));

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
        equal(signer.verify(signer("service", NEW, OLD).sign("ada", List.of(), 60)).subject(), "ada");
    }

    @Test
    void claimsMustBeCompleteAndOfTheirType() throws Exception {
        Map<String, Object> good = Map.of("sub", "ada", "aud", "service", "scope", "read", "exp", 2_000_000_000);
        equal(signer.verify(signed(Json.write(good))).subject(), "ada");
        for (String name : good.keySet()) {
            for (Object wrong : new Object[] {null, true, List.of("service")}) {
                Map<String, Object> claims = new HashMap<>(good);
                claims.put(name, wrong);
                refused(signed(Json.write(claims)));
            }
            Map<String, Object> claims = new HashMap<>(good);
            claims.remove(name);
            refused(signed(Json.write(claims)));
        }
        String endless = "{\"sub\":\"ada\",\"aud\":\"service\",\"scope\":\"read\",\"exp\":1e999}";
        for (String payload : List.of("[]", "null", "{", endless)) {
            refused(signed(payload));
        }
    }

    /** A token with this payload, signed as ours are. */
    private static String signed(String payload) throws Exception {
        Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
        String text = segment(HEADER) + "." + encoder.encodeToString(payload.getBytes(StandardCharsets.UTF_8));
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(NEW.getBytes(StandardCharsets.US_ASCII), "HmacSHA256"));
        return text + "." + encoder.encodeToString(mac.doFinal(text.getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void aTokenHasALengthAndOneSpelling() {
        equal(refused(signer.sign("a".repeat(4096), List.of(), 60)), "not a token of ours");
        String token = signer.sign("ada", List.of(), 60);
        // The last character holds two bits of nothing: the letter after it reads the same.
        int last = token.length() - 1;
        refused(token.substring(0, last) + (char) (token.charAt(last) + 1));
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
