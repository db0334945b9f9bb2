package service;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Bearer tokens: JSON Web Tokens signed with HMAC-SHA256, and nothing else. The first key signs, any
 * verifies: one can be replaced without an outage.
 *
 * <p>One algorithm, compared before anything is decoded, leaves no room for {@code alg: none} or for a
 * public key that is taken for a secret.
 */
final class Signer {
    /** The token does not prove anything. The text is for the log, never for the caller. */
    static final class TokenException extends Exception {
        private static final long serialVersionUID = 1;

        TokenException(String message) {
            super(message);
        }
    }

    /** What a valid token says. */
    record Claims(String subject, Set<String> scopes) {}

    private static final int MAX_TOKEN_LENGTH = 4096;
    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();
    private static final Base64.Decoder DECODER = Base64.getUrlDecoder();

    /** The one header that is ever signed or accepted. */
    private static final String HEADER = encode("{\"alg\":\"HS256\",\"typ\":\"JWT\"}");

    private final TokenKeys keys;
    private final String audience;
    private final DoubleSupplier clock;

    Signer(TokenKeys keys, String audience) {
        this(keys, audience, () -> System.currentTimeMillis() / 1e3);
    }

    /** {@code clock} tells the seconds since 1970. */
    Signer(TokenKeys keys, String audience, DoubleSupplier clock) {
        this.keys = keys;
        this.audience = audience;
        this.clock = clock;
    }

    /** A token for {@code subject} that holds for {@code seconds}. */
    String sign(String subject, List<String> scopes, long seconds) {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("sub", subject);
        claims.put("aud", audience);
        claims.put("scope", String.join(" ", scopes));
        claims.put("exp", (long) Math.floor(clock.getAsDouble() + seconds));
        String signed = HEADER + "." + encode(Json.write(claims));
        return signed + "." + ENCODER.encodeToString(mac(keys.all().get(0), signed));
    }

    /** The claims of {@code token}; throws unless every one of them holds. */
    Claims verify(String token) throws TokenException {
        String[] parts = token.split("\\.", -1);
        if (token.length() > MAX_TOKEN_LENGTH || parts.length != 3 || !parts[0].equals(HEADER)) {
            throw new TokenException("not a token of ours");
        }
        byte[] signature = decode(parts[2], "signature is not base64");
        String signed = parts[0] + "." + parts[1];
        // All keys are tried before one is looked at: the time taken must not tell which matched.
        boolean matches = false;
        for (byte[] key : keys.all()) {
            matches |= MessageDigest.isEqual(mac(key, signed), signature);
        }
        if (!matches) {
            throw new TokenException("signature does not match");
        }
        return claims(decode(parts[1], "claims are incomplete"));
    }

    private Claims claims(byte[] payload) throws TokenException {
        Object parsed;
        try {
            parsed = Json.parse(new String(payload, StandardCharsets.UTF_8));
        } catch (Json.SyntaxException error) {
            throw new TokenException("claims are incomplete");
        }
        if (!(parsed instanceof Map<?, ?> claims)) {
            throw new TokenException("claims are incomplete");
        }
        if (!(claims.get("sub") instanceof String subject)
                || !(claims.get("scope") instanceof String scope)) {
            throw new TokenException("claims are of the wrong type");
        }
        if (!(claims.get("exp") instanceof BigDecimal expires) || !Double.isFinite(expires.doubleValue())) {
            throw new TokenException("expiry is not a number");
        }
        if (clock.getAsDouble() >= expires.doubleValue()) {
            throw new TokenException("expired");
        }
        if (!audience.equals(claims.get("aud"))) {
            throw new TokenException("made for another service");
        }
        return new Claims(subject, Set.copyOf(List.of(scope.strip().split("\\s+"))));
    }

    private static String encode(String text) {
        return ENCODER.encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] decode(String text, String complaint) throws TokenException {
        try {
            byte[] bytes = DECODER.decode(text);
            // The last character may hold bits that mean nothing: only one spelling is taken.
            if (ENCODER.encodeToString(bytes).equals(text)) {
                return bytes;
            }
        } catch (IllegalArgumentException error) {
            // Said below.
        }
        throw new TokenException(complaint);
    }

    private static byte[] mac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException error) {
            throw new IllegalStateException("every Java has HmacSHA256", error);
        }
    }
}
