import java.io.ObjectInputStream;

class Bad {
    Object read(java.io.InputStream stream) throws Exception {
        return new ObjectInputStream(stream).readObject();
    }
}
