import java.util.Arrays;

class Bad {
    boolean same(byte[] one, byte[] other) {
        return Arrays.equals(one, other);
    }
}
