-- vector: a view that sets a variable of the server
-- watch: variables
-- as: select
-- not: mode ORACLE
SELECT * FROM setting_view

-- vector: a view that takes a lock of a name
-- watch: locks
-- as: select
-- not: after, transaction, batch, analyzed, binary: analyzed, for one, prepared, executed, block, condition, binary: block, behind, in , with, several, mode, names
SELECT * FROM locking_view

-- vector: a view that writes a file
-- watch: files
-- as: select
-- not: after, transaction, batch, analyzed, binary: analyzed, for one, prepared, executed, block, condition, binary: block, behind, in , with, several, mode, names
SELECT * FROM writing_view

-- vector: a view that ends another's session
-- watch: sessions
-- as: select
-- not: after, transaction, batch, analyzed, binary: analyzed, for one, prepared, executed, block, condition, binary: block, behind, in , with, several, mode, names
SELECT * FROM killing_view
