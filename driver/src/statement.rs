//! What requests execute.

use scylla::statement::prepared::PreparedStatement;

/// A statement that takes values. It outlives its session.
pub(crate) enum Statement {
    Prepared(PreparedStatement),
    /// Each node that gets it prepares it first, in a round trip of its own. `markers` is how many
    /// values it takes.
    Text {
        cql: String,
        markers: usize,
    },
}

impl Statement {
    pub(crate) fn markers(&self) -> usize {
        match self {
            Self::Prepared(prepared) => prepared.get_variable_col_specs().len(),
            Self::Text { markers, .. } => *markers,
        }
    }
}

pub(crate) fn unprepared(cql: &str, markers: usize) -> Box<Statement> {
    Box::new(Statement::Text {
        cql: cql.to_owned(),
        markers,
    })
}
