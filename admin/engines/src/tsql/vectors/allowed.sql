-- # One query to a line that has to pass.
SELECT 1
select 1;
;SELECT 1;;
SELECT 1 AS one, N'two' AS [two], "three" = 3
SELECT * FROM dbo.orders
SELECT o.*, c.name FROM dbo.orders AS o JOIN dbo.customers c ON c.id = o.customer_id
SELECT TOP (10) * FROM sales.orders ORDER BY placed_at DESC
SELECT TOP 10 PERCENT WITH TIES name FROM t ORDER BY name
SELECT DISTINCT a, b FROM t WHERE a IN (1, 2, 3) AND NOT b IS NULL
SELECT a FROM t WHERE b LIKE '%x!_%' ESCAPE '!' OR c NOT LIKE N'y%' COLLATE Latin1_General_CI_AS
SELECT a FROM t WHERE b BETWEEN 1 AND 2 AND c NOT BETWEEN -3 AND +4
SELECT COUNT(*), COUNT(DISTINCT a), SUM(b) / NULLIF(COUNT(b), 0) FROM t GROUP BY c HAVING COUNT(*) > 1
SELECT a, ROW_NUMBER() OVER (PARTITION BY b ORDER BY c DESC) AS rn FROM t
SELECT a, SUM(b) OVER (ORDER BY c ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM t
SELECT LAG(a, 1, 0) OVER (ORDER BY b) FROM t
WITH recent AS (SELECT * FROM orders WHERE placed > DATEADD(day, -1, GETDATE())) SELECT * FROM recent
;WITH a (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM a WHERE x < 10) SELECT x FROM a OPTION (MAXRECURSION 100)
SELECT 1 UNION SELECT 2 EXCEPT SELECT 3 INTERSECT SELECT 4
(SELECT 1) UNION ALL (SELECT 2) ORDER BY 1
SELECT (SELECT MAX(id) FROM t) AS largest, ((SELECT 1) + 2)
SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.id = t.id) AND b = ANY (SELECT 1)
SELECT a FROM t ORDER BY a OFFSET 10 ROWS FETCH NEXT 20 ROWS ONLY
SELECT CASE WHEN a = 1 THEN 'x' WHEN a = 2 THEN 'y' ELSE NULL END, CASE b WHEN 1 THEN 2 END FROM t
SELECT CAST(a AS decimal(10, 2)), TRY_CAST(b AS int), CONVERT(nvarchar(max), c, 121), TRY_CONVERT(date, d) FROM t
SELECT d AT TIME ZONE 'UTC' AT TIME ZONE 'Central European Standard Time' FROM t
SELECT * FROM a LEFT OUTER JOIN b ON a.x = b.x FULL JOIN c ON c.x = b.x RIGHT JOIN d ON 1 = 1 CROSS JOIN e
SELECT * FROM a JOIN b JOIN c ON b.x = c.x ON a.x = b.x
SELECT * FROM (a JOIN b ON a.x = b.x) JOIN c ON c.x = a.x
SELECT * FROM a, b AS bb, (SELECT 1 AS x) d
SELECT v.a FROM (VALUES (1, N'x'), (2, N'y')) AS v (a, b)
SELECT s.value FROM t CROSS APPLY STRING_SPLIT(t.tags, ',') AS s
SELECT j.id FROM t OUTER APPLY (SELECT TOP 1 id FROM u WHERE u.t = t.id ORDER BY id) j
SELECT * FROM OPENJSON(@P1) WITH (id int '$.id', name nvarchar(50), rest nvarchar(max) AS JSON) AS j
SELECT * FROM orders WITH (NOLOCK) WHERE id = @P1 AND name = @P2
SELECT * FROM orders AS o WITH (READPAST, INDEX(ix_orders)) WHERE o.id = 1 OPTION (RECOMPILE, MAXDOP 1)
SELECT * FROM prices FOR SYSTEM_TIME AS OF '2026-01-01' AS p
SELECT a AS [x], b AS "y" FROM t FOR JSON PATH, ROOT('rows'), INCLUDE_NULL_VALUES
SELECT a FROM t FOR XML PATH('row'), TYPE
SELECT STUFF((SELECT ',' + name FROM t FOR XML PATH('')), 1, 1, '')
SELECT STRING_AGG(name, ', ') WITHIN GROUP (ORDER BY name) FROM t
SELECT region, SUM(x) FROM t GROUP BY ROLLUP (region, city), GROUPING SETS ((a), (a, b), ())
SELECT name, object_id FROM sys.objects WHERE type = 'U'
SELECT * FROM other_database.dbo.t
SELECT * FROM master..spt_values
SELECT @@VERSION, @@SPID, CURRENT_TIMESTAMP, SYSTEM_USER, SERVERPROPERTY('ProductVersion')
SELECT 1 /* a comment /* within a comment */ DELETE */ -- and DELETE another
SELECT [delete], "update", [a]]b], '; EXEC x --' FROM [drop]
SELECT 'it''s', N'üñí', 0xCAFE, 1.5e-3, .5, -1, ~2, 5 % 2, 1 & 3 | 4 ^ 5
SELECT größe FROM maße WHERE größe !< 3 AND größe <> 4
SELECT a.b.c.d FROM a.b.c
SELECT LEFT(name, 3), RIGHT(name, 2), COALESCE(a, b, c), TRIM('x' FROM name), IIF(a > b, 1, 0) FROM t
SELECT a FROM t WHERE a IS NOT DISTINCT FROM b
SELECT a FROM t\nWHERE b = 1 -- the end\n
SELECT JSON_VALUE(doc, '$.a.b'), ISJSON(doc) FROM t
SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY x) OVER (PARTITION BY y) FROM t
SELECT #t.a, ##g.b FROM #t JOIN ##g ON #t.id = ##g.id
