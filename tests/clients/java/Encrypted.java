// Which answers does PostgreSQL's JDBC driver get in each of its modes of TLS?

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;

final class Encrypted {
    private Encrypted() {}

    private static void tried(String more) throws Exception {
        Seen.fails(more.replaceAll("=[^&]*/", "=…/"), () -> {
            try (Connection connection = Seen.connect(more); Statement statement = connection.createStatement()) {
                ResultSet rows = statement.executeQuery("SELECT sum(n), repeat('x', 100000) FROM generate_series(1, 1000) AS n");
                rows.next();
                Seen.show("connected", rows.getInt(1), rows.getString(2).length());
            }
        });
    }

    public static void main(String[] arguments) throws Exception {
        String authority = "&sslrootcert=" + System.getenv("AUTHORITY");
        for (String mode : new String[] {"disable", "allow", "prefer", "require"}) {
            tried("&sslmode=" + mode);
        }
        for (String mode : new String[] {"verify-ca", "verify-full"}) {
            tried("&sslmode=" + mode + authority);
            tried("&sslmode=" + mode + "&sslrootcert=" + System.getenv("ANOTHER"));
        }
        tried("&sslmode=require&gssEncMode=disable&tcpKeepAlive=true");
    }
}
