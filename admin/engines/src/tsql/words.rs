//! Which words of T-SQL are reserved, which functions only compute, and why is a word refused?

use std::collections::HashSet;
use std::sync::LazyLock;

pub(super) const HINT: &str = "one SELECT is run at a time, and only what is known to read passes";

/// Words that stand for nothing but themselves unless they are quoted (the manual's "Reserved Keywords"), and two
/// that the grammar here gives a place.
const RESERVED: &str = "ADD ALL ALTER AND ANY AS ASC AUTHORIZATION BACKUP BEGIN BETWEEN BREAK BROWSE BULK BY CASCADE CASE CHECK \
    CHECKPOINT CLOSE CLUSTERED COALESCE COLLATE COLUMN COMMIT COMPUTE CONSTRAINT CONTAINS CONTAINSTABLE CONTINUE \
    CONVERT CREATE CROSS CURRENT CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER CURSOR DATABASE DBCC \
    DEALLOCATE DECLARE DEFAULT DELETE DENY DESC DISK DISTINCT DISTRIBUTED DOUBLE DROP DUMP ELSE END ERRLVL \
    ESCAPE EXCEPT EXEC EXECUTE EXISTS EXIT EXTERNAL FETCH FILE FILLFACTOR FOR FOREIGN FREETEXT FREETEXTTABLE \
    FROM FULL FUNCTION GOTO GRANT GROUP HAVING HOLDLOCK IDENTITY IDENTITYCOL IDENTITY_INSERT IF IN INDEX INNER \
    INSERT INTERSECT INTO IS JOIN KEY KILL LEFT LIKE LINENO LOAD MERGE NATIONAL NOCHECK NONCLUSTERED NOT NULL \
    NULLIF OF OFF OFFSETS ON OPEN OPENDATASOURCE OPENQUERY OPENROWSET OPENXML OPTION OR ORDER OUTER OUTPUT OVER \
    PERCENT PIVOT PLAN PRECISION PRIMARY PRINT PROC PROCEDURE PUBLIC RAISERROR READ READTEXT RECONFIGURE \
    REFERENCES REPLICATION RESTORE RESTRICT RETURN REVERT REVOKE RIGHT ROLLBACK ROWCOUNT ROWGUIDCOL RULE SAVE \
    SCHEMA SECURITYAUDIT SELECT SEMANTICKEYPHRASETABLE SEMANTICSIMILARITYDETAILSTABLE SEMANTICSIMILARITYTABLE \
    SESSION_USER SET SETUSER SHUTDOWN SOME STATISTICS SYSTEM_USER TABLE TABLESAMPLE TEXTSIZE THEN TO TOP TRAN \
    TRANSACTION TRIGGER TRUNCATE TRY_CONVERT TSEQUAL UNION UNIQUE UNPIVOT UPDATE UPDATETEXT USE USER VALUES \
    VARYING VIEW WAITFOR WHEN WHERE WHILE WITH WITHIN WRITETEXT";

/// Words that are not reserved and begin or go on something else: no alias without AS.
pub(super) const NO_ALIAS: [&str; 13] = [
    "THROW", "SEND", "RECEIVE", "GET", "MOVE", "ENABLE", "DISABLE", "GO", "OFFSET", "WINDOW", "APPLY",
    "MATCH", "LABEL",
];

/// Functions that compute from their arguments, the data, the catalog or the session, and do nothing else. Those
/// that reach files, other servers or other programs, and those that change something, are not here.
const FUNCTIONS: &str = "ABS ACOS APPROX_COUNT_DISTINCT APP_NAME ASCII ASIN ATAN ATN2 AVG BINARY_CHECKSUM BIT_COUNT CEILING CHAR \
    CHARINDEX CHECKSUM CHECKSUM_AGG CHOOSE COALESCE COLUMNPROPERTY COL_LENGTH COL_NAME COMPRESS CONCAT CONCAT_WS \
    CONTAINS COS COT COUNT COUNT_BIG CUME_DIST CURRENT_TIMEZONE CURRENT_TIMEZONE_ID DATABASEPROPERTYEX \
    DATABASE_PRINCIPAL_ID DATALENGTH DATEADD DATEDIFF DATEDIFF_BIG DATEFROMPARTS DATENAME DATEPART \
    DATETIME2FROMPARTS DATETIMEFROMPARTS DATETIMEOFFSETFROMPARTS DATETRUNC DATE_BUCKET DAY DB_ID DB_NAME \
    DECOMPRESS DEGREES DENSE_RANK DIFFERENCE EOMONTH EXP FILEGROUP_NAME FIRST_VALUE FLOOR FORMAT FREETEXT \
    GETDATE GETUTCDATE GET_BIT GREATEST GROUPING GROUPING_ID HASHBYTES HAS_DBACCESS HAS_PERMS_BY_NAME HOST_NAME \
    IDENT_CURRENT IDENT_INCR IDENT_SEED IIF INDEXKEY_PROPERTY INDEXPROPERTY INDEX_COL ISDATE ISJSON ISNULL \
    ISNUMERIC IS_MEMBER IS_ROLEMEMBER IS_SRVROLEMEMBER JSON_ARRAY JSON_MODIFY JSON_OBJECT JSON_PATH_EXISTS \
    JSON_QUERY JSON_VALUE LAG LAST_VALUE LEAD LEAST LEFT LEFT_SHIFT LEN LOG LOG10 LOWER LTRIM MAX MIN MONTH \
    NCHAR NEWID NTILE NULLIF OBJECTPROPERTY OBJECTPROPERTYEX OBJECT_DEFINITION OBJECT_ID OBJECT_NAME \
    OBJECT_SCHEMA_NAME ORIGINAL_LOGIN PARSENAME PATINDEX PERCENTILE_CONT PERCENTILE_DISC PERCENT_RANK PI POWER \
    QUOTENAME RADIANS RAND RANK REPLACE REPLICATE REVERSE RIGHT RIGHT_SHIFT ROUND ROW_NUMBER RTRIM SCHEMA_ID \
    SCHEMA_NAME SCOPE_IDENTITY SERVERPROPERTY SET_BIT SIGN SIN SMALLDATETIMEFROMPARTS SOUNDEX SPACE SQRT SQUARE \
    STATS_DATE STDEV STDEVP STR STRING_AGG STRING_ESCAPE STUFF SUBSTRING SUM SUSER_ID SUSER_NAME SUSER_SID \
    SUSER_SNAME SWITCHOFFSET SYSDATETIME SYSDATETIMEOFFSET SYSUTCDATETIME TAN TIMEFROMPARTS TODATETIMEOFFSET \
    TRANSLATE TRIM TYPEPROPERTY TYPE_ID TYPE_NAME UNICODE UPPER USER_ID USER_NAME VAR VARP YEAR";

/// The server's own types: one that somebody has made may come with code of theirs.
const TYPES: &str = "BIGINT BINARY BIT CHAR CHARACTER DATE DATETIME DATETIME2 DATETIMEOFFSET DEC DECIMAL FLOAT GEOGRAPHY GEOMETRY \
    HIERARCHYID IMAGE INT INTEGER JSON MONEY NCHAR NTEXT NUMERIC NVARCHAR REAL ROWVERSION SMALLDATETIME SMALLINT \
    SMALLMONEY SQL_VARIANT SYSNAME TEXT TIME TIMESTAMP TINYINT UNIQUEIDENTIFIER VARBINARY VARCHAR VECTOR XML";

fn set(words: &'static str) -> HashSet<&'static str> {
    words.split_ascii_whitespace().collect()
}

pub(super) fn is_reserved(word: &str) -> bool {
    static SET: LazyLock<HashSet<&str>> = LazyLock::new(|| set(RESERVED));
    SET.contains(word)
}

pub(super) fn is_function(word: &str) -> bool {
    static SET: LazyLock<HashSet<&str>> = LazyLock::new(|| set(FUNCTIONS));
    SET.contains(word)
}

pub(super) fn is_type(word: &str) -> bool {
    static SET: LazyLock<HashSet<&str>> = LazyLock::new(|| set(TYPES));
    SET.contains(word)
}

/// Functions that stand for tables.
pub(super) const TABLE_FUNCTIONS: [&str; 3] = ["STRING_SPLIT", "OPENJSON", "GENERATE_SERIES"];

/// Values without parentheses that the server makes.
pub(super) const VALUES: [&str; 5] =
    ["CURRENT_TIMESTAMP", "CURRENT_USER", "SESSION_USER", "SYSTEM_USER", "USER"];

/// What the server counts and says of itself.
pub(super) const GLOBALS: [&str; 14] = [
    "VERSION",
    "SERVERNAME",
    "SERVICENAME",
    "SPID",
    "TRANCOUNT",
    "ROWCOUNT",
    "IDENTITY",
    "LANGUAGE",
    "LANGID",
    "DATEFIRST",
    "LOCK_TIMEOUT",
    "MAX_CONNECTIONS",
    "MICROSOFTVERSION",
    "OPTIONS",
];

/// Ways to look at a table that take no lock a reader does not need.
pub(super) const TABLE_HINTS: [&str; 7] =
    ["NOLOCK", "READUNCOMMITTED", "READCOMMITTED", "READPAST", "NOEXPAND", "FORCESEEK", "FORCESCAN"];

/// Hints that take or hold locks.
const LOCKS: [&str; 9] = [
    "HOLDLOCK",
    "UPDLOCK",
    "XLOCK",
    "TABLOCK",
    "TABLOCKX",
    "PAGLOCK",
    "ROWLOCK",
    "SERIALIZABLE",
    "REPEATABLEREAD",
];

/// Why a word that does something is refused, and what helps, by it and the two behind it.
pub(super) fn reason(word: &str, second: &str, third: &str) -> Option<(String, &'static str)> {
    let said = |message: &str, hint| Some((message.to_owned(), hint));
    match word {
        "INTO" => said("SELECT … INTO makes a table", "leave INTO out"),
        "NEXT" if second == "VALUE" && third == "FOR" => {
            said("NEXT VALUE FOR moves a sequence on, which no rollback undoes", "look at sys.sequences")
        }
        "EXEC" | "EXECUTE" => said("procedures are not called: nobody knows what they do", HINT),
        "INSERT" | "UPDATE" | "DELETE" | "MERGE" | "TRUNCATE" | "OUTPUT" | "WRITETEXT" | "UPDATETEXT" => {
            Some((format!("`{word}` changes data"), HINT))
        }
        "CREATE" | "ALTER" | "DROP" | "ENABLE" | "DISABLE" => {
            Some((format!("`{word}` changes what is there"), HINT))
        }
        "GRANT" | "REVOKE" | "DENY" => Some((format!("`{word}` changes who may do what"), HINT)),
        "OPENROWSET" | "OPENQUERY" | "OPENDATASOURCE" | "OPENXML" => {
            Some((format!("`{word}` reads from elsewhere than this database"), HINT))
        }
        "WAITFOR" => said("WAITFOR holds a session up", HINT),
        "SET" | "USE" | "DECLARE" | "REVERT" | "SETUSER" => {
            Some((format!("`{word}` changes the session"), "the connection says which database is asked"))
        }
        "GO" => said("GO is a word of other programs: it ends a batch, and one statement is run here", HINT),
        "BEGIN" | "COMMIT" | "ROLLBACK" | "SAVE" => {
            Some((format!("`{word}` would end or begin a transaction; every query has one of its own"), HINT))
        }
        "BACKUP" | "RESTORE" | "DBCC" | "KILL" | "SHUTDOWN" | "RECONFIGURE" | "BULK" | "CHECKPOINT" => {
            Some((format!("`{word}` is for whoever runs the server"), HINT))
        }
        "SELECT" | "WITH" => said("one statement is run at a time", "run them one by one"),
        word if LOCKS.contains(&word) => {
            Some((format!("the hint `{word}` takes or holds locks that stop others"), "leave the hint out"))
        }
        _ => None,
    }
}
