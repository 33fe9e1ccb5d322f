/* SPDX-License-Identifier: MIT */
/*
 * statements: all SQL of the catalog but its schema and the listing of
 * backups, whose conditions vary (query.c). A test prepares each of them.
 *
 * SELECT DISTINCT reads an index from end to end; DATABASES, TAG_KEYS and
 * TAG_VALUES go from one value to the next instead.
 */
#ifndef CATALOG_STATEMENTS_H
#define CATALOG_STATEMENTS_H

/* The columns of a backup, in the order of backup_columns in rows.c. */
#define BACKUP_COLUMNS                                                                     \
	"b.row, b.id, b.database, b.created_at, b.created_by, b.host, b.description, "     \
	"b.status, b.error, b.size, b.stored_size, b.compression, b.encrypted, b.secret, " \
	"b.checksum, b.schema_hash, b.fingerprint, b.server_family, b.server_version, "    \
	"b.visible, b.object_count, b.location, b.tool_version, b.migration, b.origin, "   \
	"b.generation, b.version, b.duration_ms, b.created_ms"

/* The columns of a catalog_brief. */
#define BRIEF_COLUMNS \
	"b.row, b.id, b.status, b.error, b.version, b.location, b.database = '', b.encrypted"

/* What raise_generation() in rows.c is about to set, in the same transaction. */
#define NEXT_GENERATION "(SELECT generation + 1 FROM catalog)"

#define OPERATION_COLUMNS \
	"row, verb, backup_id, database, started_at, duration_ms, status, error"

/* clang-format off */
#define CATALOG_STATEMENTS(X)                                                              \
	X(LOCATION_GET, "SELECT location FROM catalog")                                    \
	X(LOCATION_SET, "INSERT INTO catalog (one, location) VALUES (1, ?1)")              \
	X(GENERATION_GET, "SELECT generation FROM catalog")                                \
	X(GENERATION_RAISE, "UPDATE catalog SET generation = generation + 1")              \
	X(BACKUP_PUT,                                                                      \
	  "INSERT INTO backup (id, database, created_at, created_by, host, description, "  \
	  "status, error, size, stored_size, compression, encrypted, secret, checksum, "   \
	  "schema_hash, fingerprint, server_family, server_version, visible, "             \
	  "object_count, location, tool_version, migration, origin, generation, version, " \
	  "duration_ms, created_ms, changed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "  \
	  "?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, "    \
	  NEXT_GENERATION ") " \
	  "ON CONFLICT (id) DO UPDATE SET database = ?2, created_at = ?3, "                \
	  "created_by = ?4, host = ?5, description = ?6, status = ?7, error = ?8, "        \
	  "size = ?9, stored_size = ?10, compression = ?11, encrypted = ?12, "             \
	  "secret = ?13, checksum = ?14, schema_hash = ?15, fingerprint = ?16, "           \
	  "server_family = ?17, server_version = ?18, visible = ?19, object_count = ?20, " \
	  "location = ?21, tool_version = ?22, migration = ?23, origin = ?24, "            \
	  "generation = ?25, version = ?26, duration_ms = ?27, "         \
	  "created_ms = ?28, changed = excluded.changed RETURNING row")                                                \
	X(BACKUP_FIND, "SELECT " BACKUP_COLUMNS " FROM backup b WHERE b.id = ?1")          \
	X(BACKUP_AT, "SELECT " BACKUP_COLUMNS " FROM backup b WHERE b.row = ?1")           \
	X(BRIEF_FIND, "SELECT " BRIEF_COLUMNS " FROM backup b WHERE b.id = ?1")            \
	X(BRIEF_LIST,                                                                      \
	  "SELECT " BRIEF_COLUMNS " FROM backup b WHERE b.row > ?1 AND "                   \
	  "+b.created_at >= ?2 AND +b.changed <= ?3 ORDER BY b.row LIMIT ?4")              \
	X(BACKUP_MATCH,                                                                    \
	  "SELECT " BACKUP_COLUMNS " FROM backup b WHERE b.id >= ?1 AND b.id < ?2 LIMIT 2") \
	X(BACKUP_MARK,                                                                     \
	  "UPDATE backup SET status = ?2, error = ?3, version = ?4, "                      \
	  "changed = " NEXT_GENERATION " WHERE id = ?1")         \
	X(BACKUP_RESEAL, \
	  "UPDATE backup SET secret = ?2, generation = ?3, changed = " NEXT_GENERATION     \
	  " WHERE id = ?1")   \
	X(BACKUP_REMOVE, "DELETE FROM backup WHERE id = ?1")                               \
	X(BACKUP_CHANGED, "SELECT " BACKUP_COLUMNS " FROM backup b WHERE b.changed > ?1")  \
	X(GONE_ADD,                                                                        \
	  "INSERT INTO gone (changed, id) VALUES (" NEXT_GENERATION ", ?1)")               \
	X(GONE_FORGET,                                                                     \
	  "DELETE FROM gone WHERE changed <= (SELECT generation FROM catalog) - ?1")       \
	X(GONE_LIST, "SELECT id FROM gone WHERE changed > ?1 ORDER BY changed")            \
	X(TAG_CLEAR, "DELETE FROM tag WHERE backup = ?1")                                  \
	X(TAG_ADD, "INSERT INTO tag (backup, key, value) VALUES (?1, ?2, ?3)")             \
	X(TAG_LIST, "SELECT key, value FROM tag WHERE backup = ?1 ORDER BY key")           \
	X(OPENING_SET,                                                                     \
	  "INSERT INTO opening (backup, clear) VALUES (?1, ?2) "                           \
	  "ON CONFLICT (backup) DO UPDATE SET clear = ?2")                                 \
	X(OPENING_GET, "SELECT clear FROM opening WHERE backup = ?1")                      \
	X(FILE_CLEAR, "DELETE FROM file WHERE backup = ?1")                                \
	X(FILE_ADD, "INSERT INTO file (backup, name, size) VALUES (?1, ?2, ?3)")           \
	X(FILE_LIST,                                                                       \
	  "SELECT name, size FROM file WHERE backup = ?1 AND name >= ?2 AND "              \
	  "(?3 IS NULL OR name < ?3) ORDER BY name")                                       \
	X(FILE_SIZE, "SELECT size FROM file WHERE backup = ?1 AND name = ?2")              \
	X(TAG_COUNT,                                                                       \
	  "SELECT count(*) FROM (SELECT 1 FROM tag WHERE key = ?1 AND value = ?2 LIMIT ?3)") \
	X(DATABASES,                                                                       \
	  "WITH RECURSIVE d (name) AS (SELECT min(database) FROM backup "                  \
	  "WHERE database > '' UNION ALL SELECT (SELECT min(database) FROM backup "        \
	  "WHERE database > d.name) FROM d WHERE d.name IS NOT NULL) "                     \
	  "SELECT name FROM d WHERE name IS NOT NULL AND EXISTS (SELECT 1 FROM backup b "  \
	  "WHERE b.database = d.name AND +b.status = ?1)")                                 \
	X(TAG_KEYS,                                                                        \
	  "WITH RECURSIVE k (name) AS (SELECT min(key) FROM tag "                          \
	  "UNION ALL SELECT (SELECT min(key) FROM tag WHERE key > k.name) FROM k "         \
	  "WHERE k.name IS NOT NULL) "                                                     \
	  "SELECT name FROM k WHERE name IS NOT NULL AND EXISTS (SELECT 1 FROM tag t "     \
	  "JOIN backup b ON b.row = t.backup WHERE t.key = k.name AND +b.status = ?1)")    \
	X(TAG_VALUES,                                                                      \
	  "WITH RECURSIVE v (name) AS (SELECT min(value) FROM tag WHERE key = ?1 "         \
	  "UNION ALL SELECT (SELECT min(value) FROM tag WHERE key = ?1 "                   \
	  "AND value > v.name) FROM v WHERE v.name IS NOT NULL) "                          \
	  "SELECT name FROM v WHERE name IS NOT NULL AND EXISTS (SELECT 1 FROM tag t "     \
	  "JOIN backup b ON b.row = t.backup WHERE t.key = ?1 AND t.value = v.name "       \
	  "AND +b.status = ?2)")                                                           \
	X(NOTE_GET, "SELECT value FROM note WHERE name = ?1")                              \
	X(NOTE_FORGET, /* all below one name; 0 follows the slash */                       \
	  "DELETE FROM note WHERE name >= ?1 || '/' AND name < ?1 || '0'")                 \
	X(NOTE_SET,                                                                        \
	  "INSERT INTO note (name, value) VALUES (?1, ?2) "                                \
	  "ON CONFLICT (name) DO UPDATE SET value = ?2")                                   \
	X(OPERATION_BEGIN,                                                                 \
	  "INSERT INTO operation (verb, backup_id, database, started_at, duration_ms, "    \
	  "status, error) VALUES (?1, ?2, ?3, ?4, 0, 'started', '') RETURNING row")        \
	X(OPERATION_END,                                                                   \
	  "UPDATE operation SET backup_id = ?2, duration_ms = ?3, error = ?4, "            \
	  "status = CASE ?4 WHEN '' THEN 'completed' ELSE 'failed' END WHERE row = ?1")    \
	X(OPERATION_LIST,                                                                  \
	  "SELECT " OPERATION_COLUMNS " FROM operation WHERE (?1 IS NULL OR verb = ?1) "   \
	  "AND started_at >= ?2 ORDER BY row DESC")                                        \
	X(OPERATION_LAST,                                                                  \
	  "SELECT " OPERATION_COLUMNS " FROM operation WHERE verb = 'rollback_execute' "   \
	  "AND backup_id = ?1 ORDER BY row DESC LIMIT 1")                                  \
	X(STEP_PUT,                                                                        \
	  "INSERT INTO step (operation, number, type, object, sql, status, error) "        \
	  "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (operation, number) DO UPDATE " \
	  "SET type = ?3, object = ?4, sql = ?5, status = ?6, error = ?7")                 \
	X(STEP_MARK,                                                                       \
	  "UPDATE step SET status = ?3, error = ?4 WHERE operation = ?1 AND number = ?2")  \
	X(STEP_LIST,                                                                       \
	  "SELECT operation, number, type, object, sql, status, error FROM step "          \
	  "WHERE operation = ?1 ORDER BY number")                                          \
	X(SYNC_FULL, "PRAGMA synchronous = FULL")                                          \
	X(SYNC_NORMAL, "PRAGMA synchronous = NORMAL")                                      \
	X(BEGIN_WRITE, "BEGIN IMMEDIATE")                                                  \
	X(COMMIT, "COMMIT")                                                                \
	X(ROLLBACK, "ROLLBACK")
/* clang-format on */

enum statement {
#define X(name, sql) name,
	CATALOG_STATEMENTS(X)
#undef X
		STATEMENT_COUNT
};

#endif
