//! Bound values on their way into a request.

use std::fmt;

use scylla::serialize::SerializationError;
use scylla::serialize::batch::{BatchValues, BatchValuesIterator};
use scylla::serialize::row::{RowSerializationContext, SerializeRow};
use scylla::serialize::writers::{CellWriter, RowWriter};

use crate::bridge::ffi::{Value, ValueKind};

/// A value is over the 2 GiB of the protocol, or their number is not the statement's.
#[derive(Debug)]
pub(crate) struct BadValues(&'static str);

impl fmt::Display for BadValues {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.0)
    }
}

impl std::error::Error for BadValues {}

const TOO_LONG: BadValues = BadValues("a bound value is longer than 2 GiB");
const WRONG_COUNT: BadValues =
    BadValues("the number of bound values is not that of the statement's markers");

/// The values of one execution, borrowed from C++.
pub(crate) struct RowValues<'a>(pub(crate) &'a [Value<'a>]);

impl SerializeRow for RowValues<'_> {
    fn serialize(
        &self,
        context: &RowSerializationContext<'_>,
        writer: &mut RowWriter,
    ) -> Result<(), SerializationError> {
        if self.0.len() != context.columns().len() {
            return Err(SerializationError::new(WRONG_COUNT));
        }
        for value in self.0 {
            write_value(value, writer.make_cell_writer()).map_err(SerializationError::new)?;
        }
        Ok(())
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn write_value(value: &Value<'_>, cell: CellWriter<'_>) -> Result<(), BadValues> {
    let written = match value.kind {
        ValueKind::Bytes => cell.set_value(value.bytes),
        ValueKind::Int => cell.set_value(&(value.number as i32).to_be_bytes()),
        ValueKind::BigInt => cell.set_value(&value.number.to_be_bytes()),
        _ => return write_texts(value, cell),
    };
    written.map(drop).map_err(|_| TOO_LONG)
}

fn write_texts(value: &Value<'_>, cell: CellWriter<'_>) -> Result<(), BadValues> {
    let count = i32::try_from(value.texts.len()).map_err(|_| TOO_LONG)?;
    let mut list = cell.into_value_builder();
    list.append_bytes(&count.to_be_bytes());
    for text in value.texts {
        list.make_sub_writer()
            .set_value(text.bytes)
            .map_err(|_| TOO_LONG)?;
    }
    list.finish().map(drop).map_err(|_| TOO_LONG)
}

/// The values of the rows of a batch, copied out of C++ in the form of the protocol: the driver
/// writes them on its own thread.
pub(crate) struct BatchRows {
    cells: Vec<u8>,
    /// Where each row ends in `cells`.
    ends: Vec<usize>,
    columns: usize,
}

impl BatchRows {
    /// `values` are those of all rows, one row of `columns` after the other.
    pub(crate) fn copy(values: &[Value<'_>], columns: usize) -> Result<Self, BadValues> {
        if columns == 0 || values.is_empty() || !values.len().is_multiple_of(columns) {
            return Err(WRONG_COUNT);
        }
        let size = values.iter().map(|value| value.bytes.len() + 16).sum();
        let mut rows = Self {
            cells: Vec::with_capacity(size),
            ends: Vec::new(),
            columns,
        };
        for row in values.chunks_exact(columns) {
            for value in row {
                write_value(value, CellWriter::new(&mut rows.cells))?;
            }
            rows.ends.push(rows.cells.len());
        }
        Ok(rows)
    }

    pub(crate) fn count(&self) -> usize {
        self.ends.len()
    }
}

/// The same for one execution, for where the driver writes the values on its own thread too.
pub(crate) struct OneRow(BatchRows);

impl OneRow {
    pub(crate) fn copy(values: &[Value<'_>], columns: usize) -> Result<Self, BadValues> {
        if values.len() != columns {
            return Err(WRONG_COUNT);
        }
        BatchRows::copy(values, columns).map(Self)
    }
}

impl SerializeRow for OneRow {
    fn serialize(
        &self,
        context: &RowSerializationContext<'_>,
        writer: &mut RowWriter,
    ) -> Result<(), SerializationError> {
        let mut rows = self.0.batch_values_iter();
        rows.serialize_next(context, writer).unwrap_or(Ok(()))
    }

    fn is_empty(&self) -> bool {
        false
    }
}

impl BatchValues for BatchRows {
    type BatchValuesIter<'r> = BatchRowsIterator<'r>;

    fn batch_values_iter(&self) -> Self::BatchValuesIter<'_> {
        BatchRowsIterator {
            rows: self,
            next: 0,
        }
    }
}

pub(crate) struct BatchRowsIterator<'r> {
    rows: &'r BatchRows,
    next: usize,
}

impl<'r> BatchRowsIterator<'r> {
    fn advance(&mut self) -> Option<&'r [u8]> {
        let end = *self.rows.ends.get(self.next)?;
        let begin = if self.next == 0 {
            0
        } else {
            self.rows.ends[self.next - 1]
        };
        self.next += 1;
        Some(&self.rows.cells[begin..end])
    }
}

impl<'r> BatchValuesIterator<'r> for BatchRowsIterator<'r> {
    fn serialize_next(
        &mut self,
        context: &RowSerializationContext<'_>,
        writer: &mut RowWriter,
    ) -> Option<Result<(), SerializationError>> {
        let mut row = self.advance()?;
        if context.columns().len() != self.rows.columns {
            return Some(Err(SerializationError::new(WRONG_COUNT)));
        }
        while let Some((length, rest)) = row.split_first_chunk::<4>() {
            let (value, rest) = rest.split_at(u32::from_be_bytes(*length) as usize);
            if writer.make_cell_writer().set_value(value).is_err() {
                return Some(Err(SerializationError::new(TOO_LONG)));
            }
            row = rest;
        }
        Some(Ok(()))
    }

    fn is_empty_next(&mut self) -> Option<bool> {
        self.advance().map(<[u8]>::is_empty)
    }

    fn skip_next(&mut self) -> Option<()> {
        self.advance().map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bridge::ffi::Text;

    fn bytes(bytes: &[u8]) -> Value<'_> {
        Value {
            kind: ValueKind::Bytes,
            bytes,
            texts: &[],
            number: 0,
        }
    }

    fn written(value: &Value<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        write_value(value, CellWriter::new(&mut out)).unwrap();
        out
    }

    #[test]
    fn values_are_written_as_the_protocol_wants_them() {
        assert_eq!(written(&bytes(b"ab")), b"\0\0\0\x02ab");
        assert_eq!(written(&bytes(b"")), b"\0\0\0\0");
        let number = |kind, number| Value {
            kind,
            bytes: &[],
            texts: &[],
            number,
        };
        assert_eq!(
            written(&number(ValueKind::Int, -2)),
            b"\0\0\0\x04\xff\xff\xff\xfe"
        );
        assert_eq!(
            written(&number(ValueKind::BigInt, 258)),
            b"\0\0\0\x08\0\0\0\0\0\0\x01\x02"
        );
        let texts = [Text { bytes: b"a" }, Text { bytes: b"" }];
        let list = Value {
            kind: ValueKind::Texts,
            bytes: &[],
            texts: &texts,
            number: 0,
        };
        assert_eq!(written(&list), b"\0\0\0\x0d\0\0\0\x02\0\0\0\x01a\0\0\0\0");
    }

    #[test]
    fn a_batch_keeps_its_rows_apart() {
        let values = [bytes(b"k1"), bytes(b""), bytes(b"k2"), bytes(b"v2")];
        let rows = BatchRows::copy(&values, 2).unwrap();
        assert_eq!(rows.count(), 2);
        let mut all = rows.batch_values_iter();
        assert_eq!(all.advance(), Some(&b"\0\0\0\x02k1\0\0\0\0"[..]));
        assert_eq!(all.advance(), Some(&b"\0\0\0\x02k2\0\0\0\x02v2"[..]));
        assert_eq!(all.advance(), None);
    }

    #[test]
    fn a_batch_of_half_a_row_is_refused() {
        assert!(BatchRows::copy(&[bytes(b"k")], 2).is_err());
        assert!(BatchRows::copy(&[], 2).is_err());
        assert!(BatchRows::copy(&[bytes(b"k")], 0).is_err());
    }
}
