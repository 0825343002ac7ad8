// Which answers does pgx (version 4) get? Prints everything a program could see, in order.
package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sort"
	"sync"
	"time"

	"github.com/jackc/pgconn"
	"github.com/jackc/pgx/v4"
	"github.com/jackc/pgx/v4/pgxpool"
	_ "github.com/jackc/pgx/v4/stdlib"
)

// Only what reads.
var reads = os.Getenv("CLIENT_MODE") == "reads"

const schema = `DROP SCHEMA IF EXISTS pgx CASCADE;
CREATE SCHEMA pgx;
CREATE TYPE pgx.mood AS ENUM ('low', 'high');
CREATE TABLE pgx.kept (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, label text UNIQUE, mood pgx.mood, amount float8, tags text[], born date);
CREATE TABLE pgx.objects (id int PRIMARY KEY, content oid)`

func show(title string, values ...any) {
	fmt.Print(title)
	for _, value := range values {
		fmt.Printf(" | %v", value)
	}
	fmt.Println()
}

// must ends the program: the script itself is wrong, or the connection is.
func must(err error) {
	if err != nil {
		fmt.Println("unexpected:", err)
		panic(err)
	}
}

// told shows every field of an error of the server.
func told(title string, err error) {
	var server *pgconn.PgError
	if errors.As(err, &server) {
		show(title, fmt.Sprintf("%+v", *server))
	} else if err != nil {
		show(title, "an error of the client", fmt.Sprintf("%T", err), pgconn.Timeout(err))
	} else {
		show(title, "no error")
	}
}

func all(rows pgx.Rows, err error) string {
	if err != nil {
		told("query", err)
		return "none"
	}
	defer rows.Close()
	seen := &bytes.Buffer{}
	for _, column := range rows.FieldDescriptions() {
		fmt.Fprintf(seen, "%s:%d:%d ", column.Name, column.DataTypeSize, column.Format)
	}
	for rows.Next() {
		values, err := rows.Values()
		must(err)
		fmt.Fprintf(seen, "%v ", values)
	}
	if rows.Err() != nil {
		told("rows", rows.Err())
	}
	fmt.Fprintf(seen, "%s", rows.CommandTag())
	return seen.String()
}

func session(conn *pgx.Conn) {
	for _, name := range []string{"server_version", "client_encoding", "application_name", "default_transaction_read_only", "is_superuser", "session_authorization", "DateStyle", "TimeZone", "standard_conforming_strings"} {
		show("parameter", name, conn.PgConn().ParameterStatus(name))
	}
	show("session", conn.PgConn().TxStatus(), conn.IsClosed(), conn.PgConn().PID() != 0)
}

func queried(ctx context.Context, conn *pgx.Conn) {
	for run := 1; run <= 4; run++ {
		show("by a cached statement", all(conn.Query(ctx, "SELECT id, name, city, born, balance, note FROM customers WHERE id = $1", run)))
	}
	show("simple", all(conn.Query(ctx, "SELECT id, name, born FROM customers WHERE id = $1", pgx.QuerySimpleProtocol(true), 3)))
	show("text", all(conn.Query(ctx, "SELECT id, note FROM customers WHERE id = $1", pgx.QueryResultFormats{pgx.TextFormatCode}, 3)))
	show("kinds", all(conn.Query(ctx, "SELECT $1::int8, $2::text, $3::bytea, $4::float8, $5::timestamptz, $6::int4[], NULL::date, true, '10.0.0.0/8'::cidr, '{\"a\": 1}'::jsonb, '3 days'::interval",
		int64(5), "naïve ✓", []byte{0, 255}, 1.5, time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC), []int32{1, 2})))
	statement, err := conn.Prepare(ctx, "named", "SELECT $1::int + n FROM generate_series(1, 3) AS n")
	must(err)
	show("prepared", statement.Name, statement.ParamOIDs, len(statement.Fields), all(conn.Query(ctx, "named", 10)))
	must(conn.Deallocate(ctx, "named"))
	var sum int
	_, err = conn.QueryFunc(ctx, "SELECT n FROM generate_series(1, 500) AS n", nil, []any{&sum}, func(pgx.QueryFuncRow) error { return nil })
	must(err)
	show("each", sum)
	tags, err := conn.PgConn().Exec(ctx, "SELECT 1 AS a; SELECT 2 AS b, 3 AS c; SELECT WHERE false").ReadAll()
	must(err)
	for _, result := range tags {
		show("of several", string(result.CommandTag), len(result.Rows), len(result.FieldDescriptions))
	}
}

func batches(ctx context.Context, conn *pgx.Conn) {
	batch := &pgx.Batch{}
	for n := 1; n <= 200; n++ {
		batch.Queue("SELECT name, $2::int FROM customers WHERE id = $1", n, n)
	}
	batch.Queue("SELECT 1 / ($1::int - 1)", 1)
	batch.Queue("SELECT 'never'")
	results := conn.SendBatch(ctx, batch)
	sum := 0
	for n := 1; n <= 200; n++ {
		var name string
		var number int
		must(results.QueryRow().Scan(&name, &number))
		sum += number + len(name)
	}
	show("batch", sum)
	_, err := results.Exec()
	told("in a batch", err)
	_, err = results.Exec()
	told("behind it", err)
	told("closed", results.Close())
	show("usable", all(conn.Query(ctx, "SELECT 42")))
}

func transactions(ctx context.Context, conn *pgx.Conn) {
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	must(err)
	show("level", all(tx.Query(ctx, "SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')")))
	nested, err := tx.Begin(ctx)
	must(err)
	_, err = nested.Exec(ctx, "SELECT 1/0")
	told("in a savepoint", err)
	must(nested.Rollback(ctx))
	_, err = tx.Exec(ctx, "DECLARE pages CURSOR FOR SELECT id FROM customers ORDER BY id")
	must(err)
	show("page", all(tx.Query(ctx, "FETCH 3 FROM pages")), all(tx.Query(ctx, "FETCH 2 FROM pages")))
	must(tx.Commit(ctx))
}

func copies(ctx context.Context, conn *pgx.Conn) {
	out := &bytes.Buffer{}
	tag, err := conn.PgConn().CopyTo(ctx, out, "COPY (SELECT id, name FROM customers ORDER BY id) TO STDOUT")
	must(err)
	show("copied out", string(tag), out.Len(), out.String()[:60])
	_, err = conn.PgConn().CopyTo(ctx, out, "COPY no_such TO STDOUT")
	told("a bad copy", err)
	if reads {
		return
	}
	rows := make([][]any, 3000)
	for n := range rows {
		rows[n] = []any{n, fmt.Sprintf("label %d", n), float64(n) / 8}
	}
	count, err := conn.CopyFrom(ctx, pgx.Identifier{"scratch"}, []string{"id", "label", "amount"}, pgx.CopyFromRows(rows))
	must(err)
	show("copied in", count)
	_, err = conn.CopyFrom(ctx, pgx.Identifier{"pgx", "kept"}, []string{"label"}, pgx.CopyFromRows([][]any{{"one"}, {"one"}}))
	told("twice", err)
	_, err = conn.CopyFrom(ctx, pgx.Identifier{"scratch"}, []string{"id"}, pgx.CopyFromSlice(3, func(n int) ([]any, error) {
		if n == 2 {
			return nil, errors.New("given up")
		}
		return []any{n}, nil
	}))
	told("given up", err)
	_, err = conn.PgConn().CopyFrom(ctx, bytes.NewBufferString("1\nno number\n"), "COPY scratch (id) FROM STDIN")
	told("a bad line", err)
	show("deleted", all(conn.Query(ctx, "WITH gone AS (DELETE FROM scratch RETURNING id) SELECT count(*), sum(id) FROM gone")))
}

func writes(ctx context.Context, conn *pgx.Conn) {
	tx, err := conn.Begin(ctx)
	must(err)
	for n := 0; n < 20; n++ {
		_, err = tx.Exec(ctx, "INSERT INTO pgx.kept (label, mood, tags, born) VALUES ($1, $2, $3, $4)", fmt.Sprint("row ", n), "low", []string{"a", "b"}, time.Date(2024, 1, 1+n, 0, 0, 0, 0, time.UTC))
		must(err)
	}
	must(tx.Commit(ctx))
	_, err = conn.Exec(ctx, "INSERT INTO pgx.kept (label) VALUES ($1)", "row 3")
	told("twice", err)
	_, err = conn.Exec(ctx, "INSERT INTO orders VALUES (0, 999999, 1, now())")
	told("nobody's", err)
	objects(ctx, conn)
	_, err = conn.Exec(ctx, `LISTEN "Bell 5"`)
	must(err)
	_, err = conn.Exec(ctx, `SELECT pg_notify('Bell 5', 'rung ' || n) FROM generate_series(1, 3) AS n`)
	must(err)
	for n := 0; n < 3; n++ {
		heard, err := conn.WaitForNotification(ctx)
		must(err)
		show("heard", heard.Channel, heard.Payload, heard.PID == conn.PgConn().PID())
	}
}

func objects(ctx context.Context, conn *pgx.Conn) {
	tx, err := conn.Begin(ctx)
	must(err)
	large := tx.LargeObjects()
	number, err := large.Create(ctx, 0)
	must(err)
	_, err = tx.Exec(ctx, "INSERT INTO pgx.objects VALUES (1, $1)", number)
	must(err)
	object, err := large.Open(ctx, number, pgx.LargeObjectModeRead|pgx.LargeObjectModeWrite)
	must(err)
	_, err = object.Write(bytes.Repeat([]byte("pgx!"), 5000))
	must(err)
	must(object.Truncate(19_999))
	must(object.Close())
	must(tx.Commit(ctx))
}

func objectsRead(ctx context.Context, conn *pgx.Conn) {
	tx, err := conn.Begin(ctx)
	must(err)
	var number uint32
	must(tx.QueryRow(ctx, "SELECT content FROM pgx.objects").Scan(&number))
	large := tx.LargeObjects()
	object, err := large.Open(ctx, number, pgx.LargeObjectModeRead)
	must(err)
	read := make([]byte, 16)
	count, err := object.Read(read)
	must(err)
	at, err := object.Seek(-3, 2)
	must(err)
	show("object", count, string(read), at)
	_, err = large.Open(ctx, 990_009, pgx.LargeObjectModeRead)
	told("no such object", err)
	must(tx.Rollback(ctx))
}

func failed(ctx context.Context, conn *pgx.Conn) {
	for _, text := range []string{"SELECT 1/0", "SELECT no_such", "SELECT 'x'::int", "SELECT * FROM no_such", "SELEC"} {
		if reads && text == "SELEC" {
			// What no server understands: a gateway that enforces says so in words of its own.
			continue
		}
		_, err := conn.Exec(ctx, text)
		told(text, err)
		_, err = conn.Prepare(ctx, "bad", text)
		told(text+", prepared", err)
	}
	_, err := conn.Exec(ctx, "SELECT $1::int", "no number")
	told("a wrong value", err)
	show("usable", all(conn.Query(ctx, "SELECT 'usable'")))
}

// cancelled asks the server to cancel, and lets a time run out, which ends the connection.
func cancelled(ctx context.Context) {
	conn, err := pgx.Connect(ctx, "")
	must(err)
	asked := make(chan error, 1)
	go func() {
		other, err := pgx.Connect(ctx, "")
		must(err)
		defer other.Close(ctx)
		for count := 0; count == 0; {
			must(other.QueryRow(ctx, "SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'PgSleep'", int32(conn.PgConn().PID())).Scan(&count))
		}
		asked <- conn.PgConn().CancelRequest(ctx)
	}()
	_, err = conn.Exec(ctx, "SELECT pg_sleep(60)")
	told("cancelled", err)
	<-asked
	show("usable", all(conn.Query(ctx, "SELECT 'usable'")))
	short, end := context.WithTimeout(ctx, 300*time.Millisecond)
	defer end()
	_, err = conn.Exec(short, "SELECT pg_sleep(60)")
	told("out of time", err)
	show("closed", conn.IsClosed())
}

func pooled(ctx context.Context) {
	config, err := pgxpool.ParseConfig("pool_max_conns=4")
	must(err)
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "SET statement_timeout = '30s'")
		return err
	}
	pool, err := pgxpool.ConnectConfig(ctx, config)
	must(err)
	defer pool.Close()
	var wait sync.WaitGroup
	answers := make([]int, 40)
	for n := range answers {
		wait.Add(1)
		go func(n int) {
			defer wait.Done()
			must(pool.QueryRow(ctx, "SELECT $1::int * 2", n).Scan(&answers[n]))
		}(n)
	}
	wait.Wait()
	sort.Ints(answers)
	show("pool", answers, pool.Stat().MaxConns(), pool.Ping(ctx))
}

// standard is database/sql over pgx.
func standard(ctx context.Context) {
	db, err := sql.Open("pgx", "")
	must(err)
	defer db.Close()
	must(db.PingContext(ctx))
	rows, err := db.QueryContext(ctx, "SELECT id, name, born, balance, city FROM customers WHERE id < $1 ORDER BY id", 4)
	must(err)
	for rows.Next() {
		var id int
		var name, balance string
		var born time.Time
		var city sql.NullString
		must(rows.Scan(&id, &name, &born, &balance, &city))
		show("standard", id, name, born, balance, city)
	}
	must(rows.Err())
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelSerializable})
	must(err)
	var level string
	must(tx.QueryRow("SHOW transaction_isolation").Scan(&level))
	_, err = tx.Exec("SELECT 1/0")
	told("standard", err)
	must(tx.Rollback())
	show("standard", level)
}

func main() {
	ctx, end := context.WithTimeout(context.Background(), 20*time.Second)
	defer end()
	conn, err := pgx.Connect(ctx, "")
	must(err)
	session(conn)
	if !reads {
		_, err = conn.PgConn().Exec(ctx, schema).ReadAll()
		must(err)
	}
	queried(ctx, conn)
	batches(ctx, conn)
	transactions(ctx, conn)
	copies(ctx, conn)
	if !reads {
		writes(ctx, conn)
	}
	objectsRead(ctx, conn)
	failed(ctx, conn)
	must(conn.Close(ctx))
	cancelled(ctx)
	pooled(ctx)
	standard(ctx)
	_, err = pgx.Connect(ctx, "dbname=nowhere")
	told("no such database", err)
}
