//! The PostgreSQL types that columns can have.

use super::NamedType;
use postgres_types::{Kind, Type};
use std::fmt;

/// The types that every database has: name in Rust, name in SQL, wire type, wire type of an array.
macro_rules! built_in {
    ($($(#[$doc:meta])+ $variant:ident = $name:literal, $element:ident, $array:ident;)*) => {
        /// A column type of PostgreSQL, as plain data.
        ///
        /// The name is the one that `CREATE TABLE` uses; [`SqlType::element`] and [`SqlType::array`]
        /// are the wire types of one value and of a batch of values.
        ///
        /// ```
        /// use orm_core::types::{ScalarType, SqlType};
        /// assert_eq!(SqlType::BigInt.to_string(), "bigint");
        /// assert_eq!(SqlType::TimestampTz.name(), "timestamptz");
        /// assert_eq!((SqlType::Text.element().name(), SqlType::Text.array().name()), ("text", "_text"));
        /// assert!(SqlType::SmallInt.is_integer() && !SqlType::Uuid.is_integer());
        ///
        /// let texts = <Vec<String>>::SQL;
        /// assert_eq!((texts, texts.name()), (SqlType::Array(&SqlType::Text), "text[]"));
        /// ```
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[non_exhaustive]
        pub enum SqlType {
            $($(#[$doc])+ $variant,)*
            /// An array of such values. Arrays of arrays are arrays of several dimensions, which have the type of those of one.
            Array(&'static SqlType),
            /// A type that has a name of its own in the database: an enum, a domain, a composite, a type of an extension.
            Named(&'static NamedType),
        }

        impl SqlType {
            /// The name in DDL and casts.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                    Self::Array(item) => item.array_name(),
                    Self::Named(ty) => ty.quoted(),
                }
            }

            /// The name of the type of an array.
            const fn array_name(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($name, "[]"),)*
                    Self::Array(item) => item.array_name(),
                    Self::Named(ty) => ty.quoted_array(),
                }
            }

            /// The wire type of one value.
            #[inline]
            pub fn element(self) -> Type {
                match self {
                    $(Self::$variant => Type::$element,)*
                    Self::Array(item) => item.array_type(),
                    Self::Named(ty) => ty.wire().element.clone(),
                }
            }

            /// The wire type of an array, whatever its dimensions.
            fn array_type(self) -> Type {
                match self {
                    $(Self::$variant => Type::$array,)*
                    Self::Array(item) => item.array_type(),
                    Self::Named(ty) => ty.wire().array.clone(),
                }
            }
        }
    };
}

built_in! {
    /// `boolean`
    Boolean = "boolean", BOOL, BOOL_ARRAY;
    /// `smallint`, 16 bits
    SmallInt = "smallint", INT2, INT2_ARRAY;
    /// `integer`, 32 bits
    Integer = "integer", INT4, INT4_ARRAY;
    /// `bigint`, 64 bits
    BigInt = "bigint", INT8, INT8_ARRAY;
    /// `real`, 32-bit IEEE float
    Real = "real", FLOAT4, FLOAT4_ARRAY;
    /// `double precision`, 64-bit IEEE float
    DoublePrecision = "double precision", FLOAT8, FLOAT8_ARRAY;
    /// `numeric`, exact decimals
    Numeric = "numeric", NUMERIC, NUMERIC_ARRAY;
    /// `money`, 64 bits in the smallest unit of the server's currency
    Money = "money", MONEY, MONEY_ARRAY;
    /// `text`; with a `length` on the column `varchar(length)`, and `char(length)` where it is `fixed`
    Text = "text", TEXT, TEXT_ARRAY;
    /// `"char"`, one byte
    Char = "\"char\"", CHAR, CHAR_ARRAY;
    /// `bytea`
    Bytea = "bytea", BYTEA, BYTEA_ARRAY;
    /// `date`
    Date = "date", DATE, DATE_ARRAY;
    /// `time` without time zone
    Time = "time", TIME, TIME_ARRAY;
    /// `timetz`, a time with an offset
    TimeTz = "timetz", TIMETZ, TIMETZ_ARRAY;
    /// `timestamp` without time zone, microseconds
    Timestamp = "timestamp", TIMESTAMP, TIMESTAMP_ARRAY;
    /// `timestamptz`, microseconds
    TimestampTz = "timestamptz", TIMESTAMPTZ, TIMESTAMPTZ_ARRAY;
    /// `interval`: months, days and microseconds
    Interval = "interval", INTERVAL, INTERVAL_ARRAY;
    /// `uuid`
    Uuid = "uuid", UUID, UUID_ARRAY;
    /// `json`, kept as its text
    Json = "json", JSON, JSON_ARRAY;
    /// `jsonb`
    Jsonb = "jsonb", JSONB, JSONB_ARRAY;
    /// `xml`
    Xml = "xml", XML, XML_ARRAY;
    /// `varbit`, a string of bits; with a `length` on the column `varbit(length)`, and `bit(length)` where it is `fixed`
    VarBit = "varbit", VARBIT, VARBIT_ARRAY;
    /// `inet`, an address of a host, with its network
    Inet = "inet", INET, INET_ARRAY;
    /// `cidr`, a network
    Cidr = "cidr", CIDR, CIDR_ARRAY;
    /// `macaddr`, 6 bytes
    MacAddr = "macaddr", MACADDR, MACADDR_ARRAY;
    /// `macaddr8`, 8 bytes
    MacAddr8 = "macaddr8", MACADDR8, MACADDR8_ARRAY;
    /// `oid`, the number of an object of the database
    Oid = "oid", OID, OID_ARRAY;
    /// `xid`, the number of a transaction
    Xid = "xid", XID, XID_ARRAY;
    /// `xid8`, the number of a transaction that never comes again
    Xid8 = "xid8", XID8, XID8_ARRAY;
    /// `pg_snapshot`, which transactions are seen
    PgSnapshot = "pg_snapshot", PG_SNAPSHOT, PG_SNAPSHOT_ARRAY;
    /// `pg_lsn`, a place in the log
    PgLsn = "pg_lsn", PG_LSN, PG_LSN_ARRAY;
    /// `jsonpath`
    JsonPath = "jsonpath", JSONPATH, JSONPATH_ARRAY;
    /// `point`
    Point = "point", POINT, POINT_ARRAY;
    /// `line`, without ends
    Line = "line", LINE, LINE_ARRAY;
    /// `lseg`, a line between two points
    Lseg = "lseg", LSEG, LSEG_ARRAY;
    /// `box`, a rectangle
    Box = "box", BOX, BOX_ARRAY;
    /// `path`
    Path = "path", PATH, PATH_ARRAY;
    /// `polygon`
    Polygon = "polygon", POLYGON, POLYGON_ARRAY;
    /// `circle`
    Circle = "circle", CIRCLE, CIRCLE_ARRAY;
    /// `tsvector`, a document for full text search
    TsVector = "tsvector", TS_VECTOR, TS_VECTOR_ARRAY;
    /// `tsquery`, a question for full text search
    TsQuery = "tsquery", TSQUERY, TSQUERY_ARRAY;
    /// `int4range`
    Int4Range = "int4range", INT4_RANGE, INT4_RANGE_ARRAY;
    /// `int8range`
    Int8Range = "int8range", INT8_RANGE, INT8_RANGE_ARRAY;
    /// `numrange`
    NumRange = "numrange", NUM_RANGE, NUM_RANGE_ARRAY;
    /// `tsrange`
    TsRange = "tsrange", TS_RANGE, TS_RANGE_ARRAY;
    /// `tstzrange`
    TsTzRange = "tstzrange", TSTZ_RANGE, TSTZ_RANGE_ARRAY;
    /// `daterange`
    DateRange = "daterange", DATE_RANGE, DATE_RANGE_ARRAY;
    /// `int4multirange`
    Int4MultiRange = "int4multirange", INT4MULTI_RANGE, INT4MULTI_RANGE_ARRAY;
    /// `int8multirange`
    Int8MultiRange = "int8multirange", INT8MULTI_RANGE, INT8MULTI_RANGE_ARRAY;
    /// `nummultirange`
    NumMultiRange = "nummultirange", NUMMULTI_RANGE, NUMMULTI_RANGE_ARRAY;
    /// `tsmultirange`
    TsMultiRange = "tsmultirange", TSMULTI_RANGE, TSMULTI_RANGE_ARRAY;
    /// `tstzmultirange`
    TsTzMultiRange = "tstzmultirange", TSTZMULTI_RANGE, TSTZMULTI_RANGE_ARRAY;
    /// `datemultirange`
    DateMultiRange = "datemultirange", DATEMULTI_RANGE, DATEMULTI_RANGE_ARRAY;
}

impl SqlType {
    /// The wire type of a batch of values. One of arrays is an array of their texts, because an array has no arrays of
    /// different lengths in it, and one of composites as well, because `UNNEST` would take them apart.
    pub fn array(self) -> Type {
        if self.is_batched_as_texts() { Type::TEXT_ARRAY } else { self.array_type() }
    }

    /// Whether a batch of values is an array of their texts, which the statement casts one by one.
    pub(crate) fn is_batched_as_texts(self) -> bool {
        matches!(self, Self::Array(_)) || self.travels_as_text()
    }

    /// What a batch is called in SQL text, without `[]`.
    pub(crate) fn batch_name(self) -> &'static str {
        if self.is_batched_as_texts() { "text" } else { self.name() }
    }

    /// What an element of a batch has to be cast to.
    pub(crate) fn batch_cast(self) -> Option<&'static str> {
        self.is_batched_as_texts().then(|| self.name())
    }

    /// Whether a value travels as its text: its binary form holds numbers of types that only the database knows.
    pub(crate) fn travels_as_text(self) -> bool {
        match self {
            Self::Array(_) => is_named(&self.element()),
            Self::Named(ty) => ty.travels_as_text(),
            _ => false,
        }
    }

    /// What an array of this type is made of, whatever its dimensions; a type that is no array is its own.
    pub(crate) const fn item(self) -> Self {
        match self {
            Self::Array(item) => item.item(),
            single => single,
        }
    }

    /// What stands between the values in the text of an array.
    pub(crate) const fn separator(self) -> char {
        match self.item() {
            Self::Box => ';', // of two points, which have commas
            Self::Named(ty) => ty.separator(),
            _ => ',',
        }
    }

    /// Whether values of this type can be read where the database says that they have that one.
    ///
    /// ```
    /// use orm_core::types::SqlType;
    /// use postgres_types::Type;
    /// assert!(SqlType::Text.reads(&Type::VARCHAR) && !SqlType::Text.reads(&Type::INT4));
    /// assert!(SqlType::Array(&SqlType::BigInt).reads(&Type::INT8_ARRAY));
    /// ```
    #[inline]
    pub fn reads(self, ty: &Type) -> bool {
        // What nearly every column is: one comparison where the type is known to the compiler.
        self.is_plainly(ty) || self.reads_otherwise(ty)
    }

    /// Whether a type of the server is the one that this one is written as, and no other by which it can be read, too.
    #[inline]
    pub(crate) fn is_plainly(self, ty: &Type) -> bool {
        !matches!(self, Self::Array(_) | Self::Named(_)) && self.element() == *ty
    }

    #[inline(never)]
    fn reads_otherwise(self, ty: &Type) -> bool {
        let ty = without_domain(ty);
        match self {
            Self::Array(_) => matches!(ty.kind(), Kind::Array(item) if self.item().reads(item)),
            Self::Named(named) => named.reads(ty),
            Self::Text => TEXTS.contains(ty) || ty.name() == "citext",
            Self::Oid => *ty == Type::OID || NAMED_NUMBERS.contains(ty),
            Self::PgSnapshot => matches!(*ty, Type::PG_SNAPSHOT | Type::TXID_SNAPSHOT),
            Self::VarBit => matches!(*ty, Type::VARBIT | Type::BIT),
            Self::Inet => matches!(*ty, Type::INET | Type::CIDR),
            Self::Json | Self::Jsonb => matches!(*ty, Type::JSONB | Type::JSON),
            single => single.element() == *ty,
        }
    }

    /// Whether values of the program can be finer than what the database keeps: times, and what is made of them.
    pub(crate) fn holds_times(self) -> bool {
        match self.item() {
            Self::Time | Self::TimeTz | Self::Timestamp | Self::TimestampTz => true,
            Self::TsRange | Self::TsTzRange | Self::TsMultiRange | Self::TsTzMultiRange => true,
            Self::Named(ty) => ty.parts().into_iter().any(Self::holds_times),
            _ => false,
        }
    }

    /// Whether PostgreSQL can fill such a column from a sequence.
    pub const fn is_integer(self) -> bool {
        matches!(self, Self::SmallInt | Self::Integer | Self::BigInt)
    }
}

/// The types whose values are numbers of objects, and are shown as their names.
const NAMED_NUMBERS: [Type; 11] = [
    Type::REGCLASS,
    Type::REGCOLLATION,
    Type::REGCONFIG,
    Type::REGDICTIONARY,
    Type::REGNAMESPACE,
    Type::REGOPER,
    Type::REGOPERATOR,
    Type::REGPROC,
    Type::REGPROCEDURE,
    Type::REGROLE,
    Type::REGTYPE,
];

/// The types whose binary form is their text.
const TEXTS: [Type; 5] = [Type::TEXT, Type::VARCHAR, Type::BPCHAR, Type::NAME, Type::UNKNOWN];

/// The type that values of a domain have on the wire.
pub(crate) fn without_domain(ty: &Type) -> &Type {
    match ty.kind() {
        Kind::Domain(base) => without_domain(base),
        _ => ty,
    }
}

/// Whether only the database knows the number of a type: values say it by a cast, and arrays travel as text.
pub(crate) fn is_named(ty: &Type) -> bool {
    ty.oid() == 0
}

impl fmt::Display for SqlType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
