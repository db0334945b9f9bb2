package service;

import java.io.IOException;
import java.nio.channels.UnresolvedAddressException;
import java.util.List;

/** Command line: serve, or mint a token for trying the service out. */
final class Main {
    private static final Log LOG = new Log("service.main");
    private static final String USAGE =
            """
            usage: service [serve]
                   service token [--subject NAME] [--scope SCOPE] [--seconds N]
            """;

    private Main() {}

    /**
     * Run the command.
     *
     * <p>The exit code is 0 done, 1 cannot listen or cut short, 2 wrong usage or configuration.
     */
    public static void main(String[] arguments) {
        int status = run(List.of(arguments));
        // Else the virtual machine ends with 0 when its last thread does; the server's are among them.
        if (status != 0) {
            System.exit(status);
        }
    }

    private static int run(List<String> arguments) {
        boolean token = !arguments.isEmpty() && arguments.get(0).equals("token");
        boolean serve = arguments.isEmpty() || arguments.equals(List.of("serve"));
        Config config;
        try {
            config = Config.fromEnv(System.getenv());
        } catch (ConfigException error) {
            LOG.log(Log.Level.CRITICAL, "configuration is wrong", "problems", error.problems());
            return 2;
        }
        Log.configure(config.name(), config.logLevel(), System.err);
        if (serve) {
            return serve(config);
        }
        return token ? token(config, arguments.subList(1, arguments.size())) : usage();
    }

    private static int usage() {
        System.err.print(USAGE);
        return 2;
    }

    private static int token(Config config, List<String> options) {
        String subject = "developer";
        String scope = "greetings:write";
        long seconds = 3600;
        for (int i = 0; i < options.size(); i += 2) {
            String value = i + 1 < options.size() ? options.get(i + 1) : "";
            switch (options.get(i) + (value.isEmpty() ? "?" : "")) {
                case "--subject" -> subject = value;
                case "--scope" -> scope = value;
                case "--seconds" -> {
                    if (!value.matches("[0-9]{1,9}")) {
                        return usage();
                    }
                    seconds = Long.parseLong(value);
                }
                default -> {
                    return usage();
                }
            }
        }
        Signer signer = new Signer(config.tokenKeys(), config.name());
        System.out.println(signer.sign(subject, List.of(scope), seconds));
        return 0;
    }

    /** Begin to serve; at SIGTERM or SIGINT, finish what is in flight. */
    private static int serve(Config config) {
        App app = new App(config);
        Server server;
        try {
            server = new Server(config, app);
        } catch (IOException | UnresolvedAddressException error) {
            LOG.log(Log.Level.CRITICAL, "cannot listen", "cause", error.toString());
            return 1;
        }
        // The virtual machine ends with 143 after a signal, unless a hook halts it with a status.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(config, app, server), "stop"));
        server.start();
        LOG.log(Log.Level.INFO, "listening", "host", config.host(), "port", server.port());
        return 0;
    }

    private static void stop(Config config, App app, Server server) {
        boolean finished = false;
        try {
            // Not ready first, closed second: load balancers need a moment to look elsewhere.
            app.drain();
            LOG.log(Log.Level.INFO, "draining", "seconds", config.drainSeconds());
            Thread.sleep((long) (config.drainSeconds() * 1000));
            finished = server.stop(config.graceSeconds());
        } catch (InterruptedException error) {
            Thread.currentThread().interrupt();
        }
        LOG.log(Log.Level.INFO, "stopped", "finished", finished);
        Runtime.getRuntime().halt(finished ? 0 : 1);
    }
}
