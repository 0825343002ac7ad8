// Which answers does PostgreSQL's JDBC driver get of large objects, whose functions it calls by number?

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Blob;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import javax.sql.rowset.serial.SerialBlob;
import javax.sql.rowset.serial.SerialClob;
import org.postgresql.PGConnection;
import org.postgresql.largeobject.LargeObject;
import org.postgresql.largeobject.LargeObjectManager;

final class LargeObjects {
    private LargeObjects() {}

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        for (int at = 0; at < count; at++) {
            bytes[at] = (byte) (at * 31 % 251);
        }
        return bytes;
    }

    private static LargeObjectManager manager(Connection connection) throws Exception {
        return connection.unwrap(PGConnection.class).getLargeObjectAPI();
    }

    private static long stored(Connection connection, int id) throws Exception {
        try (Statement statement = connection.createStatement(); ResultSet found = statement.executeQuery("SELECT content FROM objects.files WHERE id = " + id)) {
            found.next();
            return found.getLong(1);
        }
    }

    private static void written(Connection connection) throws Exception {
        try (Statement statement = connection.createStatement()) {
            statement.execute("DROP SCHEMA IF EXISTS objects CASCADE");
            statement.execute("CREATE SCHEMA objects");
            statement.execute("CREATE TABLE objects.files (id int PRIMARY KEY, content oid)");
        }
        long number = manager(connection).createLO(LargeObjectManager.READWRITE);
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO objects.files VALUES (1, ?)")) {
            insert.setLong(1, number);
            insert.executeUpdate();
        }
        LargeObject object = manager(connection).open(number, LargeObjectManager.READWRITE);
        object.write(bytes(300_000));
        Seen.show("written", object.tell(), object.size(), object.tell64(), object.size64());
        object.seek(10, LargeObject.SEEK_SET);
        object.write("in between".getBytes(StandardCharsets.UTF_8), 0, 10);
        object.seek(-5, LargeObject.SEEK_END);
        Seen.show("the end", object.read(100));
        object.truncate(250_000);
        object.truncate64(249_999);
        Seen.show("cut", object.size());
        object.seek64(3_000_000_000L, LargeObject.SEEK_SET);
        object.write(new byte[] {1, 2, 3});
        Seen.show("far", object.size64());
        object.truncate(249_999);
        try (OutputStream out = object.getOutputStream()) {
            object.seek(0, LargeObject.SEEK_END);
            out.write(bytes(5_000));
        }
        connection.commit();
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO objects.files VALUES (?, ?)")) {
            insert.setInt(1, 2);
            insert.setBlob(2, new ByteArrayInputStream(bytes(70_000)));
            insert.executeUpdate();
            insert.setInt(1, 3);
            insert.setBlob(2, new SerialBlob(bytes(9_000)));
            insert.executeUpdate();
            insert.setInt(1, 4);
            insert.setClob(2, new SerialClob("written as text".toCharArray()));
            insert.executeUpdate();
        }
        connection.commit();
        try (Statement statement = connection.createStatement()) {
            ResultSet third = statement.executeQuery("SELECT content FROM objects.files WHERE id = 3");
            third.next();
            Blob blob = third.getBlob(1);
            Seen.show("blob written", blob.setBytes(5, new byte[] {9, 9, 9}), blob.length());
            blob.truncate(8_000);
            blob.free();
        }
        connection.commit();
        long passing = manager(connection).createLO();
        manager(connection).delete(passing);
        Seen.fails("deleted twice", () -> manager(connection).delete(passing));
        connection.rollback();
        Seen.fails("opened for reading", () -> manager(connection).open(number, LargeObjectManager.READ).write(new byte[] {1}));
        Seen.fails("behind it", () -> manager(connection).open(number, LargeObjectManager.READ));
        connection.rollback();
    }

    private static void read(Connection connection) throws Exception {
        LargeObject object = manager(connection).open(stored(connection, 1), LargeObjectManager.READ);
        Seen.show("read", object.read(30), object.tell(), object.size(), object.read(1_000_000));
        object.seek(-7, LargeObject.SEEK_END);
        Seen.show("ahead", object.tell(), object.read(100), object.read(100));
        object.seek64(0, LargeObject.SEEK_SET);
        try (InputStream in = object.getInputStream()) {
            Seen.show("streamed", in.readAllBytes());
        }
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(1);
            ResultSet files = statement.executeQuery("SELECT id, content FROM objects.files ORDER BY id");
            while (files.next()) {
                Blob blob = files.getBlob(2);
                Seen.show("blob", files.getInt(1), blob.length(), blob.getBytes(5, 40), blob.position(new byte[] {9, 9, 9}, 1));
                try (InputStream in = blob.getBinaryStream()) {
                    Seen.show("stream", in.readAllBytes());
                }
                blob.free();
            }
        }
        connection.commit();
        Seen.fails("none", () -> manager(connection).open(990_009L, LargeObjectManager.READ));
        connection.rollback();
        connection.setAutoCommit(true);
        Seen.fails("outside of a transaction", () -> manager(connection).open(990_009L, LargeObjectManager.READ));
        connection.setAutoCommit(false);
    }

    /** What a reader may not do: shows each error, that the transaction is over with it, and that the session is not. */
    private static void refused(Connection connection) throws Exception {
        long number = stored(connection, 1);
        Seen.Act[] acts = {
            () -> manager(connection).createLO(),
            () -> manager(connection).open(number, LargeObjectManager.READWRITE).write("overwritten".getBytes(StandardCharsets.UTF_8)),
            () -> manager(connection).open(number, LargeObjectManager.READWRITE).truncate(1),
            () -> manager(connection).delete(number),
            () -> connection.prepareStatement("SELECT ?").setBlob(1, new ByteArrayInputStream(new byte[] {1})),
        };
        String[] titles = {"create", "write", "truncate", "delete", "a blob"};
        for (int at = 0; at < acts.length; at++) {
            connection.rollback();
            // In the place of what is refused stands one error: what was asked before it is answered.
            Seen.show("before", manager(connection).open(number, LargeObjectManager.READ).read(5));
            Seen.fails(titles[at], acts[at]);
            Seen.fails("behind it", () -> stored(connection, 1));
            connection.rollback();
            Seen.show("goes on", manager(connection).open(number, LargeObjectManager.READ).read(5), connection.isValid(5));
        }
        connection.rollback();
    }

    public static void main(String[] arguments) throws Exception {
        try (Connection connection = Seen.connect("")) {
            connection.setAutoCommit(false);
            switch (String.valueOf(System.getenv("CLIENT_MODE"))) {
                case "refused" -> refused(connection);
                case "reads" -> read(connection);
                default -> {
                    written(connection);
                    read(connection);
                }
            }
        }
    }
}
