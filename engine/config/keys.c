/* SPDX-License-Identifier: MIT */
#include "engine/config/keys.h"

#include <string.h>

#include "engine/config/config.h"

/*
 * A row, in the order of the sample: the rows of a block stand together. Values
 * that depend on other values (a level on its algorithm) have no fallback here
 * but a rule in rules.c, and their help says so.
 *
 * Environment names: plain ones are stronger than the file. "!NAME" is a switch
 * that means the opposite. "?NAME" is the cloud's own variable, weaker than the
 * file: it counts only when nothing of ours says the value.
 */
#define KEY(key_name, key_type, ...)                                     \
	{                                                                \
		.name = key_name, .type = CONFIG_##key_type, __VA_ARGS__ \
	}
#define ENV(suffix) "MYSQL_SCHEMA_SYNC_BACKUP_" suffix " BACKUP_" suffix

#define MINUTE (INT64_C(60))
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define KB     (INT64_C(1024))
#define MB     (1024 * KB)
#define GB     (1024 * MB)

#define OUTPUT_FORMATS "table|json|yaml|compact"
#define SSL_MODES      "disabled|preferred|required|verify_ca|verify_identity"

/* clang-format off */

/* The three places that may describe a server have the same keys. */
#define SERVER(at, AT) \
	KEY(at ".host", TEXT, .env = "MYSQL_SCHEMA_SYNC_" AT "_HOST", \
	    .help = "host or address; localhost is the socket unless a port is given"), \
	KEY(at ".port", INT, .min = 1, .max = 65535, \
	    .help = "TCP port; 3306 when neither this nor ~/.my.cnf says"), \
	KEY(at ".socket", PATH, \
	    .help = "Unix socket instead of host and port"), \
	KEY(at ".username", TEXT, .env = "MYSQL_SCHEMA_SYNC_" AT "_USER", .alias = at ".user", \
	    .help = "account name; from ~/.my.cnf or the login name when not given"), \
	KEY(at ".password", TEXT, .secret = true, \
	    .help = "password; better in ~/.my.cnf or as ${VARIABLE} than written out here"), \
	KEY(at ".database", TEXT, .env = "MYSQL_SCHEMA_SYNC_" AT "_DB", \
	    .help = "database to work on when the command line names none"), \
	KEY(at ".defaults_file", PATH, \
	    .help = "option file in the style of ~/.my.cnf, read instead of the usual ones"), \
	KEY(at ".timeout", DURATION, .min = 1, .max = DAY, .alias = at ".connection_timeout", \
	    .help = "how long to wait for a connection; the value of timeout when not given"), \
	KEY(at ".read_timeout", DURATION, .max = DAY, \
	    .help = "how long a single answer may take; 0: as long as it needs"), \
	KEY(at ".ssl_mode", CHOICE, .choices = SSL_MODES, \
	    .help = "TLS: preferred unless given; verify_ca and verify_identity need ssl_ca"), \
	KEY(at ".ssl_ca", PATH, .help = "certificates of the authorities to trust"), \
	KEY(at ".ssl_cert", PATH, .help = "certificate of this client"), \
	KEY(at ".ssl_key", PATH, .help = "private key to ssl_cert")

/* How long and how often each cloud is asked. */
#define PATIENCE(at) \
	KEY(at ".connection_timeout", DURATION, .fallback = "30s", .min = 1, .max = DAY, \
	    .help = "how long to wait for a connection"), \
	KEY(at ".read_timeout", DURATION, .fallback = "1m", .min = 1, .max = DAY, \
	    .alias = at ".timeout", \
	    .help = "how long a transfer may stand still"), \
	KEY(at ".retry_attempts", INT, .fallback = "5", .max = 100, \
	    .help = "how often to try again what failed for the moment"), \
	KEY(at ".ca_file", PATH, \
	    .help = "certificates of the authorities to trust instead of the system's")

static const struct config_key keys[] = {
	SERVER("source", "SOURCE"),
	SERVER("target", "TARGET"),
	SERVER("database", "DATABASE"),

	KEY("dry_run", BOOL, .fallback = "false",
	    .help = "show what would be done and change nothing"),
	KEY("verbose", BOOL, .fallback = "false", .alias = "display.verbose",
	    .help = "say more about what is done"),
	KEY("quiet", BOOL, .fallback = "false", .alias = "display.quiet",
	    .help = "say only what went wrong"),
	KEY("debug", BOOL, .fallback = "false",
	    .help = "log everything, as log_level debug does"),
	KEY("auto_approve", BOOL, .fallback = "false",
	    .help = "answer every question with yes"),
	KEY("timeout", DURATION, .fallback = "30s", .min = 1, .max = DAY,
	    .help = "how long to wait for a connection to a database server"),
	KEY("timezone", TEXT, .fixed = true,
	    .help = "zone of dates: UTC, Europe/Berlin, ...; local, as if it were not given"),

	KEY("display.color_enabled", BOOL, .fallback = "true",
	    .env = "!MYSQL_SCHEMA_SYNC_NO_COLOR", .alias = "display.color_output",
	    .help = "colours on a terminal"),
	KEY("display.theme", CHOICE, .fallback = "dark", .env = "MYSQL_SCHEMA_SYNC_THEME",
	    .choices = "dark|light|high-contrast|auto",
	    .help = "colours for a dark or a light background"),
	KEY("display.output_format", CHOICE, .fallback = "table", .choices = OUTPUT_FORMATS,
	    .env = "MYSQL_SCHEMA_SYNC_FORMAT", .alias = "display.format",
	    .help = "form of the output when --format does not say"),
	KEY("display.use_icons", BOOL, .fallback = "true", .env = "!MYSQL_SCHEMA_SYNC_NO_ICONS",
	    .help = "symbols beside messages on a terminal that can show them"),
	KEY("display.show_progress", BOOL, .fallback = "true",
	    .env = "!MYSQL_SCHEMA_SYNC_NO_PROGRESS",
	    .help = "progress of long work on a terminal"),
	KEY("display.interactive", BOOL, .fallback = "true",
	    .env = "!MYSQL_SCHEMA_SYNC_NO_INTERACTIVE",
	    .help = "ask before dangerous work; false answers every question with no"),
	KEY("display.table_style", CHOICE, .fallback = "default",
	    .env = "MYSQL_SCHEMA_SYNC_TABLE_STYLE", .choices = "default|rounded|border|minimal",
	    .help = "lines around tables"),
	KEY("display.max_table_width", INT, .fallback = "120", .min = 40, .max = 300,
	    .env = "MYSQL_SCHEMA_SYNC_MAX_TABLE_WIDTH",
	    .help = "widest table, in columns"),

	KEY("backup.enabled", BOOL, .fallback = "true", .env = ENV("ENABLED"),
	    .help = "may backups be made; false also turns them off before migrations"),

	KEY("backup.storage.provider", CHOICE, .fixed = true, .fallback = "local",
	    .env = ENV("STORAGE_PROVIDER"),
	    .choices = "local|s3|azure|gcs",
	    .help = "a directory, Amazon S3, Azure Blob Storage or Google Cloud Storage"),
	KEY("backup.storage.also", LIST,
	    .help = "directories, or configuration files of other stores, where backups lie, too"),
	KEY("backup.storage.local.base_path", PATH, .fixed = true, .env = ENV("LOCAL_BASE_PATH"),
	    .fallback = "${XDG_DATA_HOME:-~/.local/share}/mysql-schema-sync/backups",
	    .help = "directory that keeps the backups"),
	KEY("backup.storage.local.permissions", MODE, .fallback = "0700",
	    .env = ENV("LOCAL_PERMISSIONS"),
	    .help = "who may read: files get no execute bits, directories matching ones"),

	KEY("backup.storage.s3.bucket", TEXT, .fixed = true, .env = ENV("S3_BUCKET"),
	    .help = "name of the bucket"),
	KEY("backup.storage.s3.region", TEXT, .fallback = "us-east-1",
	    .env = ENV("S3_REGION") " ?AWS_REGION ?AWS_DEFAULT_REGION",
	    .help = "region of the bucket"),
	KEY("backup.storage.s3.access_key", TEXT,
	    .env = ENV("S3_ACCESS_KEY") " ?AWS_ACCESS_KEY_ID",
	    .alias = "backup.storage.s3.access_key_id",
	    .help = "access key id; without one the credentials file and roles are tried"),
	KEY("backup.storage.s3.secret_key", TEXT, .secret = true,
	    .env = ENV("S3_SECRET_KEY") " ?AWS_SECRET_ACCESS_KEY",
	    .alias = "backup.storage.s3.secret_access_key",
	    .help = "secret access key"),
	KEY("backup.storage.s3.session_token", TEXT, .secret = true,
	    .env = "?AWS_SESSION_TOKEN",
	    .help = "session token of temporary credentials"),
	KEY("backup.storage.s3.profile", TEXT, .env = "?AWS_PROFILE", .fallback = "default",
	    .help = "section of the shared credentials file"),
	KEY("backup.storage.s3.prefix", TEXT, .fixed = true, .fallback = "backups/",
	    .help = "what the names of all objects begin with"),
	KEY("backup.storage.s3.endpoint", TEXT, .fixed = true, .env = "?AWS_ENDPOINT_URL_S3 ?AWS_ENDPOINT_URL",
	    .alias = "backup.storage.s3.endpoint_url",
	    .help = "address of an S3-compatible server, such as https://s3.example.com:9000"),
	KEY("backup.storage.s3.path_style", BOOL, .fallback = "false",
	    .alias = "backup.storage.s3.force_path_style",
	    .help = "bucket in the path, not in the host name; with an endpoint true if not given"),
	KEY("backup.storage.s3.storage_class", TEXT,
	    .help = "class of new objects, such as STANDARD_IA; else the bucket's"),
	KEY("backup.storage.s3.server_side_encryption", TEXT,
	    .help = "encryption by the server on top of ours: AES256 or aws:kms"),
	KEY("backup.storage.s3.kms_key_id", TEXT,
	    .help = "key for aws:kms; the account's own when not given"),
	KEY("backup.storage.s3.multipart_threshold", SIZE, .fallback = "64MB", .min = 5 * MB,
	    .max = 5 * GB, .help = "objects from this size on are sent in parts"),
	KEY("backup.storage.s3.multipart_chunksize", SIZE, .fallback = "16MB", .min = 5 * MB,
	    .max = 5 * GB, .help = "size of a part"),
	KEY("backup.storage.s3.max_concurrency", INT, .fallback = "10", .min = 1, .max = 64,
	    .help = "parts and objects sent at the same time"),
	KEY("backup.storage.s3.use_accelerate_endpoint", BOOL, .fallback = "false",
	    .help = "Amazon's accelerated endpoint"),
	PATIENCE("backup.storage.s3"),

	KEY("backup.storage.azure.account_name", TEXT, .fixed = true,
	    .env = ENV("AZURE_ACCOUNT_NAME") " ?AZURE_STORAGE_ACCOUNT",
	    .help = "name of the storage account"),
	KEY("backup.storage.azure.account_key", TEXT, .secret = true,
	    .env = ENV("AZURE_ACCOUNT_KEY") " ?AZURE_STORAGE_KEY",
	    .help = "key of the storage account"),
	KEY("backup.storage.azure.sas_token", TEXT, .secret = true,
	    .env = "?AZURE_STORAGE_SAS_TOKEN",
	    .help = "shared access signature instead of the account key"),
	KEY("backup.storage.azure.connection_string", TEXT, .secret = true,
	    .env = "?AZURE_STORAGE_CONNECTION_STRING",
	    .help = "account, key and endpoint in one text; stronger than those by themselves"),
	KEY("backup.storage.azure.container_name", TEXT, .fixed = true, .env = ENV("AZURE_CONTAINER_NAME"),
	    .alias = "backup.storage.azure.container",
	    .help = "name of the container"),
	KEY("backup.storage.azure.prefix", TEXT, .fixed = true, .fallback = "backups/",
	    .help = "what the names of all blobs begin with"),
	KEY("backup.storage.azure.endpoint", TEXT, .fixed = true,
	    .help = "address instead of https://ACCOUNT.blob.core.windows.net"),
	KEY("backup.storage.azure.block_size", SIZE, .fallback = "16MB", .min = 64 * KB,
	    .max = 4000 * MB, .help = "larger backups are sent in blocks of this size"),
	KEY("backup.storage.azure.max_concurrency", INT, .fallback = "8", .min = 1, .max = 64,
	    .help = "blocks and blobs sent at the same time"),
	PATIENCE("backup.storage.azure"),

	KEY("backup.storage.gcs.bucket", TEXT, .fixed = true, .env = ENV("GCS_BUCKET"),
	    .help = "name of the bucket"),
	KEY("backup.storage.gcs.credentials_path", PATH,
	    .env = ENV("GCS_CREDENTIALS_PATH") " ?GOOGLE_APPLICATION_CREDENTIALS",
	    .alias = "backup.storage.gcs.credentials_file",
	    .help = "JSON file of a service account; else gcloud's own, else the metadata server"),
	KEY("backup.storage.gcs.project_id", TEXT,
	    .env = ENV("GCS_PROJECT_ID") " ?GOOGLE_CLOUD_PROJECT",
	    .help = "project of the bucket; the credentials' own when not given"),
	KEY("backup.storage.gcs.prefix", TEXT, .fixed = true, .fallback = "backups/",
	    .help = "what the names of all objects begin with"),
	KEY("backup.storage.gcs.endpoint", TEXT, .fixed = true, .help = "address instead of https://storage.googleapis.com"),
	KEY("backup.storage.gcs.chunk_size", SIZE, .fallback = "16MB", .min = 256 * KB,
	    .max = GB,
	    .help = "size of a part of a resumable upload, rounded up to 256 KB"),
	PATIENCE("backup.storage.gcs"),

	KEY("backup.retention.max_backups", INT, .max = 1000000, .env = ENV("MAX_BACKUPS"),
	    .help = "at most so many, 0: any number; 10 when no policy is set at all"),
	KEY("backup.retention.max_age", DURATION, .env = ENV("MAX_AGE"),
	    .help = "older ones go, 0: any age"),
	KEY("backup.retention.cleanup_interval", DURATION, .fallback = "24h", .min = MINUTE,
	    .max = 366 * DAY, .env = ENV("CLEANUP_INTERVAL"),
	    .help = "how often the daemon cleans up"),
	KEY("backup.retention.keep_last", INT, .max = 1000000,
	    .help = "the newest so many stay whatever max_backups and max_age say"),
	KEY("backup.retention.keep_hourly", INT, .max = 1000000,
	    .help = "the newest of each of so many hours stays"),
	KEY("backup.retention.keep_daily", INT, .max = 1000000, .env = ENV("KEEP_DAILY"),
	    .help = "the newest of each of so many days stays"),
	KEY("backup.retention.keep_weekly", INT, .max = 1000000, .env = ENV("KEEP_WEEKLY"),
	    .help = "the newest of each of so many ISO weeks stays"),
	KEY("backup.retention.keep_monthly", INT, .max = 1000000, .env = ENV("KEEP_MONTHLY"),
	    .help = "the newest of each of so many months stays"),
	KEY("backup.retention.keep_yearly", INT, .max = 1000000,
	    .help = "the newest of each of so many years stays"),
	KEY("backup.retention.keep_within", DURATION,
	    .help = "all younger than this stay"),

	KEY("backup.compression.enabled", BOOL, .fallback = "true",
	    .env = ENV("COMPRESSION_ENABLED"),
	    .help = "compress what is stored"),
	KEY("backup.compression.algorithm", CHOICE, .fallback = "zstd",
	    .choices = "zstd|gzip|lz4|none", .env = ENV("COMPRESSION_ALGORITHM"),
	    .help = "how to compress"),
	KEY("backup.compression.level", INT, .min = 1, .max = 22,
	    .env = ENV("COMPRESSION_LEVEL"),
	    .help = "zstd 1 to 22 (3 when not given), gzip 1 to 9 (6), lz4 1 to 12 (1)"),
	KEY("backup.compression.threshold", SIZE, .fallback = "1024",
	    .env = ENV("COMPRESSION_THRESHOLD"),
	    .help = "smaller backups are stored as they are"),

	KEY("backup.encryption.enabled", BOOL, .fallback = "false",
	    .env = ENV("ENCRYPTION_ENABLED"),
	    .help = "encrypt what is stored"),
	KEY("backup.encryption.algorithm", CHOICE, .fallback = "aes256",
	    .choices = "aes256|aes-256|aes-256-gcm",
	    .help = "AES-256 in Galois/Counter Mode, by any of its names"),
	KEY("backup.encryption.key_source", CHOICE, .env = ENV("ENCRYPTION_KEY_SOURCE"),
	    .choices = "env|file|direct|fd|credential",
	    .help = "where the secret is; else the one key_... that is there, or env"),
	KEY("backup.encryption.key_env_var", TEXT, .fallback = CONFIG_SECRET_VARIABLE,
	    .env = ENV("ENCRYPTION_KEY_ENV_VAR"),
	    .help = "environment variable that holds the secret as 64 hex digits"),
	KEY("backup.encryption.key_file", PATH, .alias = "backup.encryption.key_path",
	    .env = ENV("ENCRYPTION_KEY_PATH"),
	    .help = "file that holds the secret as 32 bytes or 64 hex digits"),
	KEY("backup.encryption.key_fd", INT, .max = 1048576,
	    .help = "number of an open file descriptor to read the secret from"),
	KEY("backup.encryption.key_credential", TEXT,
	    .help = "name of a systemd credential that holds the secret"),
	KEY("backup.encryption.key", TEXT, .secret = true,
	    .help = "the secret itself; anybody who can read this file has it then"),
	KEY("backup.encryption.previous_keys", LIST, .secret_prefix = "key:",
	    .help = "older secrets that some backups still need: files, or env:NAME, fd:N, "
	            "credential:NAME, key:HEX"),
	KEY("backup.encryption.required", BOOL, .fallback = "false",
	    .env = ENV("ENCRYPTION_REQUIRED"),
	    .help = "no rollback and no migration to a backup that is not encrypted"),
	KEY("backup.encryption.rotation_enabled", BOOL, .fallback = "false",
	    .env = ENV("ENCRYPTION_ROTATION_ENABLED"),
	    .help = "warn when the secret has been in use for longer than rotation_days"),
	KEY("backup.encryption.rotation_days", INT, .fallback = "90", .min = 1, .max = 36500,
	    .env = ENV("ENCRYPTION_ROTATION_DAYS"),
	    .help = "age at which a secret should be replaced"),

	KEY("backup.validation.enabled", BOOL, .fallback = "true",
	    .env = ENV("VALIDATION_ENABLED"),
	    .help = "check backups; false turns the three checks below off"),
	KEY("backup.validation.checksum_algorithm", CHOICE, .fallback = "sha256",
	    .choices = "sha256|sha512|md5", .env = ENV("VALIDATION_CHECKSUM_ALGORITHM"),
	    .help = "stored bytes are checked by SHA-256, whichever of these is given"),
	KEY("backup.validation.validate_on_create", BOOL, .fallback = "true",
	    .env = ENV("VALIDATION_ON_CREATE"),
	    .help = "read every new backup back and check it"),
	KEY("backup.validation.validate_on_restore", BOOL, .fallback = "true",
	    .env = ENV("VALIDATION_ON_RESTORE"),
	    .help = "check a backup before a rollback to it"),
	KEY("backup.validation.dry_run_validation", BOOL, .fallback = "true",
	    .env = ENV("VALIDATION_DRY_RUN"),
	    .help = "prove a rollback on an empty scratch copy before it runs"),
	KEY("backup.validation.validation_timeout", DURATION, .fallback = "5m", .min = 1,
	    .max = DAY, .env = ENV("VALIDATION_TIMEOUT"),
	    .help = "how long one check may take"),

	KEY("backup.parallel_operations", BOOL, .fallback = "true",
	    .help = "work on several objects at the same time"),
	KEY("backup.max_workers", INT, .fallback = "4", .min = 1, .max = 64,
	    .help = "on how many, and so connections to the server"),
	KEY("backup.buffer_size", SIZE, .fallback = "64MB", .min = MB, .max = 4 * GB,
	    .help = "memory for data on its way to or from the store"),
	KEY("backup.streaming", BOOL, .fallback = "true",
	    .help = "pass data on piece by piece instead of holding all of it"),

	KEY("logging.log_level", CHOICE, .fallback = "info",
	    .choices = "error|warn|warning|info|debug", .env = "MYSQL_SCHEMA_SYNC_LOG_LEVEL",
	    .help = "least important lines that the log file gets"),
	KEY("logging.log_file", PATH, .env = "MYSQL_SCHEMA_SYNC_LOG_FILE", .alias = "log_file",
	    .help = "file to append the log to"),
	KEY("logging.log_format", CHOICE, .fallback = "text", .choices = "text|json",
	    .help = "form of the lines"),
	KEY("logging.enable_audit_log", BOOL, .fallback = "false",
	    .help = "record who changed what, one JSON object per line"),
	KEY("logging.audit_log_path", PATH, .fallback = "/var/log/mysql-schema-sync/audit.log",
	    .help = "file for these records"),

	KEY("migration.auto_backup", BOOL, .fallback = "true",
	    .help = "make a backup before each migration"),
	KEY("migration.backup_description", TEXT, .fallback = "Automatic pre-migration backup",
	    .help = "its description"),
	KEY("migration.backup_tags", MAP, .help = "its tags, besides type=pre-migration"),

	KEY("notifications.enabled", BOOL, .fallback = "true",
	    .help = "send word of what happened to the places below that have an address"),
	KEY("notifications.min_severity", CHOICE, .fallback = "info",
	    .choices = "info|warning|error|critical",
	    .alias = "notifications.filters.min_severity",
	    .help = "info: also of what went well; else only of what failed"),
	KEY("notifications.message_template", TEXT,
	    .alias = "notifications.slack.message_template",
	    .help = "text with {{event}}, {{status}}, {{database}}, {{backup_id}}, {{error}}, "
	            "{{host}}, {{duration_ms}} in it"),
	KEY("notifications.webhook.url", TEXT, .secret = true,
	    .help = "address to send JSON to"),
	KEY("notifications.webhook.method", CHOICE, .fallback = "post", .choices = "post|put",
	    .help = "HTTP method"),
	KEY("notifications.webhook.headers", MAP, .secret = true,
	    .help = "further HTTP headers"),
	KEY("notifications.webhook.timeout", DURATION, .fallback = "30s", .min = 1, .max = HOUR,
	    .help = "how long to try"),
	KEY("notifications.slack.webhook_url", TEXT, .secret = true,
	    .help = "address of an incoming webhook"),
	KEY("notifications.slack.channel", TEXT,
	    .help = "channel instead of the webhook's own"),
	KEY("notifications.slack.username", TEXT, .help = "name instead of the webhook's own"),
	KEY("notifications.slack.icon_emoji", TEXT,
	    .help = "icon instead of the webhook's own"),

	KEY("catalog.path", PATH, .fixed = true,
	    .help = "file of the index; below $XDG_STATE_HOME, one per store, when not given"),
	KEY("catalog.refresh_interval", DURATION, .fallback = "1m", .max = 30 * DAY,
	    .help = "age at which a command looks again for what other hosts stored"),
	KEY("catalog.full_refresh_interval", DURATION, .fallback = "10m", .max = 30 * DAY,
	    .help = "age at which it also looks for old backups that other hosts deleted"),

	KEY("mount.mountpoint", PATH, .fixed = true, .help = "directory to mount at when none is named"),
	KEY("mount.allow_other", BOOL, .fixed = true, .fallback = "false",
	    .help = "other users of this machine may look as well"),
	KEY("mount.refresh_interval", DURATION, .fallback = "2s", .min = 1, .max = DAY,
	    .help = "how often to look for what other hosts stored"),
	KEY("mount.live_interval", DURATION, .fallback = "1s", .max = HOUR,
	    .help = "for how long a look at the live schema is good"),
	KEY("mount.live_timeout", DURATION, .fallback = "3s", .min = 1, .max = MINUTE,
	    .help = "for how long a reader waits for the database server"),
};

/* Blocks that may stand elsewhere: the guides' fragments leave the outer block out. */
static const struct keys_block blocks[] = {
	{ "storage",                  "backup.storage" },
	{ "retention",                "backup.retention" },
	{ "compression",              "backup.compression" },
	{ "encryption",               "backup.encryption" },
	{ "validation",               "backup.validation" },
	{ "backup.logging",           "logging" },
	{ "backup.performance",       "backup" },
	{ "database.connection",      "database" },
	{ "database.connection_pool", "database" },
	/* Of several named servers or stores the one called primary is ours. */
	{ "database.primary",         "database" },
	{ "backup.storage.primary",   "backup.storage" },
	{ "backup.storage.local.local", "backup.storage.local" },
	{ "options",                  "" },
};

/* What stands above each block in the sample and in the reference. */
static const struct keys_heading headings[] = {
	{ "source", "The server that migrate takes the wanted schema from" },
	{ "target", "The server that is backed up, migrated and rolled back" },
	{ "database", "The same server, for those who have one only; target is stronger" },
	{ "display", "What the command prints" },
	{ "backup", "Backups" },
	{ "backup.storage", "Where backups are kept" },
	{ "backup.storage.local", "A directory" },
	{ "backup.storage.s3", "Amazon S3 and whatever speaks its protocol" },
	{ "backup.storage.azure", "Azure Blob Storage" },
	{ "backup.storage.gcs", "Google Cloud Storage" },
	{ "backup.retention", "Which backups cleanup deletes, per database" },
	{ "backup.compression", "Compression" },
	{ "backup.encryption", "Encryption" },
	{ "backup.validation", "Checks" },
	{ "logging", "Log files" },
	{ "migration", "What migrate does before it changes anything" },
	{ "notifications", "Messages to people" },
	{ "notifications.webhook", "Any HTTP server" },
	{ "notifications.slack", "Slack" },
	{ "catalog", "The index of the store; it can be rebuilt at any time" },
	{ "mount", "The file system" },
};

/* clang-format on */

const struct config_key *config_keys(size_t *count)
{
	*count = ARRAY_SIZE(keys);
	return keys;
}

const struct keys_block *keys_blocks(size_t *count)
{
	*count = ARRAY_SIZE(blocks);
	return blocks;
}

const char *keys_heading(const char *block)
{
	for (size_t i = 0; i < ARRAY_SIZE(headings); i++) {
		if (strcmp(headings[i].block, block) == 0)
			return headings[i].text;
	}
	return NULL;
}
