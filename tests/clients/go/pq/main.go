// Which answers does lib/pq get, by database/sql? Prints everything a program could see, in order.
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/lib/pq"
)

// Only what reads.
var reads = os.Getenv("CLIENT_MODE") == "reads"

func show(title string, values ...any) {
	fmt.Print(title)
	for _, value := range values {
		fmt.Printf(" | %v", value)
	}
	fmt.Println()
}

func must(err error) {
	if err != nil {
		fmt.Println("unexpected:", err)
		panic(err)
	}
}

func told(title string, err error) {
	var server *pq.Error
	if errors.As(err, &server) {
		show(title, fmt.Sprintf("%+v", *server))
	} else {
		show(title, "no error of the server", err == nil)
	}
}

func all(rows *sql.Rows, err error) {
	if err != nil {
		told("query", err)
		return
	}
	defer rows.Close()
	for {
		columns, err := rows.ColumnTypes()
		must(err)
		for _, column := range columns {
			size, has := column.Length()
			show("column", column.Name(), column.DatabaseTypeName(), size, has, column.ScanType())
		}
		for rows.Next() {
			values := make([]any, len(columns))
			places := make([]any, len(columns))
			for at := range values {
				places[at] = &values[at]
			}
			must(rows.Scan(places...))
			show("row", values...)
		}
		if rows.Err() != nil {
			told("rows", rows.Err())
		}
		if !rows.NextResultSet() {
			return
		}
	}
}

func queried(db *sql.DB) {
	all(db.Query("SELECT * FROM customers WHERE id < 5 ORDER BY id"))
	all(db.Query("SELECT 1 AS a; SELECT 2 AS b, 'x' AS c"))
	statement, err := db.Prepare("SELECT name, $2::text, $3::bytea, $4::timestamptz FROM customers WHERE id = ANY ($1) ORDER BY id")
	must(err)
	for run := 1; run < 4; run++ {
		all(statement.Query(pq.Array([]int{run, run + 100}), "naïve ✓", []byte{0, 255}, time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)))
	}
	must(statement.Close())
	for _, text := range []string{"SELECT 1/0", "SELECT no_such", "SELECT * FROM no_such", "SELEC"} {
		if reads && text == "SELEC" {
			// What no server understands: a gateway that enforces says so in words of its own.
			continue
		}
		_, err := db.Exec(text)
		told(text, err)
		_, err = db.Prepare(text)
		told(text+", prepared", err)
	}
	short, end := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer end()
	_, err = db.ExecContext(short, "SELECT pg_sleep(60)")
	told("out of time", err)
	tx, err := db.BeginTx(context.Background(), &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
	must(err)
	all(tx.Query("SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')"))
	must(tx.Rollback())
}

func writes(db *sql.DB, address string) {
	tx, err := db.Begin()
	must(err)
	statement, err := tx.Prepare(pq.CopyIn("scratch", "id", "label", "amount"))
	must(err)
	for n := 0; n < 2000; n++ {
		_, err = statement.Exec(n, fmt.Sprint("label ", n), float64(n)/4)
		must(err)
	}
	_, err = statement.Exec()
	must(err)
	must(statement.Close())
	all(tx.Query("SELECT count(*), sum(id), sum(amount) FROM scratch"))
	must(tx.Rollback())
	_, err = db.Exec("INSERT INTO customers VALUES (1, 'x')")
	told("twice", err)
	listener := pq.NewListener(address, time.Second, time.Second, nil)
	must(listener.Listen("bell_6"))
	_, err = db.Exec("SELECT pg_notify('bell_6', 'rung ' || n) FROM generate_series(1, 3) AS n")
	must(err)
	for n := 0; n < 3; {
		if heard := <-listener.Notify; heard != nil {
			show("heard", heard.Channel, heard.Extra)
			n++
		}
	}
	must(listener.Ping())
	must(listener.Close())
}

func main() {
	for _, more := range []string{"", "binary_parameters=yes"} {
		address := "sslmode=disable connect_timeout=10 " + more
		db, err := sql.Open("postgres", address)
		must(err)
		db.SetMaxOpenConns(2)
		must(db.Ping())
		queried(db)
		if !reads {
			writes(db, address)
		}
		must(db.Close())
	}
}
