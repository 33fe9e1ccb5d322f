# SPDX-License-Identifier: MIT
"""Random schemas as lists of statements, and what makes a failing pair smaller.

    pair = random_pair(random.Random(7))
    pair.base + pair.left      the statements of one schema
    pair.base + pair.right     of the other

The statements are loaded one after the other, and those that the server refuses
are skipped: so the generator need not know what is valid, and tables come to be
as they do in life, by one ALTER after the other. Names come from small pools,
so that statements meet.
"""

import dataclasses
import random

TABLES = ["t0", "t1", "T2", "tä`3"]
COLUMNS = ["a", "b", "select", "日 '\\\"", "e", "F f"]
INDEXES = ["k0", "k1", "k2", "group", "a", "b;\n--x"]
KEYS = ["f0", "f1", "f2", "key"]
CHECKS = ["c0", "c1", "check"]
VIEWS = ["v0", "v1", "V2", "order by"]
ROUTINES = ["r0", "r1", "r'2"]
TRIGGERS = ["g0", "g1", "g2", "g`3", "trigger"]
EVENTS = ["e0", "e/*1"]
SEQUENCES = ["s0", "S1"]
PACKAGES = ["p0", "p1"]


def quoted(name):
    return "`" + name.replace("`", "``") + "`"


class Generator:
    def __init__(self, source):
        self.r = source

    def one(self, *choices):
        return self.r.choice(choices)

    def maybe(self, text, chance=0.3):
        return text if self.r.random() < chance else ""

    def or_replace(self):
        return "or replace"

    def name(self, pool):
        return quoted(self.r.choice(pool))

    def names(self, pool, most=3):
        return [quoted(n) for n in self.r.sample(pool, self.r.randint(1, most))]

    # --- columns

    def type(self):
        return self.one(
            "int", "int", "int", "bigint", "int unsigned", "smallint", "tinyint(1)",
            "decimal(10,2)", "decimal(8,1)", "float", "double",
            "varchar(10)", "varchar(20)", "varchar(300)", "char(5)", "text", "mediumtext",
            "tinytext", "enum('x','y')", "enum('x','y','z')", "set('p','q')",
            "varbinary(10)", "blob", "date", "datetime", "datetime(3)", "timestamp null",
            "time", "year", "json", "bit(3)", "inet6", "uuid",
            "varchar(90) compressed", "text compressed",
        )  # fmt: skip

    def text_type(self):
        return self.one("varchar(10)", "varchar(40)", "char(4)", "text", "enum('x','y')")

    def geometry(self):
        """No view can compare such a column with a number, so it has a name of its own."""
        return self.one("point", "multipolygon", "geometry")

    def charset(self):
        return self.one(
            "character set latin1", "character set utf8mb4", "collate utf8mb4_bin",
            "character set utf8mb3", "collate latin1_bin", "character set ascii",
            "character set ucs2", "collate utf32_unicode_ci", "character set binary",
        )  # fmt: skip

    def default(self):
        return self.one(
            "default null", "default 1", "default '1'", "default 'x'", "default (1 + 2)",
            f"default ({self.name(COLUMNS)})", "default uuid()", "default current_timestamp",
            "default current_timestamp on update current_timestamp",
            f"default nextval({self.name(SEQUENCES)})", "default '2001-02-03'",
        )  # fmt: skip

    def generated(self):
        expression = self.one("{0} + 1", "{0} * {1}", "concat({0}, 'x')", "{0} is null", "md5({0})")
        expression = expression.format(self.name(COLUMNS), self.name(COLUMNS))
        return f"as ({expression}) {self.one('virtual', 'stored')} {self.maybe('invisible', 0.1)}"

    def column(self):
        if self.r.random() < 0.15:
            return f"{self.one('int', 'bigint', 'varchar(60)')} {self.generated()}"
        if self.r.random() < 0.25:
            type_ = f"{self.text_type()} {self.charset()}"
        else:
            type_ = self.type()
        return " ".join(
            part
            for part in [
                type_,
                self.maybe("not null", 0.3),
                self.maybe(self.default(), 0.3),
                self.maybe("auto_increment", 0.05),
                self.maybe("invisible", 0.07),
                self.maybe("comment 'it''s; -- x \\\\ `q`'", 0.1),
                self.maybe(f"check ({self.name(COLUMNS)} > 0)", 0.08),
                self.maybe(self.one("unique", "primary key"), 0.05),
                self.maybe(self.column_end(), 0.04),
            ]
            if part
        )

    def column_end(self):
        return "without system versioning"

    def new_column(self):
        return f"{self.name(COLUMNS)} {self.column()}"

    # --- keys

    def index_part(self, name):
        return name + self.maybe("(3)", 0.15) + self.maybe(" desc", 0.08)

    def index_option(self):
        return self.one(
            "comment 'k'", "using btree", "ignored", "key_block_size = 4"
        )

    def index(self):
        parts = ", ".join(self.index_part(n) for n in self.names(COLUMNS))
        kind = self.one("key", "key", "key", "unique", "unique", "primary key", "fulltext", "spatial")
        name = "" if kind == "primary key" else self.name(INDEXES)
        return f"{kind} {name} ({parts}) {self.maybe(self.index_option(), 0.15)}"

    def foreign_key(self):
        count = self.one(1, 1, 1, 2)
        child = ", ".join(quoted(n) for n in self.r.sample(COLUMNS, count))
        parent = ", ".join(quoted(n) for n in self.r.sample(["a", "b", *COLUMNS], count))
        action = self.one("", "", "on delete cascade", "on delete set null on update cascade",
                          "on update no action", "on delete restrict")  # fmt: skip
        name = self.maybe(f"constraint {self.name(KEYS)}", 0.7)
        table = self.name([t for t in TABLES if t != "t1"])
        return f"{name} foreign key ({child}) references {table} ({parent}) {action}"

    def check(self):
        expression = self.one("{0} > 0", "{0} < {1}", "{0} <> '; ` x' or {1} is null")
        expression = expression.format(self.name(COLUMNS), self.name(COLUMNS))
        return f"{self.maybe('constraint ' + self.name(CHECKS), 0.7)} check ({expression})"

    # --- tables

    def option(self):
        return self.one(
            "engine = InnoDB", "engine = MyISAM", "engine = Aria", "engine = MEMORY",
            "comment = 'c1'", "comment = ''", "comment = 'it''s'", "row_format = dynamic",
            "row_format = compact", "row_format = default", "row_format = fixed",
            "default charset latin1", "default charset utf8mb4", "collate utf8mb4_bin",
            "default charset utf8mb3", "default charset ucs2", "checksum = 1", "max_rows = 100", "min_rows = 5",
            "stats_persistent = 1", "pack_keys = 1", "avg_row_length = 50", "page_checksum = 1",
            "key_block_size = 8", "delay_key_write = 1", "transactional = 1",
            "page_compressed = 1",
        )  # fmt: skip

    def partitioning(self):
        c = self.name(COLUMNS)
        cuts = sorted(self.r.sample(range(1, 9), self.r.randint(1, 4)))
        ranges = [f"partition p{i} values less than ({i}0)" for i in cuts]
        if self.r.random() < 0.4:
            ranges.append("partition pm values less than (maxvalue)")
        lists = [f"partition l{i} values in ({i}, 1{i})" for i in cuts]
        return self.one(
            f"partition by hash ({c}) partitions {self.r.randint(1, 5)}",
            f"partition by key ({c}) partitions {self.r.randint(1, 5)}",
            f"partition by range ({c}) ({', '.join(ranges)})",
            f"partition by range ({c}) ({', '.join(ranges)})",
            f"partition by range columns ({c}) ({', '.join(ranges)})",
            f"partition by list ({c}) ({', '.join(lists)})",
            f"partition by range ({c}) subpartition by hash ({self.name(COLUMNS)})"
            f" subpartitions 2 ({', '.join(ranges)})",
            "partition by system_time limit 100 (partition p0 history, partition pn current)",
            "partition by system_time interval 1 month starts '2030-01-01 00:00:00'"
            " (partition p0 history, partition pn current)",
            f"partition by system_time subpartition by key ({c}) subpartitions 2"
            " (partition p0 history, partition p1 history, partition pn current)",
            f"partition by linear hash ({c}) (partition h0 comment 'h', partition h1)",
            f"partition by list ({c}) (partition l1 values in (1, null),"
            " partition ld default)",
        )

    def create_table(self):
        columns = self.r.sample(COLUMNS, self.r.randint(1, 5))
        parts = [f"{quoted(c)} {self.column() if self.r.random() < 0.5 else 'int'}" for c in columns]
        for make, chance in ((self.index, 0.5), (self.foreign_key, 0.3), (self.check, 0.2)):
            while self.r.random() < chance:
                parts.append(make())
        options = " ".join(self.maybe(self.option(), 0.3) for _ in range(2))
        return (
            f"create table {self.name(TABLES * 4 + VIEWS)} ({', '.join(parts)}) {options}"
            f" {self.maybe('with system versioning', 0.06)} {self.maybe(self.partitioning(), 0.1)}"
        )

    def plain_table(self):
        columns = ", ".join(f"{quoted(c)} int" for c in COLUMNS)
        return f"create table {self.name(TABLES)} ({columns}, key (a), key k0 (b))"

    def alteration(self):
        c = self.name(COLUMNS)
        place = self.one("", "", "first", f"after {self.name(COLUMNS)}")
        return self.one(
            f"add column {self.new_column()} {place}",
            f"add column {self.new_column()} {place}",
            f"drop column {c}",
            f"add column geo {self.geometry()} {self.maybe('not null', 0.7)} {place}",
            f"add spatial index {self.name(INDEXES)} (geo)",
            f"modify column {self.new_column()} {place}",
            f"modify column {self.new_column()} {place}",
            f"modify column {c} int {place}",
            f"change column {c} {self.name(COLUMNS)} {self.column()}",
            f"change column {c} {c.upper()} int {place}",
            f"change column {c.upper()} {c} bigint",
            f"rename column {c} to {self.name(COLUMNS)}",
            f"alter column {c} set default 3",
            f"alter column {c} drop default",
            f"add {self.index()}",
            f"add {self.index()}",
            f"add {self.index()}",
            f"drop index {self.name(INDEXES)}",
            "drop primary key",
            f"rename index {self.name(INDEXES)} to {self.name(INDEXES)}",
            f"alter index {self.name(INDEXES)} {self.one('ignored', 'not ignored')}",
            f"add {self.foreign_key()}",
            f"add {self.foreign_key()}",
            f"add {self.foreign_key()}",
            f"drop foreign key {self.name(KEYS)}",
            f"add {self.check()}",
            f"drop constraint {self.name(CHECKS)}",
            self.option(),
            self.option(),
            f"convert to character set {self.one('latin1', 'utf8mb4', 'utf8mb3')}",
            self.partitioning(),
            "remove partitioning",
            self.one("add system versioning", "drop system versioning"),
            "add column rs timestamp(6) generated always as row start, add column re"
            " timestamp(6) generated always as row end, add period for system_time (rs, re),"
            " add system versioning",
            f"add period for pp ({self.name(COLUMNS)}, {self.name(COLUMNS)})",
            "add column ps date not null, add column pe date not null, add period for pp (ps, pe)",
            f"add unique {self.name(INDEXES)} ({c}, pp without overlaps)",
            "drop period for pp",
        )

    def alter_table(self):
        return f"alter table {self.name(TABLES)} {self.alteration()}"

    # --- the rest

    def view(self):
        source = self.name(self.one(TABLES, TABLES, VIEWS))
        c = self.name(COLUMNS)
        select = self.one(
            f"select {c} from {source}",
            f"select {c}, {self.name(COLUMNS)} as {self.name(COLUMNS)} from {source}",
            f"select * from {source}",
            f"select {self.name(ROUTINES)}({c}) as a from {source}",
            f"select x.{c} as a, y.{c} as b from {source} x join {self.name(TABLES)} y on x.{c} = y.{c}",
            f"select {c} from {source} union all select {c} from {self.name(VIEWS)}",
            f"select 1 as a, nextval({self.name(SEQUENCES)}) as b",
            f"with w as (select {c} from {source}) select {c} as b from w where {c} > 1",
        )
        how = " ".join([
            self.maybe(f"algorithm = {self.one('merge', 'temptable')}", 0.2),
            self.maybe("definer = nobody@nowhere", 0.1),
            self.maybe("sql security invoker", 0.2),
        ])  # fmt: skip
        # Not on a view: where that is broken, nothing that stands in for it takes rows.
        chance = 0.15 if select.endswith(tuple(quoted(t) for t in TABLES)) else 0
        check = self.maybe(f"with {self.one('local', 'cascaded')} check option", chance)
        return f"create or replace {how} view {self.name(VIEWS)} as {select} {check}"

    def body(self):
        return self.one(
            "set @x = 1", "set @x = 'a;b'",
            f"begin set @x = {self.r.randint(1, 3)}; /* c */ set @y = \"q\"; end",
            "begin\n  -- note; here 'x\n  set @z = 2; # end\nend",
        )  # fmt: skip

    def routine(self):
        how = self.maybe("comment 'it''s'", 0.2) + " " + self.maybe("sql security invoker", 0.2)
        if self.r.random() < 0.5:
            parameter = self.one("a int", "inout a text", "out `x y` varchar(3) character set ucs2")
            return (
                f"create {self.or_replace()} procedure {self.name(ROUTINES)}({parameter})"
                f" {how} {self.body()}"
            )
        returns = self.one("int", "varchar(10)", "varchar(10) character set latin1")
        return (
            f"create {self.or_replace()} function {self.name(ROUTINES)}(a int) returns {returns}"
            f" deterministic {how} return a + {self.r.randint(1, 3)}"
        )

    def trigger(self):
        when = f"{self.one('before', 'after')} {self.one('insert', 'update', 'delete')}"
        order = self.maybe(f"{self.one('follows', 'precedes')} {self.name(TRIGGERS)}", 0.3)
        replace = self.maybe(self.or_replace(), 0.5)
        return (
            f"create {replace} trigger {self.name(TRIGGERS)} {when} on {self.name(TABLES)}"
            f" for each row {order} {self.body()}"
        )

    def event(self):
        schedule = self.one(
            "at '2035-01-01 00:00:00'", "every 1 day starts '2030-01-01 00:00:00'",
            "every 2 hour starts '2001-01-01 00:00:00'",
            "every 1 day starts '2030-01-01 00:00:00' ends '2031-01-01 00:00:00'",
            "every '1:30' hour_minute starts '2030-01-01 00:00:00'",
            "every 1 month", "at current_timestamp + interval 1 year",
            "every 1 year starts '2001-01-01 00:00:00' ends '2002-01-01 00:00:00'"
            " on completion preserve",
        )  # fmt: skip
        state = self.one("", "", "disable", "on completion preserve", "comment 'c'", "disable on slave")
        if "preserve" in schedule:
            state = "enable"
        return (
            f"create {self.or_replace()} event {self.name(EVENTS)} on schedule {schedule} {state}"
            f" do {self.body()}"
        )

    def sequence(self):
        options = self.one(
            "", "start with 5", "increment by 2", "minvalue -5 start with 0", "cache 10",
            "cycle", "maxvalue 100", "start with -1 increment by -1",
        )  # fmt: skip
        # No foreign key refers to t1: one to what became a sequence cannot be made again.
        pool = self.one(SEQUENCES, SEQUENCES, SEQUENCES, ["t1"])
        return f"create or replace sequence {self.name(pool)} {options}"

    def package(self):
        name = self.name(PACKAGES).replace("`", '"')
        more = self.maybe("procedure y;", 0.5)
        body = more.replace(";", " as begin null; end;")
        return [
            "set sql_mode = 'ORACLE'",
            f"create or replace package {name} as procedure x; {more} end",
            *([f"create or replace package body {name} as procedure x as begin null; end; {body} end"]
              if self.r.random() < 0.7 else []),
            "set sql_mode = ''",
        ]  # fmt: skip

    def drop(self):
        return self.one(
            f"drop table {self.name(TABLES)}",
            f"drop view {self.name(VIEWS)}",
            f"drop trigger {self.name(TRIGGERS)}",
            f"drop procedure {self.name(ROUTINES)}",
            f"drop function {self.name(ROUTINES)}",
            f"drop event {self.name(EVENTS)}",
            f"drop sequence {self.name(SEQUENCES)}",
            f"rename table {self.name(TABLES)} to {self.name(TABLES + VIEWS)}",
            f"rename table {self.name(VIEWS)} to {self.name(TABLES + VIEWS)}",
            f"drop package body {self.name(PACKAGES)}",
        )

    def unchecked(self):
        """What leaves foreign keys without a parent or an index.

        Nobody makes the parent again: a foreign key to one that is no longer fit
        cannot be made by any statement.
        """
        return [
            "set foreign_key_checks = 0",
            self.one(
                f"alter table {self.name(TABLES)} drop index {self.name(KEYS)}",
                f"alter table {self.name(TABLES)} add constraint {self.name(KEYS)}"
                f" foreign key ({self.name(COLUMNS)}) references gone ({self.name(COLUMNS)})",
            ),
            "set foreign_key_checks = 1",
        ]

    def setting(self):
        return self.one(
            "set sql_mode = 'ANSI_QUOTES'", "set sql_mode = ''", "set sql_mode = 'STRICT_ALL_TABLES'",
            "set names latin1", "set names utf8mb4",
            "set time_zone = '+02:00'", "set time_zone = '+00:00'",
            "alter database collate utf8mb4_bin", "alter database collate latin1_swedish_ci",
            "alter database collate utf8mb4_general_ci", "set names sjis", "set names utf8mb3",
            "set sql_mode = 'NO_BACKSLASH_ESCAPES'", "set sql_mode = 'PIPES_AS_CONCAT'",
        )  # fmt: skip

    def statements(self, count):
        makers = [
            (self.plain_table, 3), (self.create_table, 6), (self.alter_table, 22), (self.view, 4),
            (self.routine, 2), (self.trigger, 4), (self.event, 1), (self.sequence, 2),
            (self.package, 1), (self.drop, 3), (self.setting, 2), (self.unchecked, 1),
        ]  # fmt: skip
        weights = [weight for _, weight in makers]
        out = []
        while len(out) < count:
            made = self.r.choices(makers, weights)[0][0]()
            # A group of statements stays together, also when a pair is made smaller.
            out.append(made if isinstance(made, list) else [made])
        return out


class MySqlGenerator(Generator):
    """What only MySQL has, and nothing that only MariaDB has."""

    MARIADB_ONLY = (
        "inet6", "uuid", "compressed", "nextval", "uuid()", "Aria", "page_", "transactional",
        "system_time", "linear hash", "default)", "row start", "period", "overlaps", "versioning",
        "drop constraint", "ignored", "sequence",
        # MySQL prints triggers wrongly that were made over such a connection
        "names latin1", "names sjis",
    )  # fmt: skip

    def one(self, *choices):
        """Without the choices that are MariaDB's own."""
        texts = [c for c in choices if not isinstance(c, str)]
        texts += [c for c in choices if isinstance(c, str) and self.is_known(c)]
        return self.r.choice(texts or choices)

    def is_known(self, text):
        return not any(word in text for word in self.MARIADB_ONLY)

    def or_replace(self):
        return ""

    def type(self):
        return self.r.choice(
            [super().type()] * 8
            + ["vector(3)", "json", "double unsigned"]
        )

    def geometry(self):
        return self.one("point srid 4326", "geometry", "linestring")

    def default(self):
        return self.r.choice([super().default()] * 5 + ["default (uuid())", "default (json_array())"])

    def column_end(self):
        return "column_format fixed"

    def index_part(self, name):
        if self.r.random() < 0.12:
            return self.r.choice(
                [f"({name} + 1)", f"(lower({name})) desc", f"(cast({name} as unsigned array))"]
            )
        return super().index_part(name)

    def index_option(self):
        return self.one("comment 'k'", "using btree", "invisible", "with parser ngram")

    def check(self):
        return super().check() + self.maybe(" not enforced", 0.2)

    def option(self):
        return self.r.choice(
            [super().option()] * 6
            + ["stats_auto_recalc = 1", "stats_sample_pages = 5", "compression = 'zlib'",
               "autoextend_size = 4M", "encryption = 'N'"]
        )  # fmt: skip

    def alteration(self):
        return self.r.choice(
            [super().alteration()] * 12
            + [
                f"alter index {self.name(INDEXES)} {self.one('visible', 'invisible')}",
                f"alter check {self.name(CHECKS)} {self.one('', 'not')} enforced",
                f"drop check {self.name(CHECKS)}",
            ]
        )

    def sequence(self):
        return self.trigger()

    def package(self):
        return self.view()


@dataclasses.dataclass
class Pair:
    """Two lists of statements (each a group: a list) with a common beginning."""

    base: list
    left: list
    right: list

    def sql(self, side):
        groups = self.base + (self.left if side == "left" else self.right)
        return "".join(f"{s}\n;;\n" for group in groups for s in group)


def random_pair(source, family="mariadb"):
    g = MySqlGenerator(source) if family == "mysql" else Generator(source)
    base = [[g.plain_table()] for _ in range(source.randint(0, 8))]
    base += g.statements(source.randint(0, 60))
    return Pair(base, g.statements(source.randint(0, 40)), g.statements(source.randint(1, 60)))


def smaller(pair):
    """Pairs with a part of the statements taken out: large parts first."""
    for part in ("right", "left", "base"):
        groups = getattr(pair, part)
        size = len(groups)
        while size >= 1:
            for start in range(0, len(groups), size):
                yield dataclasses.replace(pair, **{part: groups[:start] + groups[start + size :]})
            size //= 2


def shrink(pair, fails, most=200):
    """The smallest pair found, in so many tries, that still fails."""
    tries = 0
    progress = True
    while progress:
        progress = False
        for candidate in smaller(pair):
            tries += 1
            if tries > most:
                return pair
            if fails(candidate):
                pair = candidate
                progress = True
                break
    return pair
