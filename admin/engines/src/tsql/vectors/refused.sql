-- # `words of the reason => text`, one to a line.
there is no statement => 
there is no statement => -- nothing
there is no statement => /* nothing */
changes data => INSERT INTO t VALUES (1)
changes data => UPDATE t SET a = 1
changes data => DELETE FROM t
changes data => MERGE t USING u ON t.id = u.id WHEN MATCHED THEN DELETE;
changes data => TRUNCATE TABLE t
changes data => SELECT 1 DELETE t
changes data => SELECT 1 DELETE FROM t
changes data => SELECT a FROM t UPDATE t SET a = 1
changes data => SELECT a FROM t INSERT u SELECT 1
changes data => SELECT 1; DELETE FROM t
changes data => WITH a AS (SELECT 1 AS x) DELETE FROM a
changes data => WITH a AS (SELECT 1 AS x) UPDATE a SET x = 2
changes data => WITH a AS (DELETE FROM t OUTPUT deleted.*) SELECT * FROM a
changes data => SELECT * FROM (DELETE FROM t OUTPUT deleted.id) d
changes data => SELECT * FROM (MERGE t USING u ON 1 = 1 WHEN MATCHED THEN DELETE OUTPUT deleted.id) AS x
changes data => SELECT 1 /* x */ UPDATE/**/t SET a = 1
changes data => SELECT 1 -- x\nDELETE FROM t
changes data => SELECT 1 WRITETEXT t.c @p 'x'
makes a table => SELECT * INTO copy FROM t
makes a table => SELECT 1 AS a INTO #t
makes a table => SELECT a, b INTO dbo.c FROM t WHERE 1 = 0
makes a table => WITH a AS (SELECT 1 AS x) SELECT x INTO c FROM a
procedures are not called => EXEC sp_who
procedures are not called => EXECUTE dbo.p @a = 1
procedures are not called => SELECT 1 EXEC x
procedures are not called => SELECT 1 AS a EXEC('DELETE FROM t')
procedures are not called => SELECT * FROM t WHERE a = 1 EXEC sp_executesql N'DROP TABLE t'
procedures are not called => SELECT 1; EXEC xp_cmdshell 'dir'
begins with something else => sp_who
begins with something else => xp_cmdshell 'dir'
begins with something else => [sp_who]
begins with something else => dbo.p 1, 2
not known outside of quotes => SELECT KILL
not known outside of quotes => SELECT 1 DELETE FROM t
not known outside of quotes => SELECT ſet
reads from elsewhere => SELECT * FROM OPENROWSET(BULK N'/etc/passwd', SINGLE_CLOB) AS x
reads from elsewhere => SELECT * FROM OPENQUERY(other, 'DELETE FROM t')
reads from elsewhere => SELECT * FROM OPENDATASOURCE('SQLNCLI', 'Server=x').db.dbo.t
reads from elsewhere => SELECT * FROM OPENXML(1, '/a')
leads to another server => SELECT * FROM other.db.dbo.t
leads to another server => SELECT * FROM other...t
leads to another server => SELECT * FROM a JOIN [other].[db]..[t] ON 1 = 1
that somebody has made => SELECT dbo.f(1)
that somebody has made => SELECT [f](1)
that somebody has made => SELECT * FROM dbo.f(1) AS x
that somebody has made => SELECT * FROM t CROSS APPLY sys.dm_exec_sql_text(t.handle)
that somebody has made => SELECT * FROM sys.fn_dblog(NULL, NULL)
that somebody has made => SELECT x.value('.', 'int') FROM t
that somebody has made => SELECT doc.nodes('/a') FROM t
that somebody has made => SELECT "dbo"."f" (1)
is not among those => SELECT f(1)
is not among those => SELECT fn_get_audit_file('x', NULL, NULL)
is not among those => SELECT * FROM fn_trace_gettable('x', 1)
is not among those => SELECT * FROM t WHERE a = user_function(b)
is not among those => SELECT ENCRYPTBYPASSPHRASE('a', 'b')
is not among those => SELECT PWDENCRYPT('x')
is not among those => SELECT AI_GENERATE_EMBEDDINGS('x' USE MODEL m)
is not among those => SELECT * FROM t (NOLOCK)
is not among those => SELECT * FROM t (TABLOCKX)
moves a sequence on => SELECT NEXT VALUE FOR dbo.s
moves a sequence on => SELECT a, NEXT VALUE FOR s OVER (ORDER BY a) FROM t
moves a sequence on => SELECT * FROM t WHERE id = (SELECT NEXT /* x */ VALUE FOR s)
holds a session up => WAITFOR DELAY '00:00:10'
holds a session up => SELECT 1 WAITFOR DELAY '00:00:10'
holds a session up => SELECT 1; WAITFOR TIME '10:00'
changes the session => SET NOCOUNT ON
changes the session => SELECT 1 SET IDENTITY_INSERT t ON
changes the session => USE master
changes the session => SELECT 1 USE master
changes the session => DECLARE @a int = 1
changes the session => DECLARE @a int; SELECT @a
changes the session => SELECT 1 REVERT
changes what is there => CREATE TABLE t (a int)
changes what is there => ALTER TABLE t ADD b int
changes what is there => SELECT 1 DROP TABLE t
changes what is there => SELECT 1 DISABLE TRIGGER x ON t
changes who may do what => GRANT SELECT ON t TO public
changes who may do what => SELECT 1 DENY SELECT ON t TO x
transaction => BEGIN TRANSACTION
transaction => SELECT 1 COMMIT
transaction => SELECT 1; ROLLBACK
transaction => SELECT 1 SAVE TRANSACTION x
whoever runs the server => DBCC CHECKDB
whoever runs the server => SELECT 1 SHUTDOWN
whoever runs the server => SELECT 1 KILL 52
whoever runs the server => BACKUP DATABASE x TO DISK = 'y'
whoever runs the server => SELECT 1 CHECKPOINT
whoever runs the server => BULK INSERT t FROM 'x'
GO is a word => SELECT 1 GO
GO is a word => SELECT 1\nGO\nDELETE FROM t
GO is a word => SELECT a FROM t\nGO
one statement is run at a time => SELECT 1 SELECT 2
one statement is run at a time => SELECT 1; SELECT 2
one statement is run at a time => SELECT 1 WITH a AS (SELECT 1) SELECT 2
one statement is run at a time => SELECT a FROM t SELECT b FROM u
holds locks => SELECT * FROM t WITH (TABLOCKX)
holds locks => SELECT * FROM t WITH (XLOCK, NOLOCK)
holds locks => SELECT * FROM t WITH (UPDLOCK)
holds locks => SELECT * FROM t WITH (NOLOCK, HOLDLOCK)
holds locks => SELECT * FROM t AS a WITH (ROWLOCK)
holds locks => SELECT * FROM t WITH (SERIALIZABLE)
not known to only read => SELECT * FROM t WITH (SOMETHING)
FOR is followed by => SELECT * FROM t FOR UPDATE
FOR is followed by => SELECT * FROM t FOR UPDATE OF a
FOR is followed by => SELECT * FROM t FOR BROWSE
not known to be harmless => SELECT 1 OPTION (QUERYTRACEON 9481)
not known to be harmless => SELECT 1 OPTION (USE HINT('x'))
not known to be harmless => SELECT 1 OPTION (MAXDOP)
no variables here => SELECT @a
no variables here => SELECT * FROM t WHERE a = @Px
sets no variable => SELECT @P1 = 2
sets no variable => SELECT @a = a FROM t
sets no variable => SELECT @a += a FROM t
may be asked of the server => SELECT @@DBTS_OF_OURS
no place behind a query => SELECT 1 RECEIVE * FROM q
no place behind a query => SELECT 1 SEND ON CONVERSATION x
no place behind a query => SELECT 1 THROW
no place behind a query => SELECT 1 a b
no place behind a query => SELECT 1)
a value is missing => SELECT
a value is missing => SELECT 1 +
a value is missing => SELECT a FROM t WHERE
is missing here => SELECT (1
is missing here => SELECT a FROM t JOIN u
is missing here => SELECT a FROM
is missing here => SELECT CASE WHEN 1 = 1 THEN 2
none of the server's own types => SELECT CAST(a AS dbo.money_of_ours) FROM t
none of the server's own types => SELECT CAST(a AS ours) FROM t
has no end => SELECT 'abc
has no end => SELECT [abc
has no end => SELECT "abc
has no end => SELECT 1 /* abc
has no end => SELECT 1 /* /* */ DELETE FROM t
could end it => SELECT 1 -- x\rDELETE FROM t
not known outside of quotes => SELECT 1 ` 2
not known outside of quotes => SELECT $action
not known outside of quotes => SELECT 1 :: x
not known outside of quotes => SELECT a: DELETE FROM t
not known outside of quotes => SELECT 1 \ DELETE
not known outside of quotes => SELECT ＤＥＬＥＴＥ
not known outside of quotes => SELECT 1 ＥＸＥＣ x
not known outside of quotes => SELECT 1 FROM t WHERE a = ‘x’
runs into => SELECT 1DELETE FROM t
runs into => SELECT 1FROM t
runs into => SELECT 0xDELETE
runs into => SELECT 1..2
has no place here => SELECT * FROM t PIVOT (SUM(a) FOR b IN ([x])) AS p
has no place here => SELECT * FROM t TABLESAMPLE (10 PERCENT)
has no place here => SELECT 1 PRINT 'x'
has no place here => SELECT 1 RAISERROR('x', 16, 1)
has no place here => SELECT 1 IF 1 = 1 SELECT 2
has no place here => SELECT 1 WHILE 1 = 1 SELECT 2
has no place here => SELECT 1 GOTO x
has no place here => IF 1 = 1 SELECT 1
has no place here => PRINT 'x'
has no place here => WHILE 1 = 1 SELECT 1
has no place here => SELECT 1 OPEN c
has no place here => SELECT 1 FETCH NEXT FROM c
has no place here => SELECT 1 READTEXT t.c @p 0 1
