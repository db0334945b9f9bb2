package service;

import java.util.List;

/** Keys that sign and verify tokens, the signing one first. No log line shows them. */
final class TokenKeys {
    private final List<byte[]> keys;

    TokenKeys(List<byte[]> keys) {
        this.keys = List.copyOf(keys);
    }

    List<byte[]> all() {
        return keys;
    }

    @Override
    public String toString() {
        return keys.size() + " keys";
    }
}
