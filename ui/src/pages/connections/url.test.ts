// Does a pasted URL fill the right fields?

import { expect, test } from "vitest";
import { fromUrl } from "./url";

test("a URL of PostgreSQL fills server, login, database and TLS", () => {
  expect(fromUrl(" postgres://app:s%40crt@db.example.com:6432/shop?sslmode=verify-full\n")).toEqual({
    engine: "postgres",
    way: "direct",
    host: "db.example.com",
    port: "6432",
    user: "app",
    password: "s@crt",
    database: "shop",
    tls: "verify-full",
  });
});

test("what a URL leaves out stays empty, and its TLS as it was", () => {
  expect(fromUrl("postgresql://db/shop")).toEqual({ engine: "postgres", way: "direct", host: "db", port: "", user: "", password: "", database: "shop" });
});

test("an IPv6 address loses its brackets", () => {
  expect(fromUrl("mysql://root@[2001:db8::1]:3307/")?.host).toBe("2001:db8::1");
});

test("MariaDB, JDBC and MySQL's words for TLS are known", () => {
  expect(fromUrl("mariadb://u@h/d")?.engine).toBe("mariadb");
  expect(fromUrl("jdbc:mysql://h:3306/d?user=u&password=p&sslMode=VERIFY_IDENTITY")).toMatchObject({ engine: "mysql", user: "u", password: "p", tls: "verify-full" });
});

test("a password with a lone percent sign is taken as it is", () => {
  expect(fromUrl("postgres://u:100%@h/d")?.password).toBe("100%");
});

test("SQL Server has two schemes", () => {
  expect(fromUrl("sqlserver://reader:pw@db:1433/shop")).toMatchObject({ engine: "sqlserver", host: "db", port: "1433", user: "reader", password: "pw", database: "shop" });
  expect(fromUrl("mssql://u@h/d")?.engine).toBe("sqlserver");
});

test("a SQLite file is a path below the folder", () => {
  expect(fromUrl("sqlite:///reports/sales.db")).toEqual({ engine: "sqlite", way: "direct", file: "reports/sales.db" });
  expect(fromUrl("sqlite:sales.db")?.file).toBe("sales.db");
});

test("anything else is no URL of a database", () => {
  expect(fromUrl("https://example.com")).toBeUndefined();
  expect(fromUrl("db.example.com")).toBeUndefined();
});
