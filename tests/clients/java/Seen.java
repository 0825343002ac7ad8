// How do the programs of this folder print what the driver shows?

import java.sql.Array;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.Arrays;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

final class Seen {
    interface Act {
        void run() throws Exception;
    }

    /** Only what reads. */
    static final boolean READS = "reads".equals(System.getenv("CLIENT_MODE"));

    private Seen() {}

    static String url(String more) {
        String host = System.getenv("PGHOST");
        return "jdbc:postgresql://" + host + ":" + System.getenv("PGPORT") + "/" + System.getenv("PGDATABASE") + "?ApplicationName=client" + more;
    }

    static Connection connect(String more) throws SQLException {
        String ssl = more.contains("sslmode") ? "" : "&sslmode=disable";
        return DriverManager.getConnection(url(ssl + more), System.getenv("PGUSER"), System.getenv("PGPASSWORD"));
    }

    static void show(String title, Object... values) throws SQLException {
        StringBuilder line = new StringBuilder(title);
        for (Object value : values) {
            line.append(" | ").append(text(value));
        }
        System.out.println(line);
    }

    private static String text(Object value) throws SQLException {
        if (value instanceof byte[] bytes) {
            return bytes.length > 64 ? bytes.length + " bytes, " + Arrays.hashCode(bytes) : Arrays.toString(bytes);
        }
        if (value instanceof int[] numbers) {
            return Arrays.toString(numbers);
        }
        if (value instanceof Object[] objects) {
            return Arrays.deepToString(objects);
        }
        if (value instanceof Array array) {
            return array.getBaseTypeName() + Arrays.deepToString((Object[]) array.getArray());
        }
        return String.valueOf(value);
    }

    /** Does what should end in an error, and shows every field of it. */
    static void fails(String title, Act act) throws Exception {
        try {
            act.run();
            show(title + " passed");
        } catch (SQLException error) {
            told(title, error);
        }
    }

    /** The same, whatever the server says of its own source. */
    static void failsInWords(String title, Act act) throws Exception {
        try {
            act.run();
            show(title + " passed");
        } catch (SQLException error) {
            show(title, error.getSQLState(), masked(String.valueOf(error.getMessage())));
        }
    }

    private static String masked(String words) {
        return words.replaceAll("large object \\d+", "large object …");
    }

    static void told(String title, SQLException error) throws SQLException {
        if (error instanceof BatchUpdateException batch) {
            show(title + " counts", batch.getUpdateCounts());
        }
        // The driver's own words may have a port in them, those of the server the number of a new object.
        String words = masked(String.valueOf(error.getMessage()).replace(System.getenv("PGPORT"), "PORT"));
        show(title, error.getClass().getSimpleName(), error.getSQLState(), words);
        ServerErrorMessage server = error instanceof PSQLException own ? own.getServerErrorMessage() : null;
        if (server != null) {
            show("  server", server.getSeverity(), server.getSQLState(), masked(server.getMessage()), server.getDetail(), server.getHint(),
                server.getPosition(), server.getInternalPosition(), server.getInternalQuery(), server.getWhere(), server.getSchema(),
                server.getTable(), server.getColumn(), server.getDatatype(), server.getConstraint(), server.getFile(), server.getLine(), server.getRoutine());
        }
        if (error.getNextException() != null && error.getNextException() != error) {
            told("  next", error.getNextException());
        }
    }

    /** All rows, with names and types of the columns. Columns whose numbers a server draws anew are left out. */
    static void rows(String title, ResultSet result, String... without) throws SQLException {
        ResultSetMetaData columns = result.getMetaData();
        StringBuilder names = new StringBuilder();
        for (int at = 1; at <= columns.getColumnCount(); at++) {
            names.append(columns.getColumnLabel(at)).append(':').append(columns.getColumnTypeName(at));
            names.append(':').append(columns.getPrecision(at)).append(':').append(columns.getScale(at)).append(' ');
        }
        show(title, names);
        while (result.next()) {
            Object[] row = new Object[columns.getColumnCount()];
            for (int at = 0; at < row.length; at++) {
                boolean left = Arrays.asList(without).contains(columns.getColumnLabel(at + 1));
                row[at] = left ? "…" : text(result.getObject(at + 1));
            }
            show("  row", row);
        }
        result.close();
    }
}
