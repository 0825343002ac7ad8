// Which answers does MariaDB Connector/J get? Prints everything a program could see, in order.

import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.Arrays;

final class TransparencyConnectorJ {
    private interface Act {
        void run() throws SQLException;
    }

    private static void show(String title, Object... values) {
        StringBuilder line = new StringBuilder(title);
        for (Object value : values) {
            String shown = value instanceof byte[] bytes ? Arrays.toString(bytes) : String.valueOf(value);
            line.append(" | ").append(shown);
        }
        System.out.println(line);
    }

    private static void fails(String title, Act act) {
        try {
            act.run();
            show(title + " passed");
        } catch (SQLException error) {
            // The numbers of connection and port stand in the words, and are others each time.
            String words = error.getMessage().replaceAll("\\(conn=\\d+\\) |\\(port=\\d+\\)", "");
            show(title, error.getErrorCode(), error.getSQLState(), words);
        }
    }

    private static void rows(ResultSet result) throws SQLException {
        ResultSetMetaData columns = result.getMetaData();
        StringBuilder names = new StringBuilder();
        for (int at = 1; at <= columns.getColumnCount(); at++) {
            names.append(columns.getColumnLabel(at)).append(':').append(columns.getColumnTypeName(at));
            names.append(':').append(columns.isNullable(at)).append(' ');
        }
        show("columns", names);
        while (result.next()) {
            Object[] row = new Object[columns.getColumnCount()];
            for (int at = 0; at < row.length; at++) {
                row[at] = result.getObject(at + 1);
            }
            show("row", row);
        }
    }

    private static Connection connect(String more) throws SQLException {
        String port = System.getenv("MYSQL_PORT");
        String password = System.getenv("MYSQL_PASSWORD");
        return DriverManager.getConnection("jdbc:mariadb://127.0.0.1:" + port + "/shop?user=app&password=" + password + more);
    }

    private static void all(Statement statement, boolean isResult) throws SQLException {
        while (isResult || statement.getUpdateCount() != -1) {
            if (isResult) {
                rows(statement.getResultSet());
            } else {
                show("count", statement.getUpdateCount());
            }
            isResult = statement.getMoreResults();
        }
    }

    private static void texts(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String text : new String[] {
                "SELECT * FROM customers WHERE id < 6 ORDER BY id", "SELECT 1 AS a; SELECT 2 AS b; DO 1",
                "INSERT INTO scratch (label) VALUES ('one'), ('two')", "CALL three_results()", "SELECT DATABASE(), USER() LIKE 'app@%'"}) {
                all(statement, statement.execute(text));
                show("warnings", statement.getWarnings());
            }
            for (String text : new String[] {"SELEC", "SELECT no_such", "SELECT * FROM no_such", "CALL fails()"}) {
                fails(text, () -> all(statement, statement.execute(text)));
            }
            statement.addBatch("INSERT INTO scratch (label) VALUES ('batch')");
            statement.addBatch("UPDATE customers SET balance = balance WHERE id < 4");
            show("batch", Arrays.toString(statement.executeBatch()));
        }
    }

    private static void prepared(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT id, name, born, balance, ? FROM customers WHERE id = ?")) {
            for (int id = 1; id < 4; id++) {
                statement.setString(1, "naïve ✓");
                statement.setInt(2, id);
                rows(statement.executeQuery());
            }
        }
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO scratch (label, amount) VALUES (?, ?)")) {
            for (int row = 0; row < 50; row++) {
                statement.setString(1, "row " + row);
                statement.setDouble(2, row / 2.0);
                statement.addBatch();
            }
            show("many", statement.executeBatch().length);
        }
        try (CallableStatement call = connection.prepareCall("{CALL doubled(?, ?)}")) {
            call.setInt(1, 21);
            call.registerOutParameter(2, Types.INTEGER);
            call.execute();
            show("doubled", call.getInt(2));
        }
        try (PreparedStatement statement = connection.prepareStatement("SELECT seq FROM seq_1_to_2500")) {
            statement.setFetchSize(100);
            ResultSet result = statement.executeQuery();
            long sum = 0;
            while (result.next()) {
                sum += result.getLong(1);
            }
            show("fetched", sum);
        }
    }

    private static void transactions(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            show("written", statement.executeUpdate("INSERT INTO scratch (label) VALUES ('undone')"));
            connection.rollback();
            rows(statement.executeQuery("SELECT COUNT(*) FROM scratch WHERE label = 'undone'"));
        }
        connection.setAutoCommit(true);
        connection.setReadOnly(true);
        connection.setReadOnly(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
        show("isolation", connection.getTransactionIsolation());
        show("valid", connection.isValid(5));
    }

    private static void metadata(Connection connection) throws SQLException {
        DatabaseMetaData data = connection.getMetaData();
        show("server", data.getDatabaseProductName(), data.getDatabaseProductVersion());
        rows(data.getTables("shop", null, "%", new String[] {"TABLE"}));
        rows(data.getColumns("shop", null, "customers", "%"));
        rows(data.getPrimaryKeys("shop", null, "customers"));
        rows(data.getTypeInfo());
        rows(data.getProcedures("shop", null, "%"));
    }

    private static void everything(String more) throws SQLException {
        show("--- " + more);
        try (Connection connection = connect(more)) {
            texts(connection);
            prepared(connection);
            transactions(connection);
            metadata(connection);
            connection.setCatalog("other");
            show("catalog", connection.getCatalog());
            try (Statement statement = connection.createStatement()) {
                statement.setQueryTimeout(1);
                fails("timeout", () -> rows(statement.executeQuery("SELECT SLEEP(5)")));
                statement.execute("TRUNCATE shop.scratch");
            }
        }
    }

    public static void main(String[] arguments) throws SQLException {
        everything("&allowMultiQueries=true");
        everything("&allowMultiQueries=true&useServerPrepStmts=true");
        everything("&allowMultiQueries=true&rewriteBatchedStatements=true&useCompression=true");
        fails("wrong password", () -> connect("&password=wrong").close());
    }
}
