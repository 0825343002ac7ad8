// Does PostgreSQL's JDBC driver get in with a certificate of its own, with a key in each form it knows, and without one?

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;

final class Certified {
    private Certified() {}

    private static void tried(String title, String more) throws Exception {
        String authority = "&sslmode=verify-full&sslrootcert=" + System.getenv("AUTHORITY");
        Seen.fails(title, () -> {
            try (Connection connection = Seen.connect(authority + more); Statement statement = connection.createStatement()) {
                ResultSet rows = statement.executeQuery("SELECT current_user");
                rows.next();
                Seen.show("connected", rows.getString(1));
            }
        });
    }

    public static void main(String[] arguments) throws Exception {
        String key = System.getenv("CLIENT_KEY");
        // Twice: the second time the driver may go on from the TLS session of the first.
        for (int run = 1; run <= 2; run++) {
            tried("PKCS #8", "&sslcert=" + System.getenv("CLIENT_CERTIFICATE") + "&sslkey=" + key + ".pk8");
            tried("PKCS #12", "&sslkey=" + key + ".p12&sslpassword=none");
        }
        tried("without", "");
    }
}
