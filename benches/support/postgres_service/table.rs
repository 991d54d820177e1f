//! The tables, and the one statement that writes a request.

use tokio_postgres::types::Type;

/// Articles (1), sources (2) and claims (3), with the whole record in one column; figures apart, since a claim has several.
/// One index for each filter that is measured (by source; by entity and metric; figures by metric and range), and the same
/// unique keys as claimdb's. Records refer to sources and articles by the hash of what they are found by, so that a request
/// is written without asking first. Of the indexes by range, one on the range alone was best when they were compared.
pub(super) const TABLES: &str = "
CREATE TABLE records (
    number bigint PRIMARY KEY,
    type smallint NOT NULL,
    name text,
    identity text,
    digest bigint,
    article bigint,
    sources bigint[],
    entities bigint[],
    metrics bigint[],
    payload bytea NOT NULL
);
CREATE UNIQUE INDEX ON records (name) WHERE name IS NOT NULL;
CREATE UNIQUE INDEX ON records (identity) WHERE identity IS NOT NULL;
CREATE UNIQUE INDEX ON records (digest) WHERE digest IS NOT NULL;
CREATE INDEX ON records USING gin (sources) WHERE type = 3;
CREATE INDEX ON records USING gin (entities, metrics) WHERE type = 3;
CREATE TABLE figures (
    claim bigint NOT NULL,
    place smallint NOT NULL,
    metric bigint NOT NULL,
    bounds numrange NOT NULL,
    PRIMARY KEY (claim, place)
);
CREATE INDEX ON figures (metric, claim DESC, place);
CREATE INDEX ON figures USING spgist (bounds);
CREATE SEQUENCE blocks;
";

const RECORD: &str = "number, type, name, identity, digest, article, sources, entities, metrics, payload";
const RECORD_TYPES: [Type; 10] = [
    Type::INT8,
    Type::INT2,
    Type::TEXT,
    Type::TEXT,
    Type::INT8,
    Type::INT8,
    Type::INT8_ARRAY,
    Type::INT8_ARRAY,
    Type::INT8_ARRAY,
    Type::BYTEA,
];
const FIGURE_TYPES: [Type; 6] = [Type::INT8, Type::INT2, Type::INT8, Type::TEXT, Type::TEXT, Type::TEXT];

/// How many rows of each a request comes to: as many statements are prepared as there are shapes.
pub(super) struct Shape {
    /// Articles and sources, which may be there already.
    pub(super) found: usize,
    pub(super) claims: usize,
    pub(super) figures: usize,
}

impl Shape {
    /// The statement; it gives the numbers of those articles and sources that were not there.
    pub(super) fn statement(self) -> (String, Vec<Type>) {
        let mut types = Vec::new();
        let mut parts = vec![if self.found == 0 {
            "made AS (SELECT number FROM records WHERE false)".to_owned()
        } else {
            let rows = rows(&mut types, self.found, &RECORD_TYPES);
            format!("made AS (INSERT INTO records ({RECORD}) VALUES {rows} ON CONFLICT DO NOTHING RETURNING number)")
        }];
        if self.claims > 0 {
            let rows = rows(&mut types, self.claims, &RECORD_TYPES);
            parts.push(format!("said AS (INSERT INTO records ({RECORD}) VALUES {rows})"));
        }
        if self.figures > 0 {
            let rows = rows(&mut types, self.figures, &FIGURE_TYPES);
            parts.push(format!(
                "counted AS (INSERT INTO figures SELECT claim, place, metric, numrange(low::numeric, high::numeric, ends) \
                 FROM (VALUES {rows}) AS given (claim, place, metric, low, high, ends))"
            ));
        }
        (format!("WITH {} SELECT number FROM made", parts.join(", ")), types)
    }
}

/// `($1, $2), ($3, $4)`, going on behind the parameters before.
fn rows(types: &mut Vec<Type>, count: usize, of_row: &[Type]) -> String {
    let row = |_| {
        let first = types.len() + 1;
        types.extend_from_slice(of_row);
        let places: Vec<String> = (first..=types.len()).map(|place| format!("${place}")).collect();
        format!("({})", places.join(", "))
    };
    (0..count).map(row).collect::<Vec<_>>().join(", ")
}
