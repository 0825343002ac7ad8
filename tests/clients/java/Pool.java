// Which answers does HikariCP get: its check of a connection, what it resets, and what it does with one that ended?

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

final class Pool {
    private Pool() {}

    private static HikariDataSource pool(int size) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(Seen.url("&sslmode=disable"));
        config.setUsername(System.getenv("PGUSER"));
        config.setPassword(System.getenv("PGPASSWORD"));
        config.setMaximumPoolSize(size);
        config.setConnectionInitSql("SET statement_timeout = 30000");
        config.setReadOnly(Seen.READS);
        return new HikariDataSource(config);
    }

    private static int sum(HikariDataSource pool, int from) throws Exception {
        try (Connection connection = pool.getConnection(); Statement statement = connection.createStatement()) {
            ResultSet rows = statement.executeQuery("SELECT sum(n) FROM generate_series(" + from + ", 100) AS n");
            rows.next();
            return rows.getInt(1);
        }
    }

    public static void main(String[] arguments) throws Exception {
        // Or each time a connection is taken within half a second of the last it is not checked.
        System.setProperty("com.zaxxer.hikari.aliveBypassWindowMs", "0");
        try (HikariDataSource pool = pool(3)) {
            ExecutorService threads = Executors.newFixedThreadPool(8);
            List<Future<Integer>> sums = new ArrayList<>();
            for (int task = 0; task < 60; task++) {
                int from = task;
                sums.add(threads.submit(() -> sum(pool, from)));
            }
            int all = 0;
            for (Future<Integer> one : sums) {
                all += one.get();
            }
            threads.shutdown();
            Seen.show("tasks", all);
        }
        try (HikariDataSource pool = pool(1)) {
            int left;
            try (Connection connection = pool.getConnection(); Statement statement = connection.createStatement()) {
                Seen.show("valid", connection.isValid(5), connection.isReadOnly(), connection.getNetworkTimeout());
                connection.setAutoCommit(false);
                connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
                Seen.rows("settings", statement.executeQuery("SELECT current_setting('statement_timeout'), current_setting('transaction_isolation')"));
                Seen.fails("failed", () -> statement.executeQuery("SELECT 1/0"));
            }
            try (Connection connection = pool.getConnection(); Statement statement = connection.createStatement()) {
                Seen.show("as new", connection.getAutoCommit(), connection.getTransactionIsolation());
                ResultSet rows = statement.executeQuery("SELECT pg_backend_pid()");
                rows.next();
                left = rows.getInt(1);
            }
            for (int turn = 1; turn <= 5; turn++) {
                try (Connection connection = pool.getConnection()) {
                    Seen.show("checked", turn, connection.isValid(1), connection.isReadOnly());
                }
            }
            if (Seen.READS) {
                return;
            }
            // The one in the pool is ended behind its back: the check finds that, and the next one is new.
            try (Connection other = Seen.connect(""); Statement statement = other.createStatement()) {
                Seen.rows("ended", statement.executeQuery("SELECT pg_terminate_backend(" + left + ", 5000)"));
            }
            try (Connection connection = pool.getConnection(); Statement statement = connection.createStatement()) {
                Seen.rows("another", statement.executeQuery("SELECT pg_backend_pid() <> " + left));
            }
            try (Connection connection = pool.getConnection(); Statement statement = connection.createStatement()) {
                Seen.fails("ended while it is used", () -> statement.executeQuery("SELECT pg_terminate_backend(pg_backend_pid())"));
                Seen.show("valid", connection.isValid(5));
            }
            Seen.show("served again", sum(pool, 99));
        }
    }
}
