package service;

import java.util.List;

/** The environment does not describe a service that could run. */
final class ConfigException extends Exception {
    private static final long serialVersionUID = 1;

    /** Every problem, each with the variable that has it. */
    private final transient List<String> problems;

    ConfigException(List<String> problems) {
        super(String.join("; ", problems));
        this.problems = List.copyOf(problems);
    }

    List<String> problems() {
        return problems;
    }
}
