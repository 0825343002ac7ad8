// Which answers does PostgreSQL's JDBC driver get? Prints everything a program could see, in order.

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.StringReader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.Date;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Types;
import java.time.OffsetDateTime;
import java.util.TreeMap;
import java.util.UUID;
import javax.sql.XAConnection;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.postgresql.PGStatement;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyManager;
import org.postgresql.jdbc.PgStatement;
import org.postgresql.xa.PGXADataSource;

final class WithJdbc {
    private static final String SCHEMA = """
        DROP SCHEMA IF EXISTS jdbc CASCADE;
        CREATE SCHEMA jdbc;
        CREATE TYPE jdbc.mood AS ENUM ('low', 'high');
        CREATE TYPE jdbc.place AS (street text, floor int);
        CREATE TABLE jdbc.kept (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, label text UNIQUE, mood jdbc.mood, place jdbc.place, amount numeric(12,3));
        COMMENT ON TABLE jdbc.kept IS 'what is kept';
        CREATE FUNCTION jdbc.some_rows(n int) RETURNS refcursor LANGUAGE plpgsql AS $$ DECLARE c refcursor := 'some rows'; BEGIN OPEN c FOR SELECT id, name FROM public.customers WHERE id <= n ORDER BY id; RETURN c; END $$;
        CREATE FUNCTION jdbc.twice(INOUT n int, OUT words text) LANGUAGE sql AS $$ SELECT n * 2, 'twice' $$;
        CREATE PROCEDURE jdbc.doubles(INOUT n int) LANGUAGE plpgsql AS $$ BEGIN n := n * 2; END $$;
        """;

    private WithJdbc() {}

    private static void session(Connection connection) throws Exception {
        DatabaseMetaData about = connection.getMetaData();
        Seen.show("server", about.getDatabaseProductName(), about.getDatabaseProductVersion(), about.getDatabaseMajorVersion(), about.getDriverVersion());
        Seen.show("parameters", new TreeMap<>(connection.unwrap(PGConnection.class).getParameterStatuses()));
        Seen.show("session", connection.getCatalog(), connection.getSchema(), connection.getAutoCommit(), connection.isReadOnly(), connection.getTransactionIsolation(), connection.getClientInfo());
        Seen.show("valid", connection.isValid(5), connection.getNetworkTimeout(), about.getMaxConnections() > 0, about.getSQLKeywords().length() > 100);
    }

    /** From the fifth run on a statement is prepared at the server under a name, and its values come in binary. */
    private static void prepared(Connection connection) throws Exception {
        String sql = "SELECT id, name, city, born, balance, note, ?::float8 AS given, ?::uuid, ?::timestamptz FROM customers WHERE id = ?";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int run = 1; run <= 8; run++) {
                statement.setDouble(1, run / 3.0);
                statement.setObject(2, new UUID(1, run));
                statement.setObject(3, OffsetDateTime.parse("2024-02-29T12:00:00Z"));
                statement.setInt(4, run);
                Seen.rows("run " + run, statement.executeQuery());
                Seen.show("prepared at the server", statement.unwrap(PGStatement.class).isUseServerPrepare());
            }
            Seen.show("parameters", statement.getParameterMetaData().getParameterTypeName(4), statement.getMetaData().getColumnTypeName(5));
        }
        try (Statement statement = connection.createStatement()) {
            Seen.rows("names", statement.executeQuery("SELECT count(*) > 0 AS some, bool_or(from_sql) AS by_sql FROM pg_prepared_statements"));
            Seen.rows("kinds", statement.executeQuery("SELECT 1::int2, 2::int8, 1.50::numeric, 'x'::bpchar, true, '{1,NULL}'::int[], '\\xff00'::bytea, '3 days'::interval, '(1,2)'::point, '[1,3)'::int4range, '{\"a\": 1}'::jsonb, 1.5::money, 'a=>b'::text, NULL::text"));
            boolean more = statement.execute("SELECT 1 AS one; SELECT 2 AS two; SELECT 3 AS three WHERE false");
            while (more) {
                Seen.rows("set", statement.getResultSet());
                more = statement.getMoreResults();
            }
        }
        try (PreparedStatement statement = connection.prepareStatement("SELECT name FROM customers WHERE id = ANY (?) ORDER BY id")) {
            statement.setArray(1, connection.createArrayOf("int4", new Integer[] {1, 5, null, 9}));
            Seen.rows("array", statement.executeQuery());
        }
    }

    /** Portals fetched in parts, two at once, and what becomes of them. */
    private static void fetched(Connection connection) throws Exception {
        connection.setAutoCommit(false);
        try (Statement one = connection.createStatement(); PreparedStatement other = connection.prepareStatement("SELECT id FROM orders WHERE id > ? ORDER BY id")) {
            one.setFetchSize(7);
            other.setFetchSize(50);
            other.setInt(1, 10);
            ResultSet left = one.executeQuery("SELECT id, name FROM customers ORDER BY id");
            ResultSet right = other.executeQuery();
            long sum = 0;
            while (left.next() && right.next()) {
                sum += left.getInt(1) * (long) right.getInt(1);
            }
            Seen.show("two portals", sum, left.isAfterLast(), right.getRow());
            right.close();
            one.setMaxRows(20);
            ResultSet bounded = one.executeQuery("SELECT id FROM customers ORDER BY id");
            int count = 0;
            while (bounded.next()) {
                count++;
            }
            Seen.show("bounded", count);
            one.setMaxRows(0);
            ResultSet open = one.executeQuery("SELECT id FROM customers ORDER BY id");
            open.next();
            connection.commit();
            Seen.Act onwards = () -> {
                while (open.next()) {
                    // Until the rows of the first part are used up.
                    open.getInt(1);
                }
            };
            if (Seen.READS) {
                // Before a gateway that enforces it is another routine of the server's that says so.
                Seen.failsInWords("after the transaction", onwards);
            } else {
                Seen.fails("after the transaction", onwards);
            }
            connection.rollback();
            one.setFetchSize(3);
            ResultSet broken = one.executeQuery("SELECT 10 / (8 - n) AS part FROM generate_series(1, 12) AS n");
            Seen.fails("an error on the way", () -> {
                while (broken.next()) {
                    Seen.show("part", broken.getInt(1));
                }
            });
            Seen.fails("behind it", () -> one.executeQuery("SELECT 1"));
            connection.rollback();
        }
        try (Statement scrolled = connection.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_READ_ONLY)) {
            ResultSet rows = scrolled.executeQuery("SELECT id FROM customers ORDER BY id");
            Seen.show("scrolled", rows.last(), rows.getRow(), rows.absolute(-3), rows.getInt(1), rows.relative(-100), rows.getInt(1));
        }
        connection.commit();
        connection.setAutoCommit(true);
    }

    private static void batches(String more) throws Exception {
        try (Connection connection = Seen.connect(more)) {
            try (Statement clean = connection.createStatement()) {
                clean.execute("TRUNCATE jdbc.kept RESTART IDENTITY");
            }
            connection.setAutoCommit(false);
            try (PreparedStatement statement = connection.prepareStatement("INSERT INTO jdbc.kept (label, amount) VALUES (?, ?)")) {
                for (int row = 0; row < 300; row++) {
                    statement.setString(1, "row " + row);
                    statement.setBigDecimal(2, BigDecimal.valueOf(row, 3));
                    statement.addBatch();
                }
                Seen.show("batch" + more, statement.executeBatch());
                for (String label : new String[] {"new", "row 7", "newer"}) {
                    statement.setString(1, label);
                    statement.setNull(2, Types.NUMERIC);
                    statement.addBatch();
                }
                Savepoint before = connection.setSavepoint("before it");
                Seen.fails("one of a batch", statement::executeBatch);
                connection.rollback(before);
            }
            try (PreparedStatement statement = connection.prepareStatement("INSERT INTO jdbc.kept (label) VALUES (?)", Statement.RETURN_GENERATED_KEYS)) {
                for (int row = 0; row < 20; row++) {
                    statement.setString(1, "keyed " + row);
                    statement.addBatch();
                }
                Seen.show("keyed", statement.executeBatch());
                ResultSet keys = statement.getGeneratedKeys();
                int count = 0;
                while (keys.next()) {
                    count++;
                }
                Seen.show("keys", count);
            }
            try (Statement statement = connection.createStatement()) {
                statement.addBatch("UPDATE jdbc.kept SET amount = 1 WHERE label LIKE 'row 1%'");
                statement.addBatch("DELETE FROM jdbc.kept WHERE label LIKE 'keyed%'");
                statement.addBatch("CREATE TEMPORARY TABLE passing (id int)");
                Seen.show("mixed", statement.executeBatch());
                Seen.rows("sum", statement.executeQuery("SELECT count(*), sum(amount) FROM jdbc.kept"));
            }
            connection.commit();
        }
    }

    private static void copies(Connection connection) throws Exception {
        CopyManager copies = connection.unwrap(PGConnection.class).getCopyAPI();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Seen.show("copied out", copies.copyOut("COPY (SELECT id, name FROM customers ORDER BY id) TO STDOUT (FORMAT csv, HEADER)", out), out.toByteArray());
        out.reset();
        Seen.show("binary out", copies.copyOut("COPY (SELECT id, note FROM customers ORDER BY id) TO STDOUT (FORMAT binary)", out), out.toByteArray());
        Seen.fails("a bad copy", () -> copies.copyOut("COPY no_such TO STDOUT", new ByteArrayOutputStream()));
        if (Seen.READS) {
            return;
        }
        StringBuilder rows = new StringBuilder();
        for (int row = 0; row < 20_000; row++) {
            rows.append(row).append("\tlabel ").append(row).append("\t0.5\n");
        }
        Seen.show("copied in", copies.copyIn("COPY scratch FROM STDIN", new StringReader(rows.toString())));
        byte[] bad = "1\nno number\n".getBytes(StandardCharsets.UTF_8);
        Seen.fails("a bad line", () -> copies.copyIn("COPY scratch (id) FROM STDIN", new ByteArrayInputStream(bad)));
        CopyIn given = copies.copyIn("COPY scratch FROM STDIN");
        given.writeToCopy("1\n".getBytes(StandardCharsets.UTF_8), 0, 2);
        Seen.fails("given up", given::cancelCopy);
        try (Statement statement = connection.createStatement()) {
            Seen.show("deleted", statement.executeUpdate("DELETE FROM scratch"));
        }
    }

    private static void cancelled(Connection connection) throws Exception {
        try (Statement statement = connection.createStatement()) {
            statement.unwrap(PgStatement.class).setQueryTimeoutMs(300);
            Seen.fails("out of time", () -> statement.executeQuery("SELECT pg_sleep(60)"));
            statement.setQueryTimeout(0);
            Thread other = new Thread(() -> cancelWhenItRuns(connection, statement));
            other.start();
            Seen.fails("cancelled", () -> statement.executeQuery("SELECT pg_sleep(60)"));
            other.join();
            Seen.rows("usable", statement.executeQuery("SELECT 'usable'"));
        }
    }

    private static void cancelWhenItRuns(Connection connection, Statement statement) {
        try (Connection second = Seen.connect(""); PreparedStatement ask = second.prepareStatement("SELECT count(*) FROM pg_stat_activity WHERE pid = ? AND wait_event = 'PgSleep'")) {
            ask.setInt(1, connection.unwrap(PGConnection.class).getBackendPID());
            ResultSet found;
            do {
                found = ask.executeQuery();
                found.next();
            } while (found.getInt(1) == 0);
            statement.cancel();
        } catch (SQLException error) {
            System.out.println("the second connection failed: " + error.getMessage());
        }
    }

    private static void called(Connection connection) throws Exception {
        try (CallableStatement call = connection.prepareCall("{? = call warn_and_add(?, ?)}")) {
            call.registerOutParameter(1, Types.INTEGER);
            call.setInt(2, 40);
            call.setInt(3, 2);
            call.execute();
            Seen.show("called", call.getInt(1), call.getWarnings());
        }
        try (CallableStatement call = connection.prepareCall("{call jdbc.twice(?, ?)}")) {
            call.setInt(1, 21);
            call.registerOutParameter(1, Types.INTEGER);
            call.registerOutParameter(2, Types.VARCHAR);
            call.execute();
            Seen.show("two out", call.getInt(1), call.getString(2));
        }
        connection.setAutoCommit(false);
        try (CallableStatement call = connection.prepareCall("{? = call jdbc.some_rows(?)}")) {
            call.registerOutParameter(1, Types.REF_CURSOR);
            call.setInt(2, 3);
            call.execute();
            Seen.rows("a cursor", call.getObject(1, ResultSet.class));
        }
        connection.commit();
        connection.setAutoCommit(true);
        try (Connection calling = Seen.connect("&escapeSyntaxCallMode=callIfNoReturn"); CallableStatement call = calling.prepareCall("{call jdbc.doubles(?)}")) {
            call.setInt(1, 8);
            call.registerOutParameter(1, Types.INTEGER);
            call.execute();
            Seen.show("a procedure", call.getInt(1));
        }
    }

    private static void notified(Connection connection) throws Exception {
        try (Statement statement = connection.createStatement()) {
            statement.execute("LISTEN \"Bell 4\"");
            statement.execute("SELECT pg_notify('Bell 4', 'rung ' || n) FROM generate_series(1, 4) AS n");
            PGConnection own = connection.unwrap(PGConnection.class);
            int heard = 0;
            while (heard < 4) {
                PGNotification[] notifications = own.getNotifications(10_000);
                for (PGNotification one : notifications) {
                    Seen.show("heard", one.getName(), one.getParameter(), one.getPID() == own.getBackendPID());
                    heard++;
                }
            }
            statement.execute("UNLISTEN *");
        }
    }

    /** A savepoint before each statement, and an error that takes back only its own. */
    private static void saved() throws Exception {
        try (Connection connection = Seen.connect("&autosave=always&cleanupSavepoints=true")) {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                Seen.show("kept", statement.executeUpdate("INSERT INTO scratch (id) VALUES (1)"));
                Seen.fails("taken back", () -> statement.executeUpdate("INSERT INTO scratch (id) VALUES (1 / 0)"));
                Seen.rows("left", statement.executeQuery("SELECT id FROM scratch"));
            }
            connection.rollback();
        }
    }

    private static void failed(Connection connection) throws Exception {
        for (String text : new String[] {"SELECT 1/0", "SELECT no_such", "SELECT 'x'::int", "SELECT * FROM no_such", "SELEC"}) {
            if (Seen.READS && text.equals("SELEC")) {
                // What no server understands: a gateway that enforces says so in words of its own.
                continue;
            }
            try (Statement statement = connection.createStatement()) {
                Seen.fails(text, () -> statement.executeQuery(text));
            }
            try (PreparedStatement statement = connection.prepareStatement(text)) {
                Seen.fails(text + ", prepared", statement::executeQuery);
                Seen.fails(text + ", described", statement::getMetaData);
            }
        }
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            Seen.fails("in a transaction", () -> statement.executeQuery("SELECT 1/0"));
            Seen.fails("behind it", () -> statement.executeQuery("SELECT 1"));
        }
        connection.rollback();
        connection.setAutoCommit(true);
    }

    private static void broke(Connection connection) throws Exception {
        for (String text : new String[] {"INSERT INTO customers VALUES (1, 'x')", "INSERT INTO orders VALUES (0, 999999, 1, '2024-01-01')", "UPDATE orders SET amount = -1"}) {
            try (PreparedStatement statement = connection.prepareStatement(text)) {
                Seen.fails(text, statement::executeUpdate);
            }
        }
    }

    /** What tools ask of the catalog through the driver. */
    private static void described(Connection connection) throws Exception {
        DatabaseMetaData about = connection.getMetaData();
        Seen.rows("schemas", about.getSchemas());
        Seen.rows("catalogs", about.getCatalogs());
        Seen.rows("tables", about.getTables(null, null, "%", new String[] {"TABLE", "VIEW", "SEQUENCE", "TYPE"}));
        Seen.rows("columns", about.getColumns(null, "public", "%", "%"));
        Seen.rows("own columns", about.getColumns(null, "jdbc", "kept", "%"));
        for (String table : new String[] {"customers", "orders"}) {
            Seen.rows("keys of " + table, about.getPrimaryKeys(null, "public", table));
            Seen.rows("from " + table, about.getImportedKeys(null, "public", table));
            Seen.rows("to " + table, about.getExportedKeys(null, "public", table));
            Seen.rows("indexes of " + table, about.getIndexInfo(null, "public", table, false, false));
            Seen.rows("best of " + table, about.getBestRowIdentifier(null, "public", table, DatabaseMetaData.bestRowSession, true));
            Seen.rows("rights of " + table, about.getTablePrivileges(null, "public", table));
        }
        Seen.rows("rights of a column", about.getColumnPrivileges(null, "public", "customers", "name"));
        Seen.rows("functions", about.getFunctions(null, "public", "%"), "SPECIFIC_NAME", "specific_name");
        Seen.rows("function's columns", about.getFunctionColumns(null, "jdbc", "%", "%"), "SPECIFIC_NAME", "specific_name");
        Seen.rows("procedures", about.getProcedures(null, "jdbc", "%"), "SPECIFIC_NAME", "specific_name");
        Seen.rows("types", about.getTypeInfo());
        Seen.rows("own types", about.getUDTs(null, "jdbc", "%", null));
        Seen.rows("table kinds", about.getTableTypes());
        Seen.rows("client's", about.getClientInfoProperties());
        Seen.show("name length", about.getMaxColumnNameLength());
    }

    private static void levels(Connection connection) throws Exception {
        connection.setReadOnly(true);
        connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            Seen.rows("level", statement.executeQuery("SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')"));
        }
        connection.commit();
        connection.setAutoCommit(true);
        connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
        connection.setClientInfo("ApplicationName", "renamed");
        Seen.show("renamed", connection.getClientInfo("ApplicationName"));
        connection.setSchema("public");
        connection.setClientInfo("ApplicationName", "client");
    }

    /** The same few questions in every way the driver can send a query. */
    private static void ways() throws Exception {
        for (String mode : new String[] {"simple", "extended", "extendedForPrepared", "extendedCacheEverything"}) {
            for (String more : new String[] {"", "&binaryTransfer=false", "&prepareThreshold=-1", "&prepareThreshold=1&preparedStatementCacheQueries=2"}) {
                try (Connection connection = Seen.connect("&preferQueryMode=" + mode + more + "&defaultRowFetchSize=2")) {
                    for (int run = 0; run < 3; run++) {
                        try (PreparedStatement statement = connection.prepareStatement("SELECT id, balance, born FROM customers WHERE id < ? AND city = ? ORDER BY id")) {
                            statement.setInt(1, 9);
                            statement.setString(2, "Lima");
                            Seen.rows(mode + more, statement.executeQuery());
                        }
                    }
                    try (PreparedStatement statement = connection.prepareStatement("SELECT ?::date + 1, 1 / ?::int")) {
                        statement.setDate(1, Date.valueOf("2024-02-28"));
                        statement.setInt(2, 0);
                        Seen.fails(mode + more, statement::executeQuery);
                    }
                }
            }
        }
    }

    private static void twoPhases() throws Exception {
        PGXADataSource source = new PGXADataSource();
        source.setUrl(Seen.url("&sslmode=disable"));
        source.setUser(System.getenv("PGUSER"));
        source.setPassword(System.getenv("PGPASSWORD"));
        XAConnection connection = source.getXAConnection();
        XAResource resource = connection.getXAResource();
        for (byte branch = 1; branch <= 2; branch++) {
            Xid xid = new Branch(branch);
            resource.start(xid, XAResource.TMNOFLAGS);
            try (Connection own = connection.getConnection(); Statement statement = own.createStatement()) {
                statement.executeUpdate("INSERT INTO scratch (id) VALUES (" + branch + ")");
            }
            resource.end(xid, XAResource.TMSUCCESS);
            Seen.show("prepared", resource.prepare(xid), resource.recover(XAResource.TMSTARTRSCAN).length);
            if (branch == 1) {
                resource.commit(xid, false);
            } else {
                resource.rollback(xid);
            }
        }
        try (Connection own = connection.getConnection(); Statement statement = own.createStatement()) {
            Seen.rows("two phases", statement.executeQuery("DELETE FROM scratch RETURNING id"));
        }
        connection.close();
    }

    private record Branch(byte number) implements Xid {
        @Override
        public int getFormatId() {
            return 7;
        }

        @Override
        public byte[] getGlobalTransactionId() {
            return new byte[] {1, 2, 3};
        }

        @Override
        public byte[] getBranchQualifier() {
            return new byte[] {number};
        }
    }

    public static void main(String[] arguments) throws Exception {
        try (Connection connection = Seen.connect("")) {
            session(connection);
            if (!Seen.READS) {
                try (Statement statement = connection.createStatement()) {
                    statement.execute(SCHEMA);
                }
            }
            prepared(connection);
            fetched(connection);
            copies(connection);
            cancelled(connection);
            failed(connection);
            described(connection);
            if (!Seen.READS) {
                broke(connection);
                called(connection);
                notified(connection);
            }
            levels(connection);
        }
        ways();
        if (!Seen.READS) {
            for (String more : new String[] {"", "&reWriteBatchedInserts=true", "&preferQueryMode=simple", "&prepareThreshold=1"}) {
                batches(more);
            }
            saved();
            twoPhases();
        }
        Seen.fails("no such database", () -> java.sql.DriverManager.getConnection(Seen.url("&sslmode=disable").replace("/shop?", "/nowhere?"), System.getenv("PGUSER"), System.getenv("PGPASSWORD")));
    }
}
