# SPDX-License-Identifier: MIT
"""Random schemas as lists of statements, and what makes a failing pair smaller.

    pair = random_pair(random.Random(7))
    pair.base + pair.left      the statements of one schema
    pair.base + pair.right     of the other

The statements are loaded one after the other, and those that the server refuses
are skipped: so the generator need not know what is valid, and tables come to be
as they do in life, by one ALTER after the other. Names come from small pools,
a few plain ones and some of schema_words.ODD_NAMES, so that statements meet.
"""

import dataclasses
import random

import schema_words as words

INDEXES = ["k0", "k1", "k2", "group", "a", "b;\n--x"]
KEYS = ["f0", "f1", "f2", "key"]
CHECKS = ["c0", "c1", "check"]
EVENTS = ["e0", "e/*1"]
SEQUENCES = ["s0", "S1"]
OTHER = "`pairs_other`"


def quoted(name):
    return "`" + name.replace("`", "``") + "`"


class Generator:
    def __init__(self, source):
        self.r = source
        odd = source.sample(words.ODD_NAMES, 12)
        self.tables = ["t0", "t1", "T2", odd[0]]
        self.columns = ["a", "b", "F f", *odd[1:4]]
        self.views = ["v0", "V2", *odd[4:6]]
        self.routines = ["r0", "r1", odd[6]]
        self.triggers = ["g0", "g1", "g2", odd[7], odd[8]]
        self.packages = ["p0", odd[9]]
        self.indexes = [*INDEXES, odd[10]]
        self.keys = [*KEYS, odd[11]]

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

    def text(self):
        return self.one(*words.TEXTS)

    # --- columns

    def type(self):
        return self.one(*words.TYPES)

    def text_type(self):
        return self.one("varchar(10)", "varchar(40)", "char(4)", "text", "enum('x','y')", "set('a')")

    def geometry(self):
        """No view can compare such a column with a number, so it has a name of its own."""
        return self.one(*words.GEOMETRIES)

    def charset(self):
        return self.one(*words.CHARSETS)

    def default(self):
        return self.one(
            f"default ({self.name(self.columns)})",
            f"default nextval({self.name(SEQUENCES)})",
            f"default (next value for {self.name(SEQUENCES)} + 1)",
            *words.DEFAULTS,
            *words.DEFAULTS[:6] * 3,
        )

    def generated(self):
        expression = self.one(
            "{0} + 1", "{0} * {1}", "concat({0}, 'x')", "{0} is null", "md5({0})", "if({0} > 1, 'ä', \"it's\")",
            "coalesce({0}, {1})", "json_extract({0}, '$.a')", "date_format({0}, '%Y')", "left({0}, 3)",
            "cast({0} as char(5) character set latin1)", "{0} between 1 and {1}",
        )  # fmt: skip
        expression = expression.format(self.name(self.columns), self.name(self.columns))
        return (
            f"{self.maybe('generated always', 0.3)} as ({expression})"
            f" {self.one('virtual', 'stored', 'persistent', '')} {self.maybe('invisible', 0.1)}"
            f" {self.maybe('comment ' + self.text(), 0.1)} {self.maybe('unique', 0.1)}"
        )

    def column(self):
        if self.r.random() < 0.15:
            type_ = self.one("int", "bigint", "varchar(60)", "varchar(60) collate latin1_bin", "json", "date")
            return f"{type_} {self.generated()}"
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
                self.maybe(f"comment {self.text()}", 0.1),
                self.maybe(f"check ({self.name(self.columns)} > 0)", 0.08),
                self.maybe(self.one("unique", "primary key"), 0.05),
                self.maybe(self.column_end(), 0.04),
            ]
            if part
        )

    def column_end(self):
        return self.one("without system versioning", "with system versioning")

    def new_column(self):
        return f"{self.name(self.columns)} {self.column()}"

    # --- keys

    def index_part(self, name):
        return name + self.maybe(self.one("(3)", "(3)", "(10)"), 0.15) + self.maybe(" desc", 0.08)

    def index_option(self):
        return self.one(
            f"comment {self.text()}", "using btree", "using hash", "ignored", "key_block_size = 4", "using rtree",
        )  # fmt: skip

    def index(self):
        parts = ", ".join(self.index_part(n) for n in self.names(self.columns))
        kind = self.one("key", "key", "key", "unique", "unique", "primary key", "fulltext", "spatial")
        name = "" if kind == "primary key" else self.name(self.indexes)
        return f"{kind} {name} ({parts}) {self.maybe(self.index_option(), 0.15)}"

    def foreign_key(self):
        count = self.one(1, 1, 1, 2)
        child = ", ".join(quoted(n) for n in self.r.sample(self.columns, count))
        parent = ", ".join(quoted(n) for n in self.r.sample(["a", "b", *self.columns], count))
        name = self.maybe(f"constraint {self.name(self.keys)}", 0.7)
        table = self.name([t for t in self.tables if t != "t1"])
        if self.r.random() < 0.06:
            table, parent = f"{OTHER}.`p`", self.one("a", "b")
        action = self.one(*words.ACTIONS)
        return f"{name} foreign key ({child}) references {table} ({parent}) {action}"

    def check(self):
        expression = self.one(
            "{0} > 0", "{0} < {1}", "{0} <> '; ` x' or {1} is null", "json_valid({0})", "{0} in ('ä', \"'\")",
            "{0} regexp '^a\\\\.' and not {1} <=> 3", "length({0}) between 1 and 2",
        )  # fmt: skip
        expression = expression.format(self.name(self.columns), self.name(self.columns))
        return f"{self.maybe('constraint ' + self.name(CHECKS), 0.7)} check ({expression})"

    # --- tables

    def option(self):
        return self.one(
            *words.OPTIONS,
            *words.ENGINES,
            *words.ENGINES[:4],
            *[f"comment = {self.text()}"] * 5,
            f"engine = merge union = ({', '.join(self.names(self.tables, 2))})",
        )

    def ranges(self):
        """Cuts of the ranges, and names of the partitions with what stands behind them."""
        cuts = sorted(self.r.sample(range(1, 9), self.r.randint(1, 4)))
        more = self.maybe(self.one("comment 'p;'", "max_rows = 9", "comment = 'it''s'"), 0.1)
        ranges = [f"partition p{i} values less than ({i}0) {more}" for i in cuts]
        if self.r.random() < 0.4:
            ranges.append("partition pm values less than (maxvalue)")
        return cuts, ", ".join(ranges)

    def partitioning(self):
        c, d = self.name(self.columns), self.name(self.columns)
        cuts, ranges = self.ranges()
        lists = ", ".join(f"partition l{i} values in ({i}, 1{i})" for i in cuts)
        return self.one(
            f"partition by hash ({c}) partitions {self.r.randint(1, 5)}",
            f"partition by key ({c}) partitions {self.r.randint(1, 5)}",
            f"partition by key () partitions {self.r.randint(1, 5)}",
            f"partition by linear key algorithm=1 ({c}) partitions 3",
            f"partition by range ({c}) ({ranges})",
            f"partition by range ({c}) ({ranges})",
            f"partition by range (year({c})) ({ranges})",
            f"partition by range ({c} + {d} * 2) ({ranges})",
            f"partition by range columns ({c}) ({ranges})",
            f"partition by range columns ({c}, {d}) (partition `p x` values less than (1, 'b'),"
            " partition p2 values less than (maxvalue, maxvalue))",
            f"partition by list ({c}) ({lists})",
            f"partition by list columns ({c}) (partition p0 values in ('a', 'it''s'),"
            " partition p1 values in (null))",
            f"partition by range ({c}) subpartition by hash ({d}) subpartitions 2 ({ranges})",
            f"partition by range ({c}) subpartition by key ({d})"
            " (partition p0 values less than (5) (subpartition s0 comment 's', subpartition s1),"
            " partition p1 values less than (maxvalue) (subpartition s2, subpartition s3))",
            "partition by system_time limit 100 (partition p0 history, partition pn current)",
            "partition by system_time interval 1 month starts '2030-01-01 00:00:00'"
            " (partition p0 history, partition pn current)",
            "partition by system_time interval 1 week auto partitions 3",
            f"partition by system_time subpartition by key ({c}) subpartitions 2"
            " (partition p0 history, partition p1 history, partition pn current)",
            f"partition by linear hash ({c}) (partition h0 comment 'h', partition h1)",
            f"partition by list ({c}) (partition l1 values in (1, null),"
            " partition ld default)",
        )

    def partition_change(self):
        n = self.r.randint(1, 9)
        return self.one(
            f"add partition (partition p{n} values less than ({n}0))",
            f"add partition (partition l{n} values in ({n}, 1{n}))",
            f"add partition partitions {self.r.randint(1, 2)}",
            f"drop partition {self.one('p', 'l')}{n}", "coalesce partition 1",
            f"reorganize partition p{n} into (partition pa values less than ({n}0 - 5),"
            f" partition p{n} values less than ({n}0))",
            "add partition (partition px history)",
            f"convert partition p{n} to table {self.name(self.tables)}",
        )  # fmt: skip

    def create_table(self):
        columns = self.r.sample(self.columns, self.r.randint(1, 5))
        parts = [f"{quoted(c)} {self.column() if self.r.random() < 0.5 else 'int'}" for c in columns]
        for make, chance in ((self.index, 0.5), (self.foreign_key, 0.3), (self.check, 0.2)):
            while self.r.random() < chance:
                parts.append(make())
        options = " ".join(self.maybe(self.option(), 0.3) for _ in range(2))
        table = self.name(self.tables * 4 + self.views)
        if self.r.random() < 0.04:
            return f"create table {table} like {self.name(self.tables)}"
        return (
            f"create table {table} ({', '.join(parts)}) {options}"
            f" {self.maybe('with system versioning', 0.06)} {self.maybe(self.partitioning(), 0.1)}"
        )

    def plain_table(self):
        columns = ", ".join(f"{quoted(c)} int" for c in self.columns)
        return f"create table {self.name(self.tables)} ({columns}, key (a), key k0 (b))"

    def other_database(self):
        return [
            f"create database if not exists {OTHER}",
            f"create table if not exists {OTHER}.`p` (a int primary key, b int, key (b))",
        ]

    def alteration(self):
        c, d = self.name(self.columns), self.name(self.columns)
        index = self.name(self.indexes)
        place = self.one("", "", "first", f"after {d}")
        return self.one(
            f"add column {self.new_column()} {place}",
            f"add column {self.new_column()} {place}",
            f"drop column {c}",
            f"add column geo {self.geometry()} {self.maybe('not null', 0.7)} {place}",
            f"add spatial index {index} (geo)",
            f"modify column {self.new_column()} {place}",
            f"modify column {self.new_column()} {place}",
            f"modify column {c} int {place}",
            f"change column {c} {d} {self.column()}",
            f"change column {c} {c.upper()} int {place}",
            f"change column {c.upper()} {c} bigint",
            f"rename column {c} to {d}",
            f"alter column {c} set default 3",
            f"alter column {c} set default (1 + 1)",
            f"alter column {c} drop default",
            f"add {self.index()}",
            f"add {self.index()}",
            f"add {self.index()}",
            f"drop index {index}",
            "drop primary key",
            f"rename index {index} to {self.name(self.indexes)}",
            f"alter index {index} {self.one('ignored', 'not ignored')}",
            f"add {self.foreign_key()}",
            f"add {self.foreign_key()}",
            f"add {self.foreign_key()}",
            f"drop foreign key {self.name(self.keys)}",
            f"add {self.check()}",
            f"drop constraint {self.name(CHECKS)}",
            self.option(),
            self.option(),
            f"convert to character set {self.one('latin1', 'utf8mb4', 'utf8mb3', 'utf8mb4 collate utf8mb4_bin')}",
            self.partitioning(),
            self.partition_change(),
            "remove partitioning",
            "force",
            self.one("add system versioning", "drop system versioning"),
            "add column rs timestamp(6) generated always as row start, add column re"
            " timestamp(6) generated always as row end, add period for system_time (rs, re),"
            " add system versioning",
            "add column rs bigint unsigned generated always as row start invisible, add column re"
            " bigint unsigned generated always as row end invisible,"
            " add period for system_time (rs, re), add system versioning",
            "drop column rs, drop column re, drop period for system_time, drop system versioning",
            f"add period for pp ({c}, {d})",
            "add column ps date not null, add column pe date not null, add period for pp (ps, pe)",
            f"add unique {index} ({c}, pp without overlaps)",
            "drop period for pp",
            f"add vector index {index} ({c}) distance=cosine",
            f"rename to {self.name(self.tables)}",
        )

    def alter_table(self):
        return f"alter table {self.name(self.tables)} {self.alteration()}"

    # --- the rest

    def select(self):
        source = self.name(self.one(self.tables, self.tables, self.views))
        select = self.one(*words.SELECTS[:8] * 3, *words.SELECTS, f"select a, b from {OTHER}.`p`")
        return select.format(
            c=self.name(self.columns),
            d=self.name(self.columns),
            e=self.name(self.columns),
            f=self.name(self.routines),
            s=self.name(SEQUENCES),
            t=source,
            u=self.name(self.tables),
            v=self.name(self.views),
        )

    def view(self):
        select = self.select()
        how = " ".join([
            self.maybe(f"algorithm = {self.one('merge', 'temptable')}", 0.2),
            self.maybe(f"definer = {self.one(*words.DEFINERS)}", 0.15),
            self.maybe("sql security invoker", 0.2),
        ])  # fmt: skip
        # Not on a view: where that is broken, nothing that stands in for it takes rows.
        chance = 0.15 if select.endswith(tuple(quoted(t) for t in self.tables)) else 0
        check = self.maybe(f"with {self.one('local', 'cascaded')} check option", chance)
        names = self.maybe(f"({self.name(self.columns)})", 0.1)
        return f"create or replace {how} view {self.name(self.views)} {names} as {select} {check}"

    def body(self):
        return self.one(*words.BODIES)

    def definer(self):
        return self.maybe(f"definer = {self.one(*words.DEFINERS)}", 0.15)

    def routine(self):
        how = " ".join(self.maybe(self.one(*words.CHARACTERISTICS), 0.2) for _ in range(2))
        head = f"create {self.or_replace()} {self.definer()}"
        name = self.name(self.routines)
        if self.r.random() < 0.5:
            return f"{head} procedure {name}({self.one(*words.PARAMETERS)}) {how} {self.body()}"
        kind = self.one(
            f"function {name}(a int) returns {self.one(*words.RETURNS)} deterministic {how} return a + 1",
            f"function {name}(a int) returns {self.one(*words.RETURNS)} deterministic return (select 2)",
            f"aggregate function {name}(a int) returns int begin declare n int default 0;"
            " declare continue handler for not found return n;"
            " loop fetch group next row; set n = n + 1; end loop; end",
        )
        return f"{head} {kind}"

    def trigger(self):
        when = f"{self.one('before', 'after')} {self.one('insert', 'update', 'delete')}"
        order = self.maybe(f"{self.one('follows', 'precedes')} {self.name(self.triggers)}", 0.3)
        replace = self.maybe(self.or_replace(), 0.5)
        body = self.one(*words.BODIES, f"set new.{self.name(self.columns)} = 1", "set @n = old.a")
        return (
            f"create {replace} {self.definer()} trigger {self.name(self.triggers)} {when}"
            f" on {self.name(self.tables)} for each row {order} {body}"
        )

    def event(self):
        schedule = self.one(*words.SCHEDULES)
        state = "enable" if "preserve" in schedule else self.one(*words.EVENT_STATES)
        return (
            f"create {self.or_replace()} {self.definer()} event {self.name(EVENTS)}"
            f" on schedule {schedule} {state} do {self.body()}"
        )

    def sequence(self):
        # No foreign key refers to t1: one to what became a sequence cannot be made again.
        pool = self.one(SEQUENCES, SEQUENCES, SEQUENCES, ["t1"])
        return f"create or replace sequence {self.name(pool)} {self.one(*words.SEQUENCE_OPTIONS)}"

    def package(self):
        name = '"' + self.r.choice(self.packages).replace('"', '""') + '"'
        how = self.maybe(self.one("comment 'it''s'", "sql security invoker"), 0.2)
        more = self.maybe("procedure y; function z(a int) return int;", 0.5)
        body = more.replace("y;", "y as begin null; end;").replace("t;", "t as begin return 1; end;")
        return [
            "set sql_mode = 'ORACLE'",
            f"create or replace package {name} {how} as procedure x; {more} end",
            *([f"create or replace package body {name} {how} as i int := 1; -- c\n procedure x as"
               f" begin null; end; {body} begin i := 2; end"]
              if self.r.random() < 0.7 else []),
            "set sql_mode = ''",
        ]  # fmt: skip

    def oracle(self):
        """Code under a grammar of its own."""
        return [
            "set sql_mode = 'ORACLE'",
            self.one(
                f"create or replace procedure {self.name(self.routines)}(a out int) as i t0.a%type;"
                " begin a := 1; null; end",
                f"create or replace function {self.name(self.routines)}(a int) return varchar as"
                " begin return 'x' || a; end",
                f"create or replace trigger {self.name(self.triggers)} before insert on"
                f" {self.name(self.tables)} for each row begin :new.a := 1; end",
            ).replace("`", '"' if self.r.random() < 0.5 else "`"),
            "set sql_mode = ''",
        ]

    def drop(self):
        return self.one(
            f"drop table {self.name(self.tables)}",
            f"drop view {self.name(self.views)}",
            f"drop trigger {self.name(self.triggers)}",
            f"drop procedure {self.name(self.routines)}",
            f"drop function {self.name(self.routines)}",
            f"drop event {self.name(EVENTS)}",
            f"drop sequence {self.name(SEQUENCES)}",
            f"rename table {self.name(self.tables)} to {self.name(self.tables + self.views)}",
            f"rename table {self.name(self.views)} to {self.name(self.tables + self.views)}",
            "drop package body p0",
        )

    def unchecked(self):
        """What leaves foreign keys without a parent or an index.

        Nobody makes the parent again: a foreign key to one that is no longer fit
        cannot be made by any statement.
        """
        return [
            "set foreign_key_checks = 0",
            self.one(
                f"alter table {self.name(self.tables)} drop index {self.name(self.keys)}",
                f"alter table {self.name(self.tables)} add constraint {self.name(self.keys)}"
                f" foreign key ({self.name(self.columns)}) references gone ({self.name(self.columns)})",
            ),
            "set foreign_key_checks = 1",
        ]

    def setting(self):
        database = f"alter database collate {self.one(*words.DATABASE_COLLATIONS)}"
        return self.one(*words.SETTINGS, *[database] * 4)

    def statements(self, count):
        makers = [
            (self.plain_table, 30), (self.create_table, 60), (self.alter_table, 220), (self.view, 40),
            (self.routine, 20), (self.trigger, 40), (self.event, 10), (self.sequence, 20),
            (self.package, 10), (self.drop, 30), (self.setting, 20), (self.unchecked, 10),
            (self.oracle, 5), (self.other_database, 3),
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
        "inet", "uuid", "compressed", "nextval", "next value", "uuid()", "Aria", "page_", "transactional",
        "system_time", "linear hash", "default)", "row start", "period", "overlaps", "versioning",
        "drop constraint", "ignored", "sequence", "aggregate", "type of", "vector index", "ref_system",
        "history", "convert partition", "package", "ietf_quotes", "encrypted", "uca1400", "nopad",
        # MySQL prints it in another character set than it reads
        "in ('ä'",
    )  # fmt: skip

    def one(self, *choices):
        """Without the choices that are MariaDB's own."""
        known = [c for c in choices if not isinstance(c, str) or self.is_known(c)]
        return self.r.choice(known or choices)

    def is_known(self, text):
        return not any(word in text for word in self.MARIADB_ONLY)

    def or_replace(self):
        return ""

    def type(self):
        return self.r.choice(
            [super().type()] * 8 + ["vector(3)", "vector", "double unsigned", "geometry srid 0", "serial"]
        )

    def geometry(self):
        return self.one("point srid 4326", "geometry", "linestring", "polygon srid 3857", "geomcollection")

    def default(self):
        return self.r.choice([super().default()] * 5 + ["default (uuid())", "default (json_array())"])

    def column_end(self):
        return self.one("column_format fixed", "column_format dynamic", "storage memory", "storage disk")

    def index_part(self, name):
        if self.r.random() < 0.12:
            return self.one(
                f"({name} + 1)", f"(lower({name})) desc", f"(cast({name} as unsigned array))",
                f"(cast({name} -> '$.x[*]' as char(9) array))", f"(cast({name} as date))",
                f"(json_value({name}, '$.it''s' returning signed))", f"(coalesce({name}, 'ä`'))",
            )  # fmt: skip
        return super().index_part(name)

    def index_option(self):
        return self.one(
            f"comment {self.text()}", "using btree", "using hash", "invisible", "with parser ngram",
            "key_block_size = 4",
        )  # fmt: skip

    def check(self):
        schema = "json_schema_valid('{\"type\": \"object\"}', {0})".replace("{0}", self.name(self.columns))
        name = self.maybe("constraint " + self.name(CHECKS), 0.7)
        check = f"{name} check ({schema})" if self.r.random() < 0.1 else super().check()
        return check + self.maybe(" not enforced", 0.2)

    def option(self):
        return self.r.choice(
            [super().option()] * 6
            + ["autoextend_size = 4M", "encryption = 'N'", "compression = 'zlib'", "compression = 'none'",
               "tablespace innodb_system", "tablespace innodb_file_per_table",
               "collate utf8mb4_0900_as_cs"]
        )  # fmt: skip

    def alteration(self):
        return self.r.choice(
            [super().alteration()] * 12
            + [
                f"alter index {self.name(self.indexes)} {self.one('visible', 'invisible')}",
                f"alter check {self.name(CHECKS)} {self.one('', 'not')} enforced",
                f"drop check {self.name(CHECKS)}",
                f"alter column {self.name(self.columns)} set {self.one('visible', 'invisible')}",
            ]
        )

    def select(self):
        return self.r.choice(
            [super().select()] * 8
            + [
                f"select j.x from {self.name(self.tables)} t, json_table(t.a, '$[*]' columns (x int path '$'"
                " default '7' on empty, nested path '$.n[*]' columns (y int path '$'))) j",
                f"select l.n from {self.name(self.tables)} t,"
                " lateral (select t.a + 1 as n) l",
                "values row(1, 'x'), row(2, 'y')",
                f"table {self.name(self.tables)}",
                f"select a, sum(b) as s, grouping(a) as g from {self.name(self.tables)} group by a with rollup",
            ]
        )

    def sequence(self):
        return self.trigger()

    def package(self):
        return self.view()

    def oracle(self):
        """Columns and keys that the server adds by itself."""
        return [
            "set sql_generate_invisible_primary_key = 1",
            self.create_table(),
            "set sql_generate_invisible_primary_key = 0",
        ]


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
