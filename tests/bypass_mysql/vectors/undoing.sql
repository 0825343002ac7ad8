-- vector: SET: SET SESSION TRANSACTION READ WRITE
-- watch: canary
-- as: script
SET SESSION TRANSACTION READ WRITE

-- vector: SET: SET TRANSACTION READ WRITE
-- watch: canary
-- as: script
SET TRANSACTION READ WRITE

-- vector: SET: SET LOCAL TRANSACTION READ WRITE
-- watch: canary
-- as: script
SET LOCAL TRANSACTION READ WRITE

-- vector: SET: SET @@session.tx_read_only = 0
-- watch: canary
-- as: script
SET @@session.tx_read_only = 0

-- vector: SET: SET tx_read_only = OFF
-- watch: canary
-- as: script
SET tx_read_only = OFF

-- vector: SET: SET SESSION tx_read_only = FALSE
-- watch: canary
-- as: script
SET SESSION tx_read_only = FALSE

-- vector: SET: SET LOCAL tx_read_only = 0
-- watch: canary
-- as: script
SET LOCAL tx_read_only = 0

-- vector: SET: SET @@tx_read_only = 0
-- watch: canary
-- as: script
SET @@tx_read_only = 0

-- vector: SET: SET @@local.tx_read_only := 0
-- watch: canary
-- as: script
SET @@local.tx_read_only := 0

-- vector: SET: SET @@session.tx_read_only = DEFAULT
-- watch: canary
-- as: script
SET @@session.tx_read_only = DEFAULT

-- vector: SET: SET tx_read_only = DEFAULT
-- watch: canary
-- as: script
SET tx_read_only = DEFAULT

-- vector: SET: SET tx_read_only = @@global.tx_read_only
-- watch: canary
-- as: script
SET tx_read_only = @@global.tx_read_only

-- vector: SET: SET tx_read_only = (SELECT 0)
-- watch: canary
-- as: script
SET tx_read_only = (SELECT 0)

-- vector: SET: SET tx_read_only = 1 - 1
-- watch: canary
-- as: script
SET tx_read_only = 1 - 1

-- vector: SET: SET tx_read_only = 'OFF'
-- watch: canary
-- as: script
SET tx_read_only = 'OFF'

-- vector: SET: SET `tx_read_only` = 0
-- watch: canary
-- as: script
SET `tx_read_only` = 0

-- vector: SET: SET @@`tx_read_only` = 0
-- watch: canary
-- as: script
SET @@`tx_read_only` = 0

-- vector: SET: SET @@session.`tx_read_only` = 0
-- watch: canary
-- as: script
SET @@session.`tx_read_only` = 0

-- vector: SET: SET @@SeSsIoN.Tx_ReAd_OnLy = 0
-- watch: canary
-- as: script
SET @@SeSsIoN.Tx_ReAd_OnLy = 0

-- vector: SET: SET @a = 1, tx_read_only = 0
-- watch: canary
-- as: script
SET @a = 1, tx_read_only = 0

-- vector: SET: SET autocommit = 1, tx_read_only = 0
-- watch: canary
-- as: script
SET autocommit = 1, tx_read_only = 0

-- vector: SET: SET @@session . tx_read_only = 0
-- watch: canary
-- as: script
SET @@session . tx_read_only = 0

-- vector: SET: SET/**/tx_read_only=0
-- watch: canary
-- as: script
SET/**/tx_read_only=0

-- vector: SET: SET tx_read_only = 0
-- watch: canary
-- as: script
SET{tab}tx_read_only
={cr}0

-- vector: SET: SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ
-- watch: canary
-- as: script
SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE

-- vector: SET: SET SESSION TRANSACTION READ WRITE, ISOLATION LEVEL REPEATAB
-- watch: canary
-- as: script
SET SESSION TRANSACTION READ WRITE, ISOLATION LEVEL REPEATABLE READ

-- vector: SET: SET TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ WRITE
-- watch: canary
-- as: script
SET TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ WRITE

-- vector: SET: SET SESSION transaction READ/**/WRITE
-- watch: canary
-- as: script
SET SESSION transaction READ/**/WRITE

-- vector: SET: /*!50000 SET SESSION TRANSACTION READ WRITE */
-- watch: canary
-- as: script
/*!50000 SET SESSION TRANSACTION READ WRITE */

-- vector: SET: SET /*! SESSION */ TRANSACTION READ WRITE
-- watch: canary
-- as: script
SET /*! SESSION */ TRANSACTION READ WRITE

-- vector: SET: /*M! SET tx_read_only = 0 */
-- watch: canary
-- as: script
/*M! SET tx_read_only = 0 */

-- vector: SET: SET SESSION TRANSACTION READ /*!50000 WRITE */
-- watch: canary
-- as: script
SET SESSION TRANSACTION READ /*!50000 WRITE */

-- vector: SET: SET SESSION TRANSACTION /*!99999 READ ONLY, */ READ WRITE
-- watch: canary
-- as: script
SET SESSION TRANSACTION /*!99999 READ ONLY, */ READ WRITE

-- vector: SET: SET SESSION TRANSACTION READ WRITE /* READ ONLY */
-- watch: canary
-- as: script
SET SESSION TRANSACTION READ WRITE /* READ ONLY */

-- vector: SET: SET SESSION TRANSACTION READ WRITE -- READ ONLY
-- watch: canary
-- as: script
SET SESSION TRANSACTION READ WRITE -- READ ONLY

-- vector: SET: SET SESSION TRANSACTION READ WRITE # READ ONLY
-- watch: canary
-- as: script
SET SESSION TRANSACTION READ WRITE # READ ONLY

-- vector: SET: SET @@session.tx_read_only = @@session.tx_read_only = 0
-- watch: canary
-- as: script
SET @@session.tx_read_only = @@session.tx_read_only = 0

-- vector: SET: SET tx_read_only = NOT @@tx_read_only
-- watch: canary
-- as: script
SET tx_read_only = NOT @@tx_read_only

-- vector: SET: SET SESSION sql_mode = '', tx_read_only = 0
-- watch: canary
-- as: script
SET SESSION sql_mode = '', tx_read_only = 0

-- vector: SET: SET tx_read_only = 1, tx_read_only = 0
-- watch: canary
-- as: script
SET tx_read_only = 1, tx_read_only = 0

-- vector: SET: SET NAMES utf8mb4, tx_read_only = 0
-- watch: canary
-- as: script
SET NAMES utf8mb4, tx_read_only = 0

-- vector: SET: SET tx_read_only = IF(1, 0, 1)
-- watch: canary
-- as: script
SET tx_read_only = IF(1, 0, 1)

-- vector: SET: SET tx_read_only = LENGTH('')
-- watch: canary
-- as: script
SET tx_read_only = LENGTH('')

-- vector: SET: SET tx_read_only = 0x00
-- watch: canary
-- as: script
-- effect: error because the setting takes no string of bytes
SET tx_read_only = 0x00

-- vector: MySQL's name: SET @@session.transaction_read_only = 0
-- watch: canary
-- as: script
-- effect: error because only MySQL and MariaDB 11.1 know this name
SET @@session.transaction_read_only = 0

-- vector: MySQL's name: SET transaction_read_only = OFF
-- watch: canary
-- as: script
-- effect: error because only MySQL and MariaDB 11.1 know this name
SET transaction_read_only = OFF

-- vector: MySQL's name: SET SESSION transaction_read_only = 0
-- watch: canary
-- as: script
-- effect: error because only MySQL and MariaDB 11.1 know this name
SET SESSION transaction_read_only = 0

-- vector: SET GLOBAL, then a new session's default
-- watch: canary
-- as: script
SET GLOBAL tx_read_only = 0
-- then
SET tx_read_only = DEFAULT

-- vector: SET STATEMENT … FOR
-- watch: canary
-- as: script
SET STATEMENT tx_read_only = 0 FOR SELECT * FROM disguise

-- vector: SET by a variable
-- watch: canary
-- as: script
SET @r = 0
-- then
SET tx_read_only = @r

-- vector: SET STATEMENT … FOR SET
-- watch: canary
-- as: script
SET STATEMENT sort_buffer_size = 100000 FOR SET tx_read_only = 0

-- vector: START TRANSACTION READ WRITE
-- watch: canary
-- as: script
START TRANSACTION READ WRITE

-- vector: START TRANSACTION WITH CONSISTENT SNAPSHOT, READ WRITE
-- watch: canary
-- as: script
START TRANSACTION WITH CONSISTENT SNAPSHOT, READ WRITE

-- vector: START TRANSACTION READ WRITE, WITH CONSISTENT SNAPSHOT
-- watch: canary
-- as: script
START TRANSACTION READ WRITE, WITH CONSISTENT SNAPSHOT

-- vector: START TRANSACTION READ WRITE in an executable comment
-- watch: canary
-- as: script
START TRANSACTION /*!50605 READ WRITE */

-- vector: START TRANSACTION READ WRITE in MariaDB's comment
-- watch: canary
-- as: script
/*M!100000 START TRANSACTION READ WRITE */

-- vector: START TRANSACTION READ WRITE in mixed letters
-- watch: canary
-- as: script
sTaRt TrAnSaCtIoN rEaD wRiTe

-- vector: START TRANSACTION READ WRITE with comments
-- watch: canary
-- as: script
START/**/TRANSACTION/**/READ/**/WRITE

-- vector: START TRANSACTION READ WRITE behind COMMIT
-- watch: canary
-- as: script
-- not: binary
COMMIT; START TRANSACTION READ WRITE

-- vector: START TRANSACTION READ ONLY behind which it is written
-- watch: canary
-- as: script
START TRANSACTION READ ONLY
-- then
COMMIT AND CHAIN
-- then
SET tx_read_only = 0
-- then
COMMIT

-- vector: BEGIN
-- watch: canary
-- as: script
-- effect: none because it takes the session as it is
BEGIN

-- vector: START TRANSACTION
-- watch: canary
-- as: script
-- effect: none because it takes the session as it is
START TRANSACTION

-- vector: COMMIT AND CHAIN of a transaction that writes
-- watch: canary
-- as: script
START TRANSACTION READ WRITE
-- then
COMMIT AND CHAIN

-- vector: ROLLBACK AND CHAIN of a transaction that writes
-- watch: canary
-- as: script
START TRANSACTION READ WRITE
-- then
ROLLBACK AND CHAIN

-- vector: SET TRANSACTION READ WRITE in a transaction
-- watch: canary
-- as: script
BEGIN
-- then
SET SESSION TRANSACTION READ WRITE
-- then
COMMIT

-- vector: XA START
-- watch: canary
-- as: script
-- effect: none because it takes the session as it is
XA START 'x'
-- then
SELECT * FROM disguise
-- then
XA END 'x'
-- then
XA COMMIT 'x' ONE PHASE

-- vector: XA START behind SET
-- watch: canary
-- as: script
-- not: binary
SET TRANSACTION READ WRITE; XA START 'x'; SELECT * FROM disguise; XA END 'x'; XA COMMIT 'x' ONE PHASE

-- vector: a block
-- watch: canary
-- as: script
BEGIN NOT ATOMIC SET SESSION TRANSACTION READ WRITE; END

-- vector: a block that begins one
-- watch: canary
-- as: script
BEGIN NOT ATOMIC START TRANSACTION READ WRITE; SELECT * FROM disguise; COMMIT; END

-- vector: a procedure
-- watch: canary
-- as: script
CALL open_up()

-- vector: EXECUTE IMMEDIATE
-- watch: canary
-- as: script
-- not: binary
EXECUTE IMMEDIATE 'SET SESSION TRANSACTION READ WRITE'

-- vector: EXECUTE IMMEDIATE of START
-- watch: canary
-- as: script
-- not: binary
EXECUTE IMMEDIATE 'START TRANSACTION READ WRITE'

-- vector: PREPARE from a variable
-- watch: canary
-- as: script
-- not: binary
SET @p = 'SET tx_read_only = 0'
-- then
PREPARE p FROM @p
-- then
EXECUTE p

-- vector: a text in a procedure
-- watch: canary
-- as: script
CALL run_text('SET tx_read_only = 0')

-- vector: IF
-- watch: canary
-- as: script
IF 1 THEN SET SESSION TRANSACTION READ WRITE; END IF

-- vector: a batch behind a read
-- watch: canary
-- as: script
-- not: binary
SELECT 1; SET tx_read_only = 0

-- vector: a batch with the write
-- watch: canary
-- as: script
-- not: binary
SET tx_read_only = 0; SELECT * FROM disguise

-- vector: a role
-- watch: canary
-- as: script
-- effect: none because the role cannot do more
SET ROLE warden

-- vector: a name
-- watch: canary
-- as: script
-- effect: none because it is another matter
SET PASSWORD = ''

-- vector: LOCK TABLES
-- watch: canary
-- as: script
-- effect: error because the server refuses it in a session that reads only
LOCK TABLES canary WRITE
-- then
SELECT * FROM disguise
-- then
UNLOCK TABLES

-- vector: LOCK TABLES READ LOCAL
-- watch: canary
-- as: script
-- effect: none because a lock for reading does not make it write
LOCK TABLES canary READ LOCAL, disguise READ
-- then
UNLOCK TABLES

-- vector: CREATE OR REPLACE of the settings
-- watch: canary
-- as: script
-- after: ?SET GLOBAL init_connect = ''
-- effect: none because it is for other sessions
SET @@global.init_connect = 'SET tx_read_only = 0'

-- vector: binary log off
-- watch: canary
-- as: script
-- effect: none because it does not make it write
SET sql_log_bin = 0

-- vector: completion type
-- watch: canary
-- as: script
SET completion_type = 'CHAIN'
-- then
START TRANSACTION READ WRITE
-- then
COMMIT

-- vector: completion type by a number
-- watch: canary
-- as: script
SET completion_type = 1
-- then
SET TRANSACTION READ WRITE
-- then
START TRANSACTION
-- then
COMMIT
-- then
SELECT * FROM disguise
-- then
COMMIT

-- vector: old mode
-- watch: canary
-- as: script
-- effect: none because it does not make it write
SET old_mode = ''

-- vector: SET of a plugin's name
-- watch: canary
-- as: script
-- effect: none because it does not make it write
SET default_storage_engine = MyISAM

-- vector: SET TRANSACTION READ ONLY, then WRITE
-- watch: canary
-- as: script
SET SESSION TRANSACTION READ ONLY
-- then
SET SESSION TRANSACTION READ WRITE

-- vector: FLUSH TABLES WITH READ LOCK
-- watch: canary
-- as: script
-- effect: none because it does not make it write
FLUSH TABLES WITH READ LOCK
-- then
UNLOCK TABLES

-- vector: SET of what SESSION says twice
-- watch: canary
-- as: script
SET SESSION tx_isolation = 'READ-COMMITTED', SESSION tx_read_only = 0

-- vector: SET behind GLOBAL
-- watch: canary
-- as: script
SET GLOBAL sort_buffer_size = 2097152, SESSION tx_read_only = 0

-- vector: SET behind GLOBAL that goes on
-- watch: canary
-- as: script
SET SESSION sort_buffer_size = 2097152, tx_read_only = 0

-- vector: SET of a qualified name
-- watch: canary
-- as: script
-- effect: error because there is no such key cache
SET default.tx_read_only = 0

-- vector: SET ... = ON, a word
-- watch: canary
-- as: script
-- effect: error because the word is none
SET tx_read_only = no

-- vector: a user's own variable of that name
-- watch: canary
-- as: script
-- effect: none because it is the user's own
SET @tx_read_only = 0

-- vector: a comment of a later server
-- watch: canary
-- as: script
SET SESSION TRANSACTION READ /*!999999 ONLY */ WRITE

-- vector: a comment of an earlier MySQL that this server leaves out
-- watch: canary
-- as: script
SET SESSION TRANSACTION READ /*!50701 ONLY */ WRITE

-- vector: a nested comment
-- watch: canary
-- as: script
SET SESSION TRANSACTION READ /* /* ONLY */ WRITE
