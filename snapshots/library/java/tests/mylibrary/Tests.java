package mylibrary;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Runs every method with {@link Test} of every class {@code *Test} beside this one, each on an object of
 * its own. Says what failed, and ends with 1 if anything did.
 */
final class Tests {
    /** A method that passes if it returns. */
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.METHOD)
    @interface Test {}

    /** What a test does, or what it does when it is over. */
    interface Step {
        void run() throws Exception;
    }

    private static final PrintStream OUT = System.out;
    private static final List<Step> AFTER = new ArrayList<>();

    private Tests() {}

    public static void main(String[] arguments) throws Exception {
        int passed = 0;
        List<String> failed = new ArrayList<>();
        for (String name : classes()) {
            Class<?> type = Class.forName(name);
            for (Method method : methods(type)) {
                Throwable problem = problem(type, method);
                if (problem == null) {
                    passed++;
                } else {
                    failed.add(type.getSimpleName() + "." + method.getName());
                    OUT.println("FAILED " + failed.get(failed.size() - 1));
                    problem.printStackTrace(OUT);
                }
            }
        }
        OUT.println(passed + " passed, " + failed.size() + " failed");
        failed.forEach(name -> OUT.println("  " + name));
        // No test found is no success. And threads that a test left behind must not hold the end up.
        System.exit(passed > 0 && failed.isEmpty() ? 0 : 1);
    }

    private static List<String> classes() throws Exception {
        Path here = Path.of(Tests.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        try (Stream<Path> files = Files.walk(here)) {
            return files.map(file -> here.relativize(file).toString())
                    .filter(file -> file.endsWith("Test.class") && !file.contains("$"))
                    .map(file -> file.replace(".class", "").replace(here.getFileSystem().getSeparator(), "."))
                    .sorted()
                    .toList();
        }
    }

    private static List<Method> methods(Class<?> type) {
        return Stream.of(type.getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(Test.class))
                .sorted(Comparator.comparing(Method::getName))
                .toList();
    }

    /** What went wrong in one test or in the cleaning up behind it; null: nothing. */
    private static Throwable problem(Class<?> type, Method method) {
        Throwable problem = null;
        try {
            var constructor = type.getDeclaredConstructor();
            constructor.setAccessible(true);
            method.setAccessible(true);
            method.invoke(constructor.newInstance());
        } catch (InvocationTargetException error) {
            problem = error.getCause();
        } catch (ReflectiveOperationException error) {
            problem = error;
        }
        for (int i = AFTER.size() - 1; i >= 0; i--) {
            try {
                AFTER.get(i).run();
            } catch (Exception error) {
                problem = problem == null ? error : problem;
            }
        }
        AFTER.clear();
        return problem;
    }

    /** Do {@code step} when the test is over, the last one first. */
    static void after(Step step) {
        AFTER.add(step);
    }

    /** A directory that is gone when the test is over. */
    static Path directory() {
        try {
            Path directory = Files.createTempDirectory("test-");
            after(
                    () -> {
                        try (Stream<Path> files = Files.walk(directory)) {
                            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                                Files.delete(file);
                            }
                        }
                    });
            return directory;
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    static void equal(Object actual, Object expected) {
        that(Objects.equals(actual, expected), actual + " instead of " + expected);
    }

    static void that(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    /** The error of the type {@code wanted} that {@code step} must throw. */
    static <T extends Exception> T fails(Class<T> wanted, Step step) {
        try {
            step.run();
        } catch (Exception error) {
            if (wanted.isInstance(error)) {
                return wanted.cast(error);
            }
            throw new AssertionError("another error than " + wanted.getSimpleName(), error);
        }
        throw new AssertionError("nothing failed");
    }
}
